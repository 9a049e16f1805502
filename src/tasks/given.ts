// Latents that make given values of fields likely: draws of the prior weighted by how likely the values
// are at each, or, where those are too few, draws of the encoder's posterior given the values alone; and
// resampled by weight (Rubin 1987, sampling importance resampling). None is drawn to be thrown away.
import { ElboError } from "../base/errors.ts";
import { columnsOf, type MemoryValues } from "../data/in-memory.ts";
import { Feeder } from "../data/store/feeder.ts";
import type { ColumnValues } from "../fields/columns.ts";
import { type FieldSchema, isModelled } from "../fields/field.ts";
import { elementsOf, layoutOf, MISSING } from "../fields/layout.ts";
import { type PackedRows, type PackedValues, Packer } from "../fields/pack.ts";
import { LATENT } from "../models/graphs.ts";
import { DRAWN, givenGraph, LOG_WEIGHT, posteriorGraph } from "../models/inference-graphs.ts";
import { methods } from "../models/methods/index.ts";
import { MemoryPlan } from "../runtime/memory.ts";
import { streams } from "../runtime/random.ts";
import { Sequence } from "../runtime/sequence.ts";
import type { Slot } from "../runtime/slots.ts";
import { conditionFields } from "./rows.ts";
import type { Run, TaskOptions } from "./run.ts";
import type { LatentSampler } from "./samplers.ts";
import { BATCH_ROWS, compileFor } from "./stream.ts";
import type { Given } from "./where.ts";

/** Latents with their weights. */
interface Pool {
  from: LatentSampler["from"];
  latents: Float32Array;
  logWeights: Float64Array;
}

/** Draws of the prior: doubled until as many count as are enough, up to the most. */
const [FIRST_POOL, LARGEST_POOL] = [2 ** 13, 2 ** 18];
const ENOUGH = 1000;
/** Draws of the encoder's posterior. */
const POSTERIOR_POOL = 2 ** 14;
/** Places of the pool's draws, far from those of rows. */
const POOL_PLACE = 2 ** 40;

