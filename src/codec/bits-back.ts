// Bits-back coding of a block of rows (Townsend, Bird and Barber 2019, Practical lossless compression with
// latent variables using bits back coding): a row's latents are drawn by popping them under q(z | x),
// then the row is pushed under p(x | z) and they under p(z), so that it takes -ELBO in the mean. Of
// several levels each is drawn given those above, as the posterior has it, from the top down; so all
// are drawn before the row is pushed (Bit-Swap, which alternates, needs an inference from the row up).
//
// Rows share one stack, some at a time, so that networks see batches: few at first, for the stack holds
// nothing yet to draw latents from, then a share of those that it holds.
import { type Coder, damaged, type Gaussians, type Latents } from "./ans/coder.ts";
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
    const to = from + (1 << (31 - Math.clz32(wanted)));
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

/** The prior's Gaussians, one for each latent of each row of a level. */
export function priorOf(
  { prior }: Pick<BlockModel, "prior">,
  first: number,
  size: number,
  rows: number,
): Gaussians | null {
  if (!prior) return null;
  const repeated = (values: Float32Array) =>
    Float32Array.from({ length: rows * size }, (_, i) => values[first + (i % size)]!);
  return { mean: repeated(prior.mean), deviation: repeated(prior.deviation) };
}

/** The levels, the one that is drawn first at the front, and where in a row's latents each begins. */
function fromTop({ levels }: Networks) {
  let begin = 0;
  return levels
    .map((level) => {
      begin += level.size;
      return { level, first: begin - level.size };
    })
    .reverse();
}

/** Latents of all levels, row by row; the level that was drawn last comes first in a row. */
export function joinLatents(drawn: readonly Latents[], rows: number): Float32Array {
  const [only] = drawn;
  if (drawn.length === 1 && only) return only.values;
  const bottomUp = [...drawn].reverse();
  const sizes = bottomUp.map(({ values }) => values.length / rows);
  const latent = sizes.reduce((sum, size) => sum + size, 0);
  const all = new Float32Array(rows * latent);
  for (let row = 0; row < rows; row++) {
    let at = row * latent;
    for (const [l, { values }] of bottomUp.entries()) {
      all.set(values.subarray(row * sizes[l]!, (row + 1) * sizes[l]!), at);
      at += sizes[l]!;
    }
  }
  return all;
}

/** Of a draw: its first row, and its level's first latent, as a number that no other draw has. */
const saltOf = (row: number, latent: number) => (Math.imul(row, 65_537) + latent) >>> 0;

/** What was drawn, the level above next to the one that is asked for at the front. */
const above = (drawn: readonly Latents[]) => drawn.map(({ values }) => values).reverse();

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

/** Draws the latents of rows, those of the top level first, by popping them. */
export function drawLatents(
  coder: Coder,
  model: BlockModel,
  symbols: readonly Symbols[],
  from: number,
  to: number,
): Latents[] {
  const count = to - from;
  const inputs = rowInputs(model, symbols, from, to);
  const drawn: Latents[] = [];
  for (const { level, first } of fromTop(model.networks)) {
    const prior = priorOf(model, first, level.size, count);
    const posterior = level.posterior(inputs, above(drawn), count);
    drawn.push(
      posterior.deviation
        ? coder.popPosterior(posterior as Gaussians, prior, saltOf(from, first))
        : coder.nearest(posterior.mean, prior),
    );
  }
  return drawn;
}

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
    const drawn = drawLatents(coder, model, symbols, from, to);
    const given = sumInputs(model, symbols, from, to);
    const parameters = networks.parameters(joinLatents(drawn, count), given, count);
    for (let g = groups.length; g-- > 0; ) {
      const some = symbolsOfRows(symbols[g]!, groups[g]!.values, from, to);
      const by = groups[g]!.distribution?.(parameters[g]!, some);
      if (by) coder.push(by, some.codes, some.present);
      else networks.texts[g]!.push(coder, parameters[g]![0]!, some.codes, some.present!);
    }
    for (const { places } of [...drawn].reverse()) coder.pushPrior(places);
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
    const levels = fromTop(networks).map(({ level, first }) => {
      const prior = priorOf(model, first, level.size, count);
      return { level, first, prior, latents: coder.popPrior(count * level.size, prior) };
    });
    const drawn = levels.map(({ latents }) => latents);
    const given = sumInputs(model, symbols, from, to);
    const parameters = networks.parameters(joinLatents(drawn, count), given, count);
    for (const [g, coding] of groups.entries()) {
      const some = symbolsOfRows(symbols[g]!, coding.values, from, to);
      const by = coding.distribution?.(parameters[g]!, some);
      some.codes.set(
        by
          ? coder.pop(by, some.codes.length, some.present)
          : networks.texts[g]!.pop(coder, parameters[g]![0]!, count, some.present!),
      );
    }
    const inputs = rowInputs(model, symbols, from, to);
    for (let l = levels.length; l-- > 0; ) {
      const { level, first, prior, latents } = levels[l]!;
      const posterior = level.posterior(inputs, above(drawn.slice(0, l)), count);
      if (posterior.deviation) {
        coder.pushPosterior(posterior as Gaussians, prior, saltOf(from, first), latents.places);
      }
    }
  }
  if (!coder.isSpent) throw damaged();
}
