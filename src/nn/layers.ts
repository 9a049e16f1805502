// Layers: a function of a tensor that defines its own parameters. Weights begin as PyTorch's do,
// evenly within ±1/√fan-in, biases too (LeCun et al. 1998, Efficient BackProp, section 4.6).
import {
  type ConvolutionOptions,
  sizeOf,
  type Tensor,
  type TransposedConvolutionOptions,
} from "../graph/index.ts";
import type { Parameters } from "./parameters.ts";

export type Activation = "relu" | "tanh" | "sigmoid" | "elu" | "gelu" | "silu" | "leakyRelu";
export const activations: readonly Activation[] = [
  "relu",
  "tanh",
  "sigmoid",
  "elu",
  "gelu",
  "silu",
  "leakyRelu",
];

export function activate(x: Tensor, activation: Activation): Tensor {
  return x[activation]();
}

/**
 * Weights that keep a signal's size through a rectifier begin within ±KEEPING/√fan-in (He et al. 2015,
 * Delving Deep into Rectifiers, equation 10).
 */
export const KEEPING = Math.sqrt(6);

/**
 * `(…, in) → (…, out)`: x·W + b, with W of shape (in, out).
 * @param gain W begins evenly within ±gain/√in.
 */
export function linear(
  parameters: Parameters,
  name: string,
  x: Tensor,
  outputs: number,
  gain = 1,
): Tensor {
  const inputs = x.shape.at(-1)!;
  const bound = 1 / Math.sqrt(inputs);
  const initializer = { uniform: gain * bound };
  const weight = parameters.define(`${name}.weight`, [inputs, outputs], initializer);
  const bias = parameters.define(`${name}.bias`, [outputs], { uniform: bound });
  if (x.rank <= 2) return x.matmul(weight).add(bias);
  // As one matrix of all rows: the product takes up the bias.
  const before = x.shape.slice(0, -1);
  return x
    .reshape([sizeOf(before), inputs])
    .matmul(weight)
    .add(bias)
    .reshape([...before, outputs]);
}

/** Keeps float32 from dividing by zero where all values of a row are equal. */
const EPSILON = 1e-5;

/**
 * `(…, n)` to mean 0 and deviation 1 over the last axis, times a weight, plus a bias (Ba, Kiros and
 * Hinton 2016, Layer Normalization, equation 4).
 */
export function layerNorm(parameters: Parameters, name: string, x: Tensor): Tensor {
  const size = x.shape.at(-1)!;
  const weight = parameters.define(`${name}.weight`, [size], { value: 1 });
  const bias = parameters.define(`${name}.bias`, [size], { value: 0 });
  const centered = x.sub(x.mean(-1, true));
  const inverse = centered.square().mean(-1, true).add(EPSILON).pow(-0.5);
  return centered.mul(inverse).mul(weight).add(bias);
}

/** Several linear layers of one input as one product: `(…, in) → (…, size)` for each size; see `linear`. */
export function linearHeads(
  parameters: Parameters,
  name: string,
  x: Tensor,
  sizes: readonly number[],
  gain = 1,
): Tensor[] {
  const total = sizes.reduce((sum, size) => sum + size, 0);
  return linear(parameters, name, x, total, gain).split(-1, sizes);
}

export interface ConvolutionLayer extends ConvolutionOptions {
  channels: number;
  kernel: number;
  /** Whether its weights begin at 0. Default false. */
  zero?: boolean;
}

/** `(batch, in, …) → (batch, channels, …)`, kernel of shape (channels, in, …). */
export function convolution(
  parameters: Parameters,
  name: string,
  x: Tensor,
  { channels, kernel, zero = false, ...options }: ConvolutionLayer,
): Tensor {
  const inputs = x.shape[1]!;
  const taps = x.shape.slice(2).map(() => kernel);
  const bound = 1 / Math.sqrt(inputs * kernel ** taps.length);
  const initializer = zero ? { value: 0 } : { uniform: bound };
  const weight = parameters.define(`${name}.weight`, [channels, inputs, ...taps], initializer);
  const bias = parameters.define(`${name}.bias`, [channels], initializer);
  return x.conv(weight, options).add(bias.reshape([channels, ...taps.map(() => 1)]));
}

export interface TransposedConvolutionLayer extends TransposedConvolutionOptions {
  channels: number;
  kernel: number;
}

/** `(batch, in, …) → (batch, channels, …)`, kernel of shape (in, channels, …). */
export function transposedConvolution(
  parameters: Parameters,
  name: string,
  x: Tensor,
  { channels, kernel, ...options }: TransposedConvolutionLayer,
): Tensor {
  const inputs = x.shape[1]!;
  const taps = x.shape.slice(2).map(() => kernel);
  // PyTorch takes the fan-in of a transposed kernel from its output channels.
  const initializer = { uniform: 1 / Math.sqrt(channels * kernel ** taps.length) };
  const weight = parameters.define(`${name}.weight`, [inputs, channels, ...taps], initializer);
  const bias = parameters.define(`${name}.bias`, [channels], initializer);
  return x.convTranspose(weight, options).add(bias.reshape([channels, ...taps.map(() => 1)]));
}