/** One packed row, repeated: the values of conditions and of given fields, and nothing else. */
async function packedRow(
  { config: { schema } }: Run,
  values: ReadonlyMap<string, string | number | Date>,
  rows: number,
): Promise<PackedRows> {
  const fields = schema.fields.filter(isModelled).filter(({ name }) => values.has(name));
  const columns = fields.map(({ name }): [string, MemoryValues] => [
    name,
    new Array(rows).fill(values.get(name)!),
  ]);
  const source = columnsOf(Object.fromEntries(columns));
  const packer = new Packer({ fields }, source, "scoring");
  let own: PackedRows | null = null;
  for await (const chunk of source.chunks(packer.names)) own = packer.pack(chunk);
  const known = layoutOf({ fields });
  const groups = layoutOf(schema).map((layout): [string, PackedValues] => {
    const length = rows * layout.elements;
    if (layout.dtype === "uint8") {
      return [layout.name, { type: "dense", values: new Uint8Array(length) }];
    }
    const block =
      layout.dtype === "float32"
        ? new Float32Array(length).fill(Number.NaN)
        : new Int32Array(length).fill(MISSING);
    const part = known.find(({ name }) => name === layout.name);
    const given = own?.groups.get(layout.name);
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
  names: string[];
  packed: PackedRows;
}

async function priorPool({ run, options, names, packed }: Asked, sampler: LatentSampler) {
  const { schema, model } = run.config;
  const plan = new MemoryPlan();
  const feeder = new Feeder(plan, schema, BATCH_ROWS);
  const graph = givenGraph(schema, model, names, sampler.from);
  const runner = await compileFor(run, graph, BATCH_ROWS, options, plan);
  const { memory, inputs } = runner;
  feeder.place(memory, inputs, packed, { order: null, from: 0, to: BATCH_ROWS }, 0);
  const slot = memory.view(inputs.get(LATENT) as Slot<"float32">);
  let pool: Pool = {
    ...{ from: sampler.from, latents: new Float32Array(0), logWeights: new Float64Array(0) },
  };
  try {
    for (let size = FIRST_POOL; size <= LARGEST_POOL; size *= 2) {
      const latents = new Float32Array(size * model.latent);
      const logWeights = new Float64Array(size);
      latents.set(pool.latents);
      logWeights.set(pool.logWeights);
      for (let at = pool.logWeights.length; at < size; at += BATCH_ROWS) {
        await sampler.draw(slot, POOL_PLACE + at);
        latents.set(slot, at * model.latent);
        await runner.run(BATCH_ROWS);
        logWeights.set(Array.from(runner.output(LOG_WEIGHT), finite), at);
      }
      pool = { ...pool, latents, logWeights };
      if (shared(logWeights).effective >= ENOUGH) break;
    }
  } finally {
    await runner.release();
  }
  return pool;
}

async function posteriorPool({ run, seed, options, packed }: Asked): Promise<Pool> {
  const { schema, model } = run.config;
  const plan = new MemoryPlan();
  const feeder = new Feeder(plan, schema, BATCH_ROWS);
  const runner = await compileFor(run, posteriorGraph(schema, model), BATCH_ROWS, options, plan);
  const { memory, inputs } = runner;
  const latents = new Float32Array(POSTERIOR_POOL * model.latent);
  const logWeights = new Float64Array(POSTERIOR_POOL);
  feeder.place(memory, inputs, packed, { order: null, from: 0, to: BATCH_ROWS }, 0);
  for (let at = 0; at < POSTERIOR_POOL; at += BATCH_ROWS) {
    const draw = { seed, step: 0, noiseStream: streams.evaluation, firstRow: at };
    feeder.draw(memory, inputs, BATCH_ROWS, draw);
    await runner.run(BATCH_ROWS);
    latents.set(runner.output(DRAWN), at * model.latent);
    logWeights.set(Array.from(runner.output(LOG_WEIGHT), finite), at);
  }
  await runner.release();
  return { from: "latent", latents, logWeights };
}

/** Whether rows without all but some cells can be encoded: images are there or the row is not. */
const canEncodeGaps = ({ config: { schema } }: Run) =>
  schema.fields.every(
    (field) => !isModelled(field) || field.role !== "data" || field.kind !== "image",
  );

/**
 * Latents of rows with the given values, by those of `sampler`.
 * @param conditions values of condition fields.
 * @returns with the number of draws that count.
 * @throws ElboError `no-density` of a method without one.
 */
export async function samplerGiven(
  run: Run,
  sampler: LatentSampler,
  given: readonly Given[],
  conditions: ReadonlyMap<string, string | number | Date>,
  { seed, ...options }: TaskOptions & { seed: number },
): Promise<{ sampler: LatentSampler; effective: number }> {
  const { method, latent } = run.config.model;
  if (!methods[method].probabilistic) {
    throw new ElboError({
      code: "no-density",
      kind: "usage",
      message: `--where ${given[0]!.field.name}: what is likely at this value is told by a density, which the run's method, ${method}, has not`,
      hint: "Train with --method vae, or with --condition for this column.",
    });
  }
  const names = given.map(({ field }) => field.name);
  const values = new Map([
    ...conditions,
    ...given.map(({ field, value }) => [field.name, value] as const),
  ]);
  const asked = { run, seed, options, names, packed: await packedRow(run, values, BATCH_ROWS) };
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
  const drawn: LatentSampler = {
    from: pool.from,
    async draw(out, first) {
      for (let i = 0; i < out.length / latent; i++) {
        const place = new Sequence(seed, streams.inference, first + i).uniform() * sum;
        const at = placeOf(ends, place);
        out.set(pool.latents.subarray(at * latent, (at + 1) * latent), i * latent);
      }
    },
    release: async () => {},
  };
  return { sampler: drawn, effective };
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

/** Columns of the conditions that rows are made at, all the same. */
export function conditionColumns(
  schema: FieldSchema,
  values: ReadonlyMap<string, Given["value"]>,
  rows: number,
): Map<string, ColumnValues> {
  return new Map(
    conditionFields(schema)
      .filter(({ name }) => values.has(name))
      .map((field) => [field.name, givenColumn({ field, value: values.get(field.name)! }, rows)]),
  );
}

/** A column of a given value, in so many rows. */
export function givenColumn({ field, value }: Given, rows: number): ColumnValues {
  if (typeof value === "string")
    return { type: "text", values: new Array<string>(rows).fill(value) };
  if (value instanceof Date) {
    return { type: "time", values: new Float64Array(rows).fill(value.getTime()) };
  }
  const isText = "of" in field && field.of === "text";
  if (isText) return { type: "text", values: new Array<string>(rows).fill(String(value)) };
  return { type: "number", values: new Float64Array(rows).fill(value) };
}
