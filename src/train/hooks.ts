// What a caller of train hears, and how it stops it.
import type { TrainEvent } from "./events.ts";

export interface TrainHooks {
  /** Told of the start, each epoch, progress inside it, warnings, and the end. */
  onEvent?: (event: TrainEvent) => void;
  /** Stops training at the next step, with a checkpoint. */
  signal?: AbortSignal;
}

/** Hooks of a run that stops where something is found that training anew can better. */
export interface AttendedHooks extends TrainHooks {
  /** Codes whose remedies have been tried, which stop nothing. Default: nothing stops the run. */
  tried?: readonly string[];
}
