// The networks of a text: one that turns it into numbers, and one that gives each place's symbol, from
// the symbols before or from the latent alone.
import { BATCH, type Tensor } from "../../graph/index.ts";
import type { Activation } from "../layers.ts";
import type { Parameters } from "../parameters.ts";
import { convolved, doubled, halved } from "./convolutional.ts";
import { gathered, placed, transformed } from "./transformer.ts";
import { around, type View } from "./view.ts";

/** Channels of each halving, mirrored by the decoder's blocks; or blocks of one width. */
export type TextNetwork =
  | { kind: "conv"; channels: readonly number[] }
  | { kind: "transformer"; width: number; layers: number };

/** Each symbol from those before it, or all at once (Gu et al. 2018, Non-Autoregressive NMT). */
export type Decoding = "autoregressive" | "one-shot";
export const decodings: readonly Decoding[] = ["autoregressive", "one-shot"];

export interface TextShape {
  /** Places of a whole text. */
  length: number;
  network: TextNetwork;
  decoding: Decoding;
  activation: Activation;
}

/** Numbers that stand for a symbol in a convolutional encoder. */
const EMBEDDING = 32;

/** Places that the network makes of `places`: its halvings leave no rest. */
function whole(places: number, network: TextNetwork): number {
  const step = network.kind === "conv" ? 2 ** network.channels.length : 1;
  return Math.ceil(places / step) * step;
}

/** Numbers that stand for a symbol inside a decoder. */
const widthOf = (network: TextNetwork) =>
  network.kind === "conv" ? network.channels[0]! : network.width;

/**
 * Codes int32 `(batch, places)` to `(batch, n)`, with n the same however many places are cut off
 * behind the longest text.
 */
export function encodeText(
  parameters: Parameters,
  name: string,
  codes: Tensor,
  depth: number,
  { length, network, activation }: TextShape,
): Tensor {
  const places = codes.shape[1]!;
  if (network.kind === "conv") {
    const padded = codes.pad(1, 0, whole(places, network) - places);
    const table = parameters.define(`${name}.embedding`, [depth - 1, EMBEDDING], { uniform: 1 });
    // Zeros behind the end, as beyond the last place.
    const x = table.pad(0, 1, 0).gather(0, padded);
    const h = halved(parameters, name, x, network.channels, activation);
    const [, blocks, channels] = h.shape as [number, number, number];
    const size = padded.shape[1]! / blocks;
    const there = padded.cast("float32").reshape([BATCH, blocks, size]).max(2, true).greater(0);
    const flat = h.mul(there.cast("float32")).reshape([BATCH, blocks * channels]);
    return flat.pad(1, 0, (whole(length, network) / size - blocks) * channels);
  }
  const { width, layers } = network;
  const table = parameters.define(`${name}.embedding`, [depth, width], { uniform: 1 });
  const view = around(places, opened(codes).greater(0));
  const x = table.gather(0, codes).add(placed(parameters, name, view, length, width));
  const told = new Array<null>(layers).fill(null);
  const h = transformed(parameters, name, x, told, view, activation);
  return gathered(parameters, name, h, view);
}

/** 1 at the symbols of a text and at its end, 0 behind it: `(batch, places)`. */
export function opened(codes: Tensor): Tensor {
  return codes
    .greater(0)
    .cast("float32")
    .slice(1, 0, codes.shape[1]! - 1)
    .pad(1, 1, 0, 1);
}

/** Numbers that the decoder takes of a row. */
export function contextSize({ length, network, decoding }: TextShape): number {
  if (network.kind === "transformer") return network.layers * network.width;
  const told = network.channels.reduce((sum, size) => sum + size, 0);
  if (decoding === "autoregressive") return told;
  const { channels } = network;
  return told + (whole(length, network) / 2 ** channels.length) * channels.at(-1)!;
}

/**
 * What the symbol of each place at hand is told by, `(batch, places, width)`.
 * @param before codes of the symbols before, int32 `(batch, places)`; of one-shot decoding null.
 * @param shown 1 where a symbol before is shown and 0 where not, `(batch, places, 1)`; null: all are.
 */
export function decodeText(
  parameters: Parameters,
  name: string,
  context: Tensor,
  before: { codes: Tensor; shown: Tensor | null } | null,
  depth: number,
  view: View,
  { length, network, activation }: TextShape,
): Tensor {
  const width = widthOf(network);
  const place = placed(parameters, name, view, length, width);
  const symbols = () => {
    const table = parameters.define(`${name}.embedding`, [depth, width], { uniform: 1 });
    const known = table.gather(0, before!.codes);
    return (before!.shown ? known.mul(before!.shown) : known).add(place);
  };
  if (network.kind === "transformer") {
    const told = context.split(1, new Array<number>(network.layers).fill(width));
    const x = before
      ? symbols()
      : place.reshape([1, length, width]).broadcastTo([BATCH, length, width]);
    return transformed(parameters, name, x, told, view, activation);
  }
  const inner = network.channels.toReversed();
  const told = inner.reduce((sum, size) => sum + size, 0);
  const parts = context.slice(1, 0, told).split(1, inner);
  if (before) return convolved(parameters, name, symbols(), parts, view, activation);
  const last = network.channels.at(-1)!;
  const folded = context.slice(1, told, context.shape[1]!);
  const start = folded.reshape([BATCH, folded.shape[1]! / last, last]);
  const x = doubled(parameters, name, start, network.channels, activation);
  return convolved(parameters, name, x.slice(1, 0, length).add(place), parts, view, activation);
}
