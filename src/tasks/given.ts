// Latents that make given values of fields likely: draws of the prior weighted by how likely the values
// are at each, or, where those are too few, draws of the encoder's posterior given the values alone; and
// resampled by weight (Rubin 1987, sampling importance resampling). None is drawn to be thrown away.
import { ElboError } from "../base/errors.ts";
import { Feeder } from "../data/store/feeder.ts";
import { isModelled } from "../fields/field.ts";
import { elementsOf, layoutOf, MISSING } from "../fields/layout.ts";
import { type PackedRows, type PackedValues, Packer } from "../fields/pack.ts";
import { LATENT } from "../models/graphs.ts";
import { DRAWN, givenGraph, LOG_WEIGHT, posteriorGraph } from "../models/inference-graphs.ts";
import { methods } from "../models/methods/index.ts";
import { MemoryPlan } from "../runtime/memory.ts";
import { streams } from "../runtime/random.ts";
import { Sequence } from "../runtime/sequence.ts";
import type { Slot } from "../runtime/slots.ts";
import type { Conditions } from "./conditions.ts";
import { givenColumn } from "./given-columns.ts";
import type { RawRows } from "./raw-rows.ts";
import { infoOf } from "./rows.ts";
import type { Run, TaskOptions } from "./run.ts";
import type { LatentSampler } from "./samplers.ts";
import { BATCH_ROWS, compileFor } from "./stream.ts";
import type { Given } from "./where.ts";

/** Latents with their weights. */
interface Pool {
  from: LatentSampler["from"];
  latents: Float32Array;
  logWeights: Float64Array;
  /** Of each draw the kept row whose conditions it has; none of a run without conditions. */
  chosen: number[];
}

/** Draws of the prior: doubled until as many count as are enough, up to the most. */
const [FIRST_POOL, LARGEST_POOL] = [2 ** 13, 2 ** 18];
const ENOUGH = 1000;
/** Draws of the encoder's posterior. */
const POSTERIOR_POOL = 2 ** 14;
/** Places of the pool's draws, far from those of rows. */
const POOL_PLACE = 2 ** 40;

/** Rows that hold the given values and the conditions, and nothing else. */
function packedRows(
  { config: { schema } }: Run,
  given: readonly Given[],
  conditions: RawRows | null,
  rows: number,
): PackedRows {
  const values = new Map(given.map((own) => [own.field.name, givenColumn(own, rows)]));
  for (const [j, { name }] of conditions?.columns.entries() ?? []) {
    values.set(name, conditions!.values[j]!);
  }
  const fields = schema.fields.filter(isModelled).filter(({ name }) => values.has(name));
  const columns = fields.map(infoOf);
  const packer = new Packer({ fields }, { source: "what is given", columns }, "scoring");
  const own = packer.pack({ rows, columns: packer.names.map((name) => values.get(name)!) });
  const known = layoutOf({ fields });
  const groups = layoutOf(schema).map((layout): [string, PackedValues] => {
    const part = known.find(({ name }) => name === layout.name);
    const given = own.groups.get(layout.name);
    if (given && part?.fields.length === layout.fields.length) return [layout.name, given];
    const length = rows * layout.elements;
    if (layout.dtype === "uint8") {
      return [layout.name, { type: "dense", values: new Uint8Array(length) }];
    }
    const block =
      layout.dtype === "float32"
        ? new Float32Array(length).fill(Number.NaN)
        : new Int32Array(length).fill(MISSING);
    if (part && given?.type === "dense") {
      let from = 0;
      for (const field of part.fields) {
        const place = layout.fields.findIndex(({ name }) => name === field.name);
        const width = elementsOf(field);
        for (let row = 0; row < rows; row++) {
          for (let e = 0; e < width; e++) {
            block[row * layout.elements + place * width + e] =
              given.values[row * part.elements + from + e]!;
          }
        }
        from += width;
      }
    }
    return [layout.name, { type: "dense", values: block }];
  });
  return { rows, groups: new Map(groups), weights: null };
}

/** Shares of the weights, and how many even ones say as much (Kong 1992). */
function shared(logWeights: Float64Array): { shares: Float64Array; effective: number } {
  const peak = logWeights.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  if (peak === Number.NEGATIVE_INFINITY) {
    const shares = new Float64Array(logWeights.length).fill(1 / logWeights.length);
    return { shares, effective: 0 };
  }
  const weights = logWeights.map((log) => Math.exp(log - peak));
  const sum = weights.reduce((a, b) => a + b, 0);
  const squares = weights.reduce((a, b) => a + b * b, 0);
  return { shares: weights.map((weight) => weight / sum), effective: sum ** 2 / squares };
}

const finite = (log: number) => (Number.isNaN(log) ? Number.NEGATIVE_INFINITY : log);

interface Asked {
  run: Run;
  seed: number;
  options: TaskOptions;
  given: readonly Given[];
  conditions: Conditions | null;
}

/** What batches of the pool are given: each draw conditions of its own where they are drawn, else the same. */
function asking({ run, seed, given, conditions }: Asked) {
  let packed: PackedRows | undefined;
  return (at: number) => {
    const chosen = conditions?.draw(seed, POOL_PLACE + at, BATCH_ROWS) ?? [];
    if (packed === undefined || conditions?.isDrawn) {
      packed = packedRows(run, given, conditions?.rows(chosen) ?? null, BATCH_ROWS);
    }
    return { chosen, packed };
  };
}

