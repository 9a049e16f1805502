// Texts through convolutions. The encoder halves the number of places again and again. The decoder is
// a stack of residual blocks whose dilations grow (van den Oord et al. 2016, WaveNet, §2.1), each told
// the latent at every place (Yang et al. 2017, Improved Variational Autoencoders for Text Modeling
// using Dilated Convolutions, §3.2).
import type { Tensor } from "../../graph/index.ts";
import { type Activation, activate, KEEPING, linear } from "../layers.ts";
import type { Parameters } from "../parameters.ts";
import { around, type View } from "./view.ts";

/** `(batch, places, n)`, zeros where nothing is, to `(batch, places / 2^halvings, channels)`. */
export function halved(
  parameters: Parameters,
  name: string,
  x: Tensor,
  channels: readonly number[],
  activation: Activation,
): Tensor {
  const taps = around(x.shape[1]!, null).taps("", x, 1);
  const first = activate(linear(parameters, `${name}.in`, taps, channels[0]!, KEEPING), activation);
  return channels.reduce((h, size, i) => {
    const [batch, places, width] = h.shape as [number, number, number];
    const pairs = h.reshape([batch, places / 2, 2 * width]);
    return activate(linear(parameters, `${name}.halve${i}`, pairs, size, KEEPING), activation);
  }, first);
}

/** The mirror image: `(batch, places, n)` to `(batch, places · 2^doublings, channels[0])`. */
export function doubled(
  parameters: Parameters,
  name: string,
  x: Tensor,
  channels: readonly number[],
  activation: Activation,
): Tensor {
  return channels.reduceRight((h, _, i) => {
    const [batch, places] = h.shape as [number, number];
    const width = channels[Math.max(0, i - 1)]!;
    const pairs = activate(
      linear(parameters, `${name}.double${i}`, h, 2 * width, KEEPING),
      activation,
    );
    return pairs.reshape([batch, 2 * places, width]);
  }, x);
}

/**
 * Residual blocks over `(batch, places, width)`, the i-th with dilation 2^i.
 * @param told of each block: what is added inside, `(batch, channels)`.
 */
export function convolved(
  parameters: Parameters,
  name: string,
  x: Tensor,
  told: readonly Tensor[],
  view: View,
  activation: Activation,
): Tensor {
  const width = x.shape[2]!;
  const blocks = told.reduce((h, each, i) => {
    const channels = each.shape[1]!;
    const taps = view.taps(`${i}`, activate(h, activation), 2 ** i);
    const inner = linear(parameters, `${name}.block${i}`, taps, channels, KEEPING).add(
      each.reshape([each.shape[0]!, 1, channels]),
    );
    return h.add(linear(parameters, `${name}.mix${i}`, activate(inner, activation), width));
  }, x);
  return activate(blocks, activation);
}
