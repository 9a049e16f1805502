// What a model does not say and the codec needs: of latents without a normal prior where they lie, and of
// values without a likelihood how far they are from what the decoder expects. Measured on some of the rows.
import type { FieldSchema } from "../fields/field.ts";
import { priorGraph } from "../models/graphs.ts";
import { methods } from "../models/methods/index.ts";
import type { ModelConfig } from "../models/model.ts";
import { Coder } from "./ans/coder.ts";
import { priorOf, rowInputs, sumInputs } from "./block-model.ts";
import type { Cells } from "./cells/cells.ts";
import type { CodedColumn } from "./columns.ts";
import type { CodedModel } from "./model-part.ts";
import type { Inputs, Networks, Posterior } from "./networks.ts";
import { type CodecParameters, nothingFitted, RowCodec } from "./rows.ts";
import { symbolsOfRows } from "./values.ts";

/** Rows that networks see at once. */
const BATCH = 64;
/** Of what never varied: no distribution is narrower. */
const NARROWEST = 1e-3;

/** Whether what is coded of latents has the prior N(0, 1). */
function hasNormalPrior(
  schema: FieldSchema,
  config: ModelConfig,
  { upward, levels: found }: Networks,
): boolean {
  if (upward) return found.length === 1;
  const { fromPrior, levels } = methods[config.method];
  if (fromPrior && !levels) return false;
  return priorGraph(schema, config)?.prior.name === "standard-normal";
}

class Moments {
  readonly #sum: Float64Array;
  readonly #squares: Float64Array;
  #rows = 0;

  constructor(size: number) {
    this.#sum = new Float64Array(size);
    this.#squares = new Float64Array(size);
  }

  /** @param more variance that each value has beside. */
  add(values: Float32Array, rows: number, more: Float32Array | null = null): void {
    const size = this.#sum.length;
    this.#rows += rows;
    values.forEach((value, i) => {
      this.#sum[i % size]! += value;
      this.#squares[i % size]! += value * value + (more ? more[i]! ** 2 : 0);
    });
  }

  get mean(): Float32Array {
    return Float32Array.from(this.#sum, (sum) => sum / this.#rows);
  }

  get deviation(): Float32Array {
    return Float32Array.from(this.#squares, (squares, i) => {
      const mean = this.#sum[i]! / this.#rows;
      return Math.max(Math.sqrt(Math.max(0, squares / this.#rows - mean * mean)), NARROWEST);
    });
  }
}

/** Of the latents that are drawn first; all of them, where they are drawn at once. */
function posteriorOf({ levels }: Networks, rows: Inputs, count: number): Posterior {
  return levels.at(-1)!.posterior(rows, [], count);
}

/**
 * The levels whose latents are measured: the one that is drawn first, as those below it are told as N(0, 1), see
 * `LatentLevel`; of a chain all but the top one, whose prior is N(0, 1).
 */
function measuredOf({ latent, levels, upward }: Networks) {
  const last = levels.at(-1)!;
  let end = upward ? 0 : latent - last.size;
  return (upward ? levels.slice(0, -1) : [last]).map((level) => {
    const first = end;
    end += level.size;
    return { level, first, moments: new Moments(level.size) };
  });
}

/** Where all latents lie: N(0, 1) where they were not measured. */
function priorBy({ latent }: Networks, measured: ReturnType<typeof measuredOf>) {
  const prior = { mean: new Float32Array(latent), deviation: new Float32Array(latent).fill(1) };
  for (const { first, moments } of measured) {
    prior.mean.set(moments.mean, first);
    prior.deviation.set(moments.deviation, first);
  }
  return prior;
}

/** @param cells of rows that stand for all of them. */
export function fitCodec(
  { schema, config, weights }: CodedModel,
  columns: readonly CodedColumn[],
  cells: readonly Cells[],
  rows: number,
): CodecParameters {
  const codec = new RowCodec(schema, config, weights, columns, nothingFitted);
  const { networks, groups } = codec;
  const normal = hasNormalPrior(schema, config, networks);
  const bare = groups.filter(({ group }) => !group.likelihood);
  if (normal && bare.length === 0) return nothingFitted;
  const { model, coded } = codec.seen(cells, rows);
  const ends = (of: number) => Math.min(of + BATCH, rows);
  const measured = measuredOf(networks);
  for (let from = 0; from < rows; from += BATCH) {
    const count = ends(from) - from;
    const seen = rowInputs(model, { symbols: coded, from, to: ends(from) });
    let below: Float32Array[] = [];
    for (const { level, moments } of measured) {
      const { mean, deviation } = level.posterior(seen, below, count);
      moments.add(mean, count, deviation);
      below = [mean];
    }
  }
  const prior = normal ? null : priorBy(networks, measured);
  if (bare.length === 0) return { ...nothingFitted, prior };
  const coder = new Coder();
  const errors = groups.map(({ values }) => new Moments(values));
  for (let from = 0; from < rows; from += BATCH) {
    const count = ends(from) - from;
    const batch = { symbols: coded, from, to: ends(from) };
    const { mean } = posteriorOf(networks, rowInputs(model, batch), count);
    const latents = coder.nearest(mean, priorOf({ prior }, 0, networks.latent, count));
    const given = sumInputs(model, batch);
    const parameters = networks.parameters(latents.values, given, count);
    for (const [g, coding] of groups.entries()) {
      if (coding.group.likelihood) continue;
      const some = symbolsOfRows(coded[g]!, coding.values, from, ends(from));
      const by = coding.distribution?.(parameters[g]!, some);
      if (!by || !("grid" in by)) continue;
      const [expected] = parameters[g]!;
      const apart = expected!.map((value, i) => {
        if (some.present && some.present[i] === 0) return 0;
        const { lows, steps } = by.grid;
        const raw = lows[i]! + some.codes[i]! * steps[i]!;
        const column = i % by.shifts.length;
        return (raw - by.shifts[column]!) * by.scales[column]! - value;
      });
      errors[g]!.add(apart, count);
    }
  }
  const residuals = new Map(
    groups.flatMap(({ group }, g): [string, Float32Array][] =>
      group.likelihood
        ? []
        : [[group.layout.name, errors[g]!.deviation.map((deviation) => Math.log(deviation))]],
    ),
  );
  return { ...nothingFitted, prior, residuals };
}
