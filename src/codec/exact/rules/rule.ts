// What an operator's rule is given, and makes: a step that computes one tensor of a program.
import type { Tensor } from "../../../graph/tensor.ts";
import type { ExactKernels } from "../module.ts";

/** @param tables where the plan's tables begin. */
export type Step = (tables: number) => void;

export interface Place {
  kernels: ExactKernels;
  /** Where the result goes: float32, int32 (of whole numbers of any type) or truth, 4 bytes each. */
  target: number;
  /** The result's shape at the plan's batch. */
  shape: readonly number[];
  shapeOf(tensor: Tensor): readonly number[];
  address(tensor: Tensor): number;
  /** The address of a matrix that is the same at each run, packed for `matmul`. */
  packed(tensor: Tensor): number | undefined;
  /** Room for so many elements while the step runs. */
  scratch(elements: number): number;
  /** Keeps whole numbers for kernels to read; returns their offset in the plan's tables. */
  table(values: readonly number[]): number;
}

/** Null where there is nothing to compute. */
export type Rule = (node: Tensor, place: Place) => Step | null;

export const count = (shape: readonly number[]): number => shape.reduce((p, d) => p * d, 1);
