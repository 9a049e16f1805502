// New rows: latents drawn from the prior, decoded and drawn from the likelihood.
import { checkChoice, checkNumber } from "../base/validate.ts";
import { Feeder } from "../data/store/feeder.ts";
import type { ColumnValues } from "../fields/columns.ts";
import type { FieldSchema } from "../fields/field.ts";
import type { Group } from "../fields/groups/index.ts";
import { decodedGroups, drawnName, LATENT } from "../models/graphs.ts";
import { drawsInGraph, rowsGraph } from "../models/row-draws.ts";
import { drawLevel } from "../prob/draws.ts";
import { MemoryPlan } from "../runtime/memory.ts";
import { streams } from "../runtime/random.ts";
import { wholeBatch } from "../runtime/runner.ts";
import { Sequence } from "../runtime/sequence.ts";
import type { Slot } from "../runtime/slots.ts";
import { Conditions } from "./conditions.ts";
import { drawRows } from "./draw-rows.ts";
import { samplerGiven } from "./given.ts";
import { givenColumn } from "./given-columns.ts";
import type { RawRows } from "./raw-rows.ts";
import {
  collect,
  conditionFields,
  decodedFields,
  inOrder,
  type ModelRows,
  type RowStream,
  rowColumns,
  withConditions,
  writeRows,
} from "./rows.ts";
import { type Run, runOf, type TaskOptions } from "./run.ts";
import { type SamplerOptions, samplerNames, samplerOf } from "./samplers.ts";
import { BATCH_ROWS, compileFor, placed } from "./stream.ts";
import { farNotes, type Given, givenFields } from "./where.ts";
import { writersFor } from "./writing.ts";

export interface SampleOptions extends SamplerOptions {
  /** Default 0. Row i is the same however many are drawn. */
  seed?: number;
  /**
   * Values of fields, as texts, that all rows have. Conditions that are not given stand as they do in training
   * rows drawn by chance, in those with the values given: the same levels, the nearest numbers. Latents of
   * rows with values of other fields are drawn by how likely they make them.
   */
  where?: Readonly<Record<string, string>>;
}

function check(count: number, { seed = 0, sampler, components }: SampleOptions): void {
  checkNumber("-n", count, {
    min: 1,
    integer: true,
    hint: "Say how many rows, for example -n 100.",
  });
  checkNumber("--seed", seed, { min: 0, max: Number.MAX_SAFE_INTEGER, integer: true });
  if (sampler !== undefined) checkChoice("--sampler", sampler, samplerNames);
  if (components !== undefined) checkNumber("--components", components, { min: 1, integer: true });
}

const computeOf = ({ device, threads }: TaskOptions): TaskOptions => ({
  ...(device === undefined ? {} : { device }),
  ...(threads === undefined ? {} : { threads }),
});

/** The columns with those that were given as given. */
function withGiven(
  schema: FieldSchema,
  columns: readonly ColumnValues[],
  given: readonly Given[],
  rows: number,
): ColumnValues[] {
  const names = decodedFields(schema).map(({ name }) => name);
  return columns.map((column, i) => {
    const own = given.find(({ field }) => field.name === names[i]);
    return own ? givenColumn(own, rows) : column;
  });
}

/** The conditions that stand in a table beside what the model gives. */
function shownConditions(schema: FieldSchema, given: RawRows | null): Map<string, ColumnValues> {
  const shown = given ? conditionFields(schema) : [];
  const columnOf = (name: string) =>
    given!.values[given!.columns.findIndex((column) => column.name === name)]!;
  return new Map(shown.map(({ name }) => [name, columnOf(name)]));
}

/** Fewer latents than this that count are few, however few rows are drawn. */
const FEW = 100;

function notesOn(effective: number, rows: number) {
  if (effective >= Math.min(FEW, rows)) return [];
  return [
    {
      code: "few-effective-draws",
      message: `the values of --where are rare: of all latents drawn about ${Math.max(1, Math.round(effective))} make them likely, and the rows have no others`,
    },
  ];
}

