// The networks of a text: one that turns it into numbers, and one that gives each place's symbol, from
// the symbols before or from the latent alone.
import { concat, type Tensor } from "../../graph/index.ts";
import { type Activation, layerNorm } from "../layers.ts";
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
    const deep = halved(parameters, name, x, network.channels, activation);
    const h = layerNorm(parameters, `${name}.norm`, deep);
    const [rows, blocks, channels] = h.shape as [number, number, number];
    const size = padded.shape[1]! / blocks;
    const there = padded.cast("float32").reshape([rows, blocks, size]).max(2, true).greater(0);
    const flat = h.mul(there.cast("float32")).reshape([rows, blocks * channels]);
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

/** Channels of the layers that a latent is unfolded by, from all places inwards. */
const foldsOf = (network: TextNetwork): readonly number[] =>
  network.kind === "conv" ? network.channels : [network.width, network.width, network.width];

/** Numbers that each block of the decoder is told. */
const toldOf = (network: TextNetwork): readonly number[] =>
  network.kind === "conv"
    ? network.channels.toReversed()
    : new Array<number>(network.layers).fill(network.width);

const sum = (sizes: readonly number[]) => sizes.reduce((total, size) => total + size, 0);

/** Numbers that the decoder's networks take of a row. */
export function contextSize({ length, network }: TextShape): number {
  const folds = foldsOf(network);
  return sum(toldOf(network)) + Math.ceil(length / 2 ** folds.length) * folds.at(-1)!;
}

/** What a decoder knows of a row beside its symbols. */
export interface Told {
  /** For each of its blocks, `(batch, n)`. */
  blocks: Tensor[];
  /** For each place, `(batch, places, width)`. */
  places: Tensor;
}

/**
 * What the context says of every place: unfolded by layers that double their number (Semeniuta,
 * Severyn and Barth 2017, A Hybrid Convolutional Variational Autoencoder for Text Generation, §3).
 * @param places as many as are needed, from the first on.
 */
export function unfold(
  parameters: Parameters,
  name: string,
  context: Tensor,
  places: number,
  { network, activation }: TextShape,
): Told {
  const [told, folds] = [toldOf(network), foldsOf(network)];
  const last = folds.at(-1)!;
  const some = Math.ceil(places / 2 ** folds.length);
  // Of the size of a symbol's numbers from the start: what whispers is not learned from.
  const clear = layerNorm(parameters, `${name}.context`, context);
  const folded = clear.slice(1, sum(told), sum(told) + some * last);
  const start = folded.reshape([context.shape[0]!, some, last]);
  return {
    blocks: clear.slice(1, 0, sum(told)).split(1, told),
    places: doubled(parameters, name, start, folds, activation).slice(1, 0, places),
  };
}

/** All that is told of the whole text, `(batch, n)`. */
export function joinTold({ blocks, places }: Told): Tensor {
  const [rows, length, width] = places.shape as [number, number, number];
  return concat([...blocks, places.reshape([rows, length * width])], 1);
}

/** Numbers of what `joinTold` gives. */
export const toldSize = ({ network, length }: TextShape) =>
  sum(toldOf(network)) + length * widthOf(network);

/** The same taken apart again. */
export function splitTold(joined: Tensor, { network, length }: TextShape): Told {
  const width = widthOf(network);
  const parts = joined.split(1, [...toldOf(network), length * width]);
  return {
    blocks: parts.slice(0, -1),
    places: parts.at(-1)!.reshape([joined.shape[0]!, length, width]),
  };
}

/**
 * What the symbol of each place at hand is told by, `(batch, places, width)`.
 * @param before codes of the symbols before, int32 `(batch, places)`; of one-shot decoding null.
 */
export function decodeText(
  parameters: Parameters,
  name: string,
  told: Told,
  before: Tensor | null,
  depth: number,
  view: View,
  { length, network, activation }: TextShape,
): Tensor {
  const width = widthOf(network);
  const place = placed(parameters, name, view, length, width);
  const silent = view.rows(told.places).add(place);
  const symbols = () => parameters.define(`${name}.embedding`, [depth, width], { uniform: 1 });
  const x = before ? silent.add(symbols().gather(0, before)) : silent;
  const through = network.kind === "conv" ? convolved : transformed;
  return through(parameters, name, x, told.blocks, view, activation);
}
