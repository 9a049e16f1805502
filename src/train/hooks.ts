// What a caller of train hears, and how it stops it.
import type { TrainEvent } from "./events.ts";

export interface TrainHooks {
  /** Told of the start, each epoch, progress inside it, warnings, and the end. */
  onEvent?: (event: TrainEvent) => void;
  /** Stops training at the next step, with a checkpoint. */
  signal?: AbortSignal;
}
