// The weights of a correction, fitted to pixels by Adam (Kingma and Ba 2015) in exact arithmetic: the same bytes
// on any machine. Not the optimiser of ../../runtime: it raises to powers by the engine's own function.
import { Random } from "../../runtime/random.ts";
import type { ImageShape } from "../ans/distribution.ts";
import { exactProgram } from "../exact/program.ts";
import { warpGraph } from "./graph.ts";
import { batchOf, type PixelBatch, type Pixels } from "./pixels.ts";
import {
  featureCount,
  tensorNames,
  tensorShapes,
  tensorsOf,
  WARPS,
  type WarpTensors,
} from "./weights.ts";

/** Steps, and fewer where they would meet each pixel more often than this. */
const [MOST_STEPS, EPOCHS] = [2400, 24];
const BATCH = 512;
const [BETA1, BETA2, EPSILON] = [0.9, 0.99, 1e-8];
/** Rises to this over the first steps, then falls to nothing in a straight line. */
const RATE = 0.03;
const RISING = 100;
const SEED = 1;

/** Warps that begin as the model's own distribution, moved a little apart so that they can part. */
function initial(shape: ImageShape): WarpTensors {
  const random = new Random(SEED);
  const size = (name: keyof WarpTensors) => {
    const [rows, columns] = tensorShapes(shape)[name];
    return rows * columns;
  };
  const uniform = (name: keyof WarpTensors, stream: number, scale: number) =>
    random.uniform(stream, 0, size(name)).map((u) => scale * (2 * u - 1));
  const outputBias = new Float32Array(size("outputBias"));
  for (let i = 0; i < WARPS; i++) outputBias[WARPS + i] = 0.7 * (i - (WARPS - 1) / 2);
  return {
    hidden: uniform("hidden", 0, Math.sqrt(3 / featureCount(shape))),
    hiddenBias: new Float32Array(size("hiddenBias")),
    output: uniform("output", 1, 0.02),
    outputBias,
  };
}

/** Pixels in batches of BATCH or a few less, in an order that mixes them. */
export function mixed(pixels: Pixels): PixelBatch[] {
  const order = new Random(SEED).permutation(2, 0, pixels.counts.length);
  const count = Math.ceil(order.length / BATCH);
  const begin = (i: number) => Math.floor((i * order.length) / count);
  return Array.from({ length: count }, (_, i) =>
    batchOf(pixels, order.subarray(begin(i), begin(i + 1))),
  );
}

/** Batches without end, each once before any twice. */
function* endless(batches: readonly PixelBatch[]): Generator<PixelBatch> {
  const random = new Random(SEED);
  for (let epoch = 0; ; epoch++) {
    for (const i of random.permutation(3, epoch, batches.length)) yield batches[i]!;
  }
}

/** Nats of all pixels by a correction. */
export function natsBy(
  bytes: Uint8Array,
  batches: readonly PixelBatch[],
  shape: ImageShape,
): number {
  const { nats } = warpGraph(shape);
  const program = exactProgram({ nats }, new Map());
  const tensors = tensorsOf(bytes, shape);
  return batches.reduce(
    (sum, batch) => sum + program.run({ ...batch, ...tensors }, batch.counts.length)["nats"]![0]!,
    0,
  );
}

/** Weights with the first and second moments of their derivatives. */
interface Moments {
  values: Float32Array;
  first: Float64Array;
  second: Float64Array;
}

/**
 * A step of Adam.
 * @param scale what the derivatives in `slope` are multiplied by.
 * @param rate the learning rate over 1 − β₁ᵗ.
 * @param whole 1 over 1 − β₂ᵗ.
 */
function descend(
  { values, first, second }: Moments,
  slope: Float32Array,
  scale: number,
  rate: number,
  whole: number,
): void {
  for (let i = 0; i < values.length; i++) {
    const g = slope[i]! * scale;
    const mean = BETA1 * first[i]! + (1 - BETA1) * g;
    const square = BETA2 * second[i]! + (1 - BETA2) * g * g;
    first[i] = mean;
    second[i] = square;
    values[i] = values[i]! - (rate * mean) / (Math.sqrt(square * whole) + EPSILON);
  }
}

/** The weights by which these pixels take the least nats. */
export function fitWarp(batches: readonly PixelBatch[], shape: ImageShape): WarpTensors {
  const { slopes } = warpGraph(shape);
  const program = exactProgram(Object.fromEntries(slopes.entries()), new Map());
  const tensors = initial(shape);
  const all = tensorNames.map((name): Moments => {
    const values = tensors[name];
    const [first, second] = [new Float64Array(values.length), new Float64Array(values.length)];
    return { values, first, second };
  });
  const pixels = batches.reduce((sum, { counts }) => sum + counts.length, 0);
  const stoodFor = batches.reduce(
    (sum, { counts }) => counts.reduce((part, count) => part + count, sum),
    0,
  );
  let [power1, power2] = [1, 1];
  const source = endless(batches);
  const steps = Math.min(MOST_STEPS, Math.ceil((EPOCHS * pixels) / BATCH));
  for (let step = 0; step < steps; step++) {
    const batch = source.next().value as PixelBatch;
    const found = program.run({ ...batch, ...tensors }, batch.counts.length);
    power1 *= BETA1;
    power2 *= BETA2;
    const rate = (RATE * Math.min(1, (step + 1) / RISING) * (steps - step)) / steps;
    const scale = pixels / (stoodFor * batch.counts.length);
    for (const [t, moments] of all.entries()) {
      descend(moments, found[t] as Float32Array, scale, rate / (1 - power1), 1 / (1 - power2));
    }
  }
  return tensors;
}
