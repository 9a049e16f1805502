// Linear models that others are measured against: ridge regression (Hoerl and Kennard 1970) and
// multinomial logistic regression with the same penalty, ½ |W|² beside the sum over rows, none on
// the bias. The sums are a graph of the device; the minimum is found on the host.
import { BATCH, gradients, input, type Tensor, toOnnx } from "../graph/index.ts";
import type { Device } from "../runtime/device.ts";
import { Runner } from "../runtime/runner.ts";
import type { Slot } from "../runtime/slots.ts";
import { minimize } from "./lbfgs.ts";

export interface LinearModel {
  /** `(size, outputs)`, row-major. */
  weights: Float64Array;
  /** `(outputs)`. */
  bias: Float64Array;
}

/** Rows `(rows, size)` and what is told of each, `(rows, outputs)`: numbers, or one-hot levels. */
export interface Told {
  rows: number;
  inputs: Float32Array;
  truths: Float32Array;
}

/** Of a mean gradient on the scale of standardised inputs: past it no figure that is told moves. */
const TOLERANCE = 1e-5;
const MOST_STEPS = 500;

const losses = {
  ridge: (scores: Tensor, truths: Tensor) => scores.sub(truths).square().mul(0.5).sum(1),
  logistic: (scores: Tensor, truths: Tensor) => scores.logSumExp(1).sub(scores.mul(truths).sum(1)),
} as const;

export async function fitLinearModel(
  device: Device,
  threads: number,
  kind: keyof typeof losses,
  { rows, inputs, truths }: Told,
): Promise<LinearModel> {
  const [size, outputs] = [inputs.length / rows, truths.length / rows];
  const weights = input("weights", [size, outputs]);
  const bias = input("bias", [outputs]);
  const scores = input("inputs", [BATCH, size]).matmul(weights).add(bias);
  const loss = losses[kind](scores, input("truths", [BATCH, outputs])).sum();
  const [ofWeights, ofBias] = gradients(loss, [weights, bias]) as [Tensor, Tensor];
  const runner = await Runner.create(device, toOnnx({ loss, ofWeights, ofBias }), {
    ...{ batch: rows, threads, sumsRows: true },
  });
  try {
    const view = (name: string) => runner.memory.view(runner.inputs.get(name) as Slot<"float32">);
    view("inputs").set(inputs);
    view("truths").set(truths);
    const count = size * outputs;
    const best = await minimize(
      async (x) => {
        const own = x.subarray(0, count);
        view("weights").set(own);
        view("bias").set(x.subarray(count));
        await runner.run(rows);
        const penalty = own.reduce((sum, value) => sum + value ** 2, 0) / 2;
        const gradient = new Float64Array(x.length);
        for (const [j, value] of runner.output("ofWeights").entries()) {
          gradient[j] = (value + x[j]!) / rows;
        }
        for (const [k, value] of runner.output("ofBias").entries()) {
          gradient[count + k] = value / rows;
        }
        return { value: (runner.output("loss")[0]! + penalty) / rows, gradient };
      },
      new Float64Array(count + outputs),
      TOLERANCE,
      MOST_STEPS,
    );
    return { weights: best.slice(0, count), bias: best.slice(count) };
  } finally {
    await runner.release();
  }
}

/** `(rows, outputs)`: numbers, or logits. */
export function linearScores({ weights, bias }: LinearModel, inputs: Float32Array): Float64Array {
  const outputs = bias.length;
  const size = weights.length / outputs;
  const rows = inputs.length / size;
  const scores = new Float64Array(rows * outputs);
  for (let i = 0; i < rows; i++) {
    scores.set(bias, i * outputs);
    for (let j = 0; j < size; j++) {
      const value = inputs[i * size + j]!;
      if (value === 0) continue;
      for (let k = 0; k < outputs; k++) {
        scores[i * outputs + k]! += value * weights[j * outputs + k]!;
      }
    }
  }
  return scores;
}

/** Logits as probabilities, `(rows, outputs)` both. */
export function softmaxRows(logits: Float64Array, outputs: number): Float64Array {
  const shares = new Float64Array(logits.length);
  for (let start = 0; start < logits.length; start += outputs) {
    const own = logits.subarray(start, start + outputs);
    const peak = own.reduce((most, value) => Math.max(most, value), -Infinity);
    const powers = own.map((value) => Math.exp(value - peak));
    const sum = powers.reduce((total, value) => total + value, 0);
    shares.set(
      powers.map((value) => value / sum),
      start,
    );
  }
  return shares;
}
