// One training step: loss, gradients and the optimiser's update. This file is the contract and
// no more; ./host-trainer.ts updates in WebAssembly memory, ./device-trainer.ts in the graph.
import type { Tensor } from "../graph/index.ts";
import type { Memory } from "./memory.ts";
import type { OptimizerSettings } from "./optimizers.ts";
import type { Slot } from "./slots.ts";

/** One loss and the parameters that it trains. */
export interface StepDefinition {
  /** A scalar to go down. */
  loss: Tensor;
  /** The parameters that follow the loss's gradient; all others stay. */
  parameters: readonly Tensor[];
  /** Scalars to report, in order. */
  metrics: readonly Tensor[];
  /**
   * Parameters that no gradient moves: `change`, summed over workers, is taken from each. They are
   * in no step's `parameters`.
   */
  assignments: readonly { parameter: Tensor; change: Tensor }[];
}

export interface TrainerDefinition {
  /** Steps over disjoint or equal sets of parameters; each parameter is in one set at least. */
  steps: readonly StepDefinition[];
  optimizer: OptimizerSettings;
  /** The norm that the gradient of all parameters of a step is clipped to. Default: no clipping. */
  clipNorm?: number;
  /** Decay of the weights' moving averages, see ./averages.ts. Default: none are kept. */
  averageDecay?: number;
  /** Whether batches may be accumulated. Default: no. */
  accumulates?: boolean;
  /** Most rows in a batch. */
  batch: number;
  /** Threads inside one run. Default 1. */
  threads?: number;
}

export type State = Map<string, Float32Array>;

export interface Trainer {
  /** Where the batch, its noise and the scalars are put before each step. */
  readonly memory: Memory;
  /** The graphs' inputs by name: those of the batch in memory, scalars as one-element views. */
  readonly inputs: ReadonlyMap<string, Slot>;
  /**
   * Runs step `index` on the first `batch` rows of the inputs, and updates its parameters.
   * @param count updates of this step so far, this one included.
   * @returns the metrics; valid until the next call.
   */
  step(index: number, batch: number, count: number, learningRate: number): Promise<Float32Array>;
  /**
   * Copies of the last gradient of step `index`, all workers' together and not clipped, by the names
   * of its parameters; null where gradients stay on the device.
   */
  gradients(index: number): State | null;
  /**
   * Runs step `index` as `step` does and keeps its gradients and metrics, to which the next `step`
   * adds its own before its update. Where the definition accumulates.
   */
  accumulate?(index: number, batch: number): Promise<void>;
  /** Copies of the parameters by name. */
  parameters(): Promise<State>;
  /** Copies of the parameters' moving averages by name; empty where none are kept. */
  averages(): Promise<State>;
  /** Copies of the optimiser's moments, as `MOMENT/PARAMETER`, and averages, `average/PARAMETER`. */
  moments(): Promise<State>;
  /** Puts parameters, moments or averages in place of the present ones. */
  restore(state: ReadonlyMap<string, Float32Array>): Promise<void>;
  release(): Promise<void>;
}

/** Called between gradients and update: sums each part over all workers, in place. */
export type Exchange = (memory: Memory, parts: readonly Slot<"float32">[]) => void;