async function priorPool(asked: Asked, sampler: LatentSampler): Promise<Pool> {
  const { run, options, given } = asked;
  const { schema, model } = run.config;
  const plan = new MemoryPlan();
  const feeder = new Feeder(plan, schema, BATCH_ROWS);
  const names = given.map(({ field }) => field.name);
  const graph = givenGraph(schema, model, names, sampler.from);
  const rowsAt = asking(asked);
  const runner = await compileFor(run, graph, BATCH_ROWS, options, plan);
  const { memory, inputs } = runner;
  const slot = memory.view(inputs.get(LATENT) as Slot<"float32">);
  let pool: Pool = {
    from: sampler.from,
    latents: new Float32Array(0),
    logWeights: new Float64Array(0),
    chosen: [],
  };
  try {
    for (let size = FIRST_POOL; size <= LARGEST_POOL; size *= 2) {
      const latents = new Float32Array(size * model.latent);
      const logWeights = new Float64Array(size);
      latents.set(pool.latents);
      logWeights.set(pool.logWeights);
      const chosen = [...pool.chosen];
      for (let at = pool.logWeights.length; at < size; at += BATCH_ROWS) {
        const rows = rowsAt(at);
        chosen.push(...rows.chosen);
        feeder.place(memory, inputs, rows.packed, { order: null, from: 0, to: BATCH_ROWS }, 0);
        await sampler.draw(slot, POOL_PLACE + at);
        latents.set(slot, at * model.latent);
        await runner.run(BATCH_ROWS);
        logWeights.set(Array.from(runner.output(LOG_WEIGHT), finite), at);
      }
      pool = { ...pool, latents, logWeights, chosen };
      if (shared(logWeights).effective >= ENOUGH) break;
    }
  } finally {
    await runner.release();
  }
  return pool;
}

async function posteriorPool(asked: Asked): Promise<Pool> {
  const { run, seed, options } = asked;
  const { schema, model } = run.config;
  const plan = new MemoryPlan();
  const feeder = new Feeder(plan, schema, BATCH_ROWS);
  const runner = await compileFor(run, posteriorGraph(schema, model), BATCH_ROWS, options, plan);
  const { memory, inputs } = runner;
  const latents = new Float32Array(POSTERIOR_POOL * model.latent);
  const logWeights = new Float64Array(POSTERIOR_POOL);
  const chosen: number[] = [];
  const rowsAt = asking(asked);
  for (let at = 0; at < POSTERIOR_POOL; at += BATCH_ROWS) {
    const rows = rowsAt(at);
    chosen.push(...rows.chosen);
    const draw = { seed, step: 0, noiseStream: streams.evaluation, firstRow: at };
    feeder.copy(memory, inputs, rows.packed, 0, BATCH_ROWS, draw);
    await runner.run(BATCH_ROWS);
    latents.set(runner.output(DRAWN), at * model.latent);
    logWeights.set(Array.from(runner.output(LOG_WEIGHT), finite), at);
  }
  await runner.release();
  return { from: "latent", latents, logWeights, chosen };
}

/** Whether rows without all but some cells can be encoded: images are there or the row is not. */
const canEncodeGaps = ({ config: { schema } }: Run) =>
  schema.fields.every(
    (field) => !isModelled(field) || field.role !== "data" || field.kind !== "image",
  );

export interface SamplerGiven {
  sampler: LatentSampler;
  /** Of rows `first` …, the kept rows whose conditions they have; none of a run without conditions. */
  chosen(first: number, rows: number): number[];
  /** The number of draws that count. */
  effective: number;
}

/**
 * Latents of rows with the given values, by those of `sampler`, and the conditions that go with them.
 * @throws ElboError `no-density` of a method without one.
 */
export async function samplerGiven(
  run: Run,
  sampler: LatentSampler,
  given: readonly Given[],
  conditions: Conditions | null,
  { seed, ...options }: TaskOptions & { seed: number },
): Promise<SamplerGiven> {
  const { method, latent } = run.config.model;
  if (!methods[method].probabilistic) {
    throw new ElboError({
      code: "no-density",
      kind: "usage",
      message: `--where ${given[0]!.field.name}: what is likely at this value is told by a density, which the run's method, ${method}, has not`,
      hint: "Train with --method vae, or with --condition for this column.",
    });
  }
  const asked = { run, seed, options, given, conditions };
  let pool = await priorPool(asked, sampler);
  let { shares, effective } = shared(pool.logWeights);
  if (effective < ENOUGH && sampler.from === "prior" && canEncodeGaps(run)) {
    const other = await posteriorPool(asked);
    const own = shared(other.logWeights);
    if (own.effective > effective) [pool, { shares, effective }] = [other, own];
  }
  let sum = 0;
  const ends = shares.map((share) => {
    sum += share;
    return sum;
  });
  const placeAt = (row: number) =>
    placeOf(ends, new Sequence(seed, streams.inference, row).uniform() * sum);
  const drawn: LatentSampler = {
    from: pool.from,
    async draw(out, first) {
      for (let i = 0; i < out.length / latent; i++) {
        const at = placeAt(first + i);
        out.set(pool.latents.subarray(at * latent, (at + 1) * latent), i * latent);
      }
    },
    release: async () => {},
  };
  const chosen = (first: number, rows: number) =>
    conditions ? Array.from({ length: rows }, (_, i) => pool.chosen[placeAt(first + i)]!) : [];
  return { sampler: drawn, chosen, effective };
}

/** The first place whose end lies beyond. */
function placeOf(ends: Float64Array, value: number): number {
  let [low, high] = [0, ends.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ends[middle]! > value) high = middle;
    else low = middle + 1;
  }
  return low;
}
