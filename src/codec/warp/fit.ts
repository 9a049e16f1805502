// The weights of a correction, fitted to pixels by Adam (Kingma and Ba 2015) in exact arithmetic: the same bytes
// on any machine. Not the optimiser of ../../runtime: it raises to powers by the engine's own function.
import { Random } from "../../runtime/random.ts";
import type { ImageShape } from "../ans/distribution.ts";
import { exactProgram } from "../exact/program.ts";
import { warpGraph } from "./graph.ts";
import { type Pixels, pickPixels } from "./pixels.ts";
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

/** Batches of places without end, each pixel once before any twice. */
function* batches(count: number): Generator<Uint32Array> {
  const random = new Random(SEED);
  for (let epoch = 0; ; epoch++) {
    const order = random.permutation(2, epoch, count);
    for (let from = 0; from + BATCH <= count || from === 0; from += BATCH) {
      yield order.subarray(from, from + BATCH);
    }
  }
}

/** Nats of all pixels by a correction. */
export function natsBy(bytes: Uint8Array, pixels: Pixels, shape: ImageShape): number {
  const { nats } = warpGraph(shape);
  const program = exactProgram({ nats }, new Map());
  const tensors = tensorsOf(bytes, shape);
  const count = pixels.counts.length;
  let sum = 0;
  for (let from = 0; from < count; from += BATCH) {
    const places = Uint32Array.from({ length: Math.min(BATCH, count - from) }, (_, i) => from + i);
    const some = pickPixels(pixels, places);
    sum += program.run({ ...some, ...tensors }, places.length)["nats"]![0]!;
  }
  return sum;
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
export function fitWarp(pixels: Pixels, shape: ImageShape): WarpTensors {
  const { slopes } = warpGraph(shape);
  const program = exactProgram(Object.fromEntries(slopes.entries()), new Map());
  const tensors = initial(shape);
  const all = tensorNames.map((name): Moments => {
    const values = tensors[name];
    const [first, second] = [new Float64Array(values.length), new Float64Array(values.length)];
    return { values, first, second };
  });
  const count = pixels.counts.length;
  const mean = pixels.counts.reduce((sum, each) => sum + each, 0) / count;
  let [power1, power2] = [1, 1];
  const source = batches(count);
  const steps = Math.min(MOST_STEPS, Math.ceil((EPOCHS * count) / BATCH));
  for (let step = 0; step < steps; step++) {
    const places = source.next().value as Uint32Array;
    const found = program.run({ ...pickPixels(pixels, places), ...tensors }, places.length);
    power1 *= BETA1;
    power2 *= BETA2;
    const rate = (RATE * Math.min(1, (step + 1) / RISING) * (steps - step)) / steps;
    const scale = 1 / (mean * places.length);
    for (const [t, moments] of all.entries()) {
      descend(moments, found[t] as Float32Array, scale, rate / (1 - power1), 1 / (1 - power2));
    }
  }
  return tensors;
}
