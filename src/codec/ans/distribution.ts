// What values are coded by: families of distributions, with their parameters as networks emit them.

export const densities = [
  "gaussian",
  "laplace",
  "student-t",
  "gaussian-mixture",
  "log-normal",
  "gamma",
  "continuous-bernoulli",
  "hurdle-log-normal",
] as const;
export const countFamilies = [
  "poisson",
  "negative-binomial",
  "zero-inflated-negative-binomial",
] as const;

/** Where the numbers of a density may stand: of value i, `lows[i] + k · steps[i]`, k from 0 to `counts[i]` - 1. */
export interface Grid {
  lows: Float64Array;
  steps: Float64Array;
  counts: Float64Array;
}

/** Channels of images are coded one after the other, each in raster order. */
export interface ImageShape {
  channels: number;
  height: number;
  width: number;
}

/** A correction of each pixel's distribution by those before it: see ./assembly/warp.ts. */
export interface Warp {
  shape: ImageShape;
  /** As the kernels take them: of the hidden layer, its biases, of the outputs, their biases. */
  weights: Float32Array;
}

/** The distribution of n values, by what networks emit: n numbers, or n times as many as they have. */
export type Distribution = { parameters: readonly Float32Array[]; warp?: Warp | null } & (
  | { family: "bernoulli" }
  | { family: "categorical" | "ordinal"; levels: number }
  | { family: "discretized-logistic"; levels: number }
  | { family: "discretized-logistic-mixture"; levels: number; components: number }
  | { family: "beta-binomial"; levels: number }
  | { family: (typeof countFamilies)[number] }
  /** Of a number less its column's shift, times its scale; columns take turns. */
  | {
      family: (typeof densities)[number];
      components: number;
      grid: Grid;
      shifts: Float64Array;
      scales: Float64Array;
    }
);
