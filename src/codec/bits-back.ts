// Bits-back coding of a block of rows (Townsend, Bird and Barber 2019, Practical lossless compression with
// latent variables using bits back coding): a row's latents are drawn by popping them under q(z | x),
// then the row is pushed under p(x | z) and they under p(z), so that it takes -ELBO in the mean. The order of
// several levels is that of the method's inference: ./top-down.ts, or ./bit-swap.ts from the row up.
//
// Rows share one stack, some at a time, so that networks see batches: few at first, for the stack holds
// nothing yet to draw latents from, then a share of those that it holds.
import { type Coder, damaged } from "./ans/coder.ts";
import { decodeUp, drawLowest, encodeUp } from "./bit-swap.ts";
import type { BlockModel, RowBatch } from "./block-model.ts";
import { decodeDown, drawDown, encodeDown } from "./top-down.ts";
import type { Symbols } from "./values.ts";

/** The most rows that networks see at once, and of how many rows on the stack one is drawn for. */
const LARGEST = 64;
const SHARE = 8;

/** Where batches of `rows` rows begin and end: a function of their number alone, as decoding needs it. */
export function batchesOf(rows: number): { from: number; to: number }[] {
  const batches: { from: number; to: number }[] = [];
  for (let from = 0; from < rows; ) {
    const wanted = Math.max(1, Math.min(LARGEST, Math.floor(from / SHARE), rows - from));
    const to = from + (1 << (31 - Math.clz32(wanted)));
    batches.push({ from, to });
    from = to;
  }
  return batches;
}

/** Values and latents that one row pushes at most. */
const symbolsOfRow = ({ groups, networks }: BlockModel) =>
  groups.reduce((sum, { values }) => sum + 4 * values, 0) + networks.latent;

/** Draws latents of rows as the decoder takes them, by popping them. */
export function drawLatents(coder: Coder, model: BlockModel, batch: RowBatch): Float32Array {
  const draw = model.networks.upward ? drawLowest : drawDown;
  return draw(coder, model, batch);
}

export function encodeBlock(
  coder: Coder,
  model: BlockModel,
  symbols: readonly Symbols[],
  rows: number,
): Uint8Array {
  const encode = model.networks.upward ? encodeUp : encodeDown;
  coder.begin(rows * symbolsOfRow(model));
  for (const batch of batchesOf(rows)) encode(coder, model, { symbols, ...batch });
  return coder.finish();
}

/**
 * Fills `symbols` in.
 * @param symbols with what was told beforehand: which values are there, grids, and, for distributions by the
 * sum, codes whose rows have that sum.
 * @throws ElboError `archive-damaged`.
 */
export function decodeBlock(
  coder: Coder,
  model: BlockModel,
  bytes: Uint8Array,
  symbols: readonly Symbols[],
  rows: number,
): void {
  const decode = model.networks.upward ? decodeUp : decodeDown;
  coder.reopen(bytes, rows * symbolsOfRow(model));
  for (const batch of batchesOf(rows).reverse()) decode(coder, model, { symbols, ...batch });
  if (!coder.isSpent) throw damaged();
}
