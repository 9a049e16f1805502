// Bits-back coding of a block of rows (Townsend, Bird and Barber 2019, Practical lossless compression with
// latent variables using bits back coding): a row's latents are drawn by popping them under q(z | x),
// then the row is pushed under p(x | z) and they under p(z), so that it takes -ELBO in the mean.
//
// Rows share one stack, some at a time, so that networks see batches: few at first, for the stack holds
// nothing yet to draw latents from, then a share of those that it holds.
import { type Coder, damaged, type Gaussians } from "./ans/coder.ts";
import type { Inputs, Networks } from "./networks.ts";
import { type GroupCoding, type Symbols, symbolsOfRows } from "./values.ts";

/** The most rows that networks see at once, and of how many rows on the stack one is drawn for. */
const LARGEST = 64;
const SHARE = 8;

/** Where batches of `rows` rows begin and end: a function of their number alone, as decoding needs it. */
export function batchesOf(rows: number): { from: number; to: number }[] {
  const batches: { from: number; to: number }[] = [];
  for (let from = 0; from < rows; ) {
    const wanted = Math.max(1, Math.min(LARGEST, Math.floor(from / SHARE), rows - from));
    const to = from + 2 ** (31 - Math.clz32(wanted));
    batches.push({ from, to });
    from = to;
  }
  return batches;
}

export interface BlockModel {
  networks: Networks;
  groups: readonly GroupCoding[];
  /** Of each latent; null: N(0, 1). */
  prior: { mean: Float32Array; deviation: Float32Array } | null;
  /** What the encoder sees of everything that is not coded here, of rows `from` up to `to`. */
  given(from: number, to: number): Inputs;
}

/** The prior's Gaussians, one for each latent of each row. */
export function priorOf({ prior, networks }: BlockModel, rows: number): Gaussians | null {
  if (!prior) return null;
  const repeated = (values: Float32Array) =>
    Float32Array.from({ length: rows * networks.latent }, (_, i) => values[i % networks.latent]!);
  return { mean: repeated(prior.mean), deviation: repeated(prior.deviation) };
}

/** What the encoder takes of rows. */
export function rowInputs(
  model: BlockModel,
  symbols: readonly Symbols[],
  from: number,
  to: number,
) {
  const of = model.groups.map((coding, g) => coding.inputs(symbols[g]!, from, to));
  return Object.assign({}, model.given(from, to), ...of) as Inputs;
}

/** Sums of rows, as rows of which all stands in the first place: what a distribution by the sum takes. */
export function sumInputs(
  model: BlockModel,
  symbols: readonly Symbols[],
  from: number,
  to: number,
) {
  const inputs: Record<string, Float32Array | Int32Array | Uint8Array> = {
    ...model.given(from, to),
  };
  for (const [g, coding] of model.groups.entries()) {
    if (!coding.bySum) continue;
    const { values } = coding;
    const { codes } = symbolsOfRows(symbols[g]!, values, from, to);
    const sums = new Float64Array(codes.length);
    for (let i = 0; i < codes.length; i++) sums[i - (i % values)]! += codes[i]!;
    Object.assign(inputs, coding.inputs({ codes: sums, present: null, grid: null }, 0, to - from));
  }
  return inputs;
}

/** Values and latents that one row pushes at most. */
const symbolsOfRow = ({ groups, networks }: BlockModel) =>
  groups.reduce((sum, { values }) => sum + 4 * values, 0) + networks.latent;

export function encodeBlock(
  coder: Coder,
  model: BlockModel,
  symbols: readonly Symbols[],
  rows: number,
): Uint8Array {
  const { networks, groups } = model;
  coder.begin(rows * symbolsOfRow(model));
  for (const { from, to } of batchesOf(rows)) {
    const count = to - from;
    const prior = priorOf(model, count);
    const posterior = networks.posterior(rowInputs(model, symbols, from, to), count);
    const latents = posterior.deviation
      ? coder.popPosterior(posterior as Gaussians, prior)
      : coder.nearest(posterior.mean, prior);
    const given = sumInputs(model, symbols, from, to);
    const parameters = networks.parameters(latents.values, given, count);
    for (let g = groups.length; g-- > 0; ) {
      const some = symbolsOfRows(symbols[g]!, groups[g]!.values, from, to);
      coder.push(groups[g]!.distribution(parameters[g]!, some), some.codes, some.present);
    }
    coder.pushPrior(latents.places);
  }
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
  const { networks, groups } = model;
  coder.reopen(bytes, rows * symbolsOfRow(model));
  for (const { from, to } of batchesOf(rows).reverse()) {
    const count = to - from;
    const prior = priorOf(model, count);
    const latents = coder.popPrior(count * networks.latent, prior);
    const given = sumInputs(model, symbols, from, to);
    const parameters = networks.parameters(latents.values, given, count);
    for (const [g, coding] of groups.entries()) {
      const some = symbolsOfRows(symbols[g]!, coding.values, from, to);
      const by = coding.distribution(parameters[g]!, some);
      some.codes.set(coder.pop(by, some.codes.length, some.present));
    }
    const posterior = networks.posterior(rowInputs(model, symbols, from, to), count);
    if (posterior.deviation) coder.pushPosterior(posterior as Gaussians, prior, latents.places);
  }
  if (!coder.isSpent) throw damaged();
}