async function samples(
  run: Run,
  count: number,
  { seed = 0, where = {}, ...options }: SampleOptions,
  place = 0,
): Promise<RowStream> {
  const { schema, model } = run.config;
  const groups = decodedGroups(schema, model);
  const batch = wholeBatch(Math.min(BATCH_ROWS, count));
  const fixed = givenFields(schema, where);
  const conditions = await Conditions.of(run, where);
  async function* pieces() {
    let sampler = await samplerOf(run, seed, options, async (second, rows, first) =>
      collect(await samples(second, rows, { ...computeOf(options), seed }, first)),
    );
    let chosen = (first: number, rows: number) => conditions?.draw(seed, first, rows) ?? [];
    if (fixed.length > 0) {
      const settings = { ...computeOf(options), seed };
      const found = await samplerGiven(run, sampler, fixed, conditions, settings).finally(() =>
        sampler.release(),
      );
      ({ sampler, chosen } = found);
      const rare = notesOn(found.effective, count);
      // So far off that float32 no longer tells latents apart, all count alike.
      options.onNotes?.(rare.length > 0 ? rare : farNotes(fixed));
    }
    const plan = new MemoryPlan();
    const feeder = new Feeder(plan, conditions?.schema ?? schema, batch);
    const runner = await compileFor(
      run,
      rowsGraph(schema, model, sampler.from),
      batch,
      options,
      plan,
    );
    const writers = await writersFor(run, groups, count, options);
    const onHost = !groups.every(drawsInGraph);
    try {
      const { memory, inputs } = runner;
      const latent = inputs.get(LATENT) as Slot<"float32">;
      for (let start = 0; start < count; start += batch) {
        const rows = Math.min(batch, count - start);
        const first = place + start;
        const given = conditions?.rows(chosen(first, rows)) ?? null;
        if (conditions && given) {
          const packed = conditions.pack(given);
          feeder.place(memory, inputs, packed, { order: null, from: 0, to: rows }, 0);
        }
        feeder.draw(memory, inputs, rows, placed(seed, streams.rows, first));
        await sampler.draw(memory.view(latent).subarray(0, rows * model.latent), first);
        const sequences = Array.from(
          { length: onHost ? rows : 0 },
          (_, i) => new Sequence(seed, streams.likelihood, first + i),
        );
        await runner.run(rows);
        const emitted = (group: Group, place: number) => {
          const output = runner.output(drawnName(group.layout.name, place));
          return output.slice(0, (output.length / runner.batch) * rows);
        };
        const written = await writers.write(
          rows,
          (group) => emitted(group, 0),
          (logits, row) => drawLevel(sequences[row]!, logits),
        );
        const valuesOf = (group: Group) => {
          if (drawsInGraph(group)) return emitted(group, 0);
          const parameters = group.likelihood!.parameters.map((_, i) => emitted(group, i));
          return drawRows(group, parameters, rows, sequences);
        };
        const columns = groups.map((group) => ({
          fields: group.layout.fields,
          columns: group.columns(written.get(group) ?? valuesOf(group), rows),
        }));
        const decoded = withGiven(schema, inOrder(schema, columns), fixed, rows);
        yield { rows, values: withConditions(schema, decoded, shownConditions(schema, given)) };
      }
    } finally {
      await writers.release();
      await runner.release();
      await sampler.release();
    }
  }
  return { columns: rowColumns(schema), pieces: pieces() };
}

/**
 * @param count rows to draw.
 * @throws ElboError `no-prior` for a model without one.
 */
export async function sample(
  run: string | Run,
  count: number,
  options: SampleOptions = {},
): Promise<ModelRows> {
  const opened = await runOf(run);
  check(count, options);
  return collect(await samples(opened, count, options));
}

/** The same written to a file, in bounded memory. @returns how many rows were written. */
export async function sampleTo(
  path: string,
  run: string | Run,
  count: number,
  options: SampleOptions & { force?: boolean } = {},
): Promise<number> {
  const opened = await runOf(run);
  check(count, options);
  return writeRows(path, await samples(opened, count, options), options);
}
