// What rows of a block are coded by: what networks take of them, their values given latents, and where latents
// lie. In which order these are coded is not its concern.
import type { Coder, Gaussians } from "./ans/coder.ts";
import type { Inputs, Level, Networks } from "./networks.ts";
import { type GroupCoding, type Symbols, symbolsOfRows } from "./values.ts";

export interface BlockModel {
  networks: Networks;
  groups: readonly GroupCoding[];
  /** Of each latent; null: N(0, 1). In a chain it only says which places there are, but on top. */
  prior: { mean: Float32Array; deviation: Float32Array } | null;
  /** What the encoder sees of everything that is not coded here, of rows `from` up to `to`. */
  given(from: number, to: number): Inputs;
}

/** The levels from the lowest, and where in a row's latents each begins. */
export function placedLevels({ levels }: Networks): { level: Level; first: number }[] {
  let end = 0;
  return levels.map((level) => {
    end += level.size;
    return { level, first: end - level.size };
  });
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

/** Of a draw: its first row, and its level's first latent, as a number that no other draw has. */
export const saltOf = (row: number, latent: number) => (Math.imul(row, 65_537) + latent) >>> 0;

/** Some rows that are coded at once, of their block's symbols. */
export interface RowBatch {
  symbols: readonly Symbols[];
  from: number;
  to: number;
}

/** What the encoder takes of rows. */
export function rowInputs(model: BlockModel, { symbols, from, to }: RowBatch) {
  const of = model.groups.map((coding, g) => coding.inputs(symbols[g]!, from, to));
  return Object.assign({}, model.given(from, to), ...of) as Inputs;
}

/** Sums of rows, as rows of which all stands in the first place: what a distribution by the sum takes. */
export function sumInputs(model: BlockModel, { symbols, from, to }: RowBatch) {
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

/**
 * Pushes rows given their latents.
 * @param latents as `Networks.parameters` takes them.
 */
export function pushRows(
  coder: Coder,
  model: BlockModel,
  batch: RowBatch,
  latents: Float32Array,
): void {
  const { networks, groups } = model;
  const { symbols, from, to } = batch;
  const parameters = networks.parameters(latents, sumInputs(model, batch), to - from);
  for (let g = groups.length; g-- > 0; ) {
    const some = symbolsOfRows(symbols[g]!, groups[g]!.values, from, to);
    const by = groups[g]!.distribution?.(parameters[g]!, some);
    if (by) coder.push(by, some.codes, some.present);
    else networks.texts[g]!.push(coder, parameters[g]![0]!, some.codes, some.present!);
  }
}

/** The reverse, which fills the rows' symbols in. */
export function popRows(
  coder: Coder,
  model: BlockModel,
  batch: RowBatch,
  latents: Float32Array,
): void {
  const { networks, groups } = model;
  const { symbols, from, to } = batch;
  const parameters = networks.parameters(latents, sumInputs(model, batch), to - from);
  for (const [g, coding] of groups.entries()) {
    const some = symbolsOfRows(symbols[g]!, coding.values, from, to);
    const by = coding.distribution?.(parameters[g]!, some);
    some.codes.set(
      by
        ? coder.pop(by, some.codes.length, some.present)
        : networks.texts[g]!.pop(coder, parameters[g]![0]!, to - from, some.present!),
    );
  }
}
