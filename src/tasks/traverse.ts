// What each latent does: points from two deviations below its middle to two above, the other latents at
// theirs, decoded.
import { ElboError } from "../base/errors.ts";
import { checkNumber } from "../base/validate.ts";
import { pickRows } from "../data/store/pick-rows.ts";
import type { ColumnValues } from "../fields/columns.ts";
import { Packer } from "../fields/pack.ts";
import { activeUnits } from "../metrics/active-units.ts";
import { methods } from "../models/methods/index.ts";
import { decode } from "./decode.ts";
import { latentMoments } from "./explain/latent-moments.ts";
import { REACH } from "./explain/sensitivity.ts";
import { conditionColumns } from "./given-columns.ts";
import { DEFAULT_STEPS } from "./interpolate.ts";
import {
  collect,
  type ModelRows,
  type RowStream,
  rowColumns,
  withConditions,
  writeRows,
} from "./rows.ts";
import { type Run, runOf, type TaskOptions } from "./run.ts";
import { freeName, outputColumns } from "./table.ts";
import { conditionRows } from "./where.ts";

export interface TraverseOptions extends TaskOptions {
  /** Default: those that are used. */
  latents?: readonly number[];
  /** Points of each. Default 9. */
  steps?: number;
  /** Values of the condition fields, as texts. */
  where?: Readonly<Record<string, string>>;
}

async function conditionsFor(run: Run, where: Readonly<Record<string, string>>, rows: number) {
  const { schema } = run.config;
  const condition = conditionRows(schema, where, 1);
  if (condition === null) return { packed: null, columns: new Map<string, ColumnValues>() };
  const columns = conditionColumns(schema, condition.values, rows);
  const packer = new Packer(condition.schema, condition.source, "scoring");
  for await (const chunk of condition.source.chunks(packer.names)) {
    const own = packer.pack(chunk);
    return { packed: pickRows(condition.schema, own, new Array<number>(rows).fill(0)), columns };
  }
  return { packed: null, columns };
}

function checkLatents(wanted: readonly number[], latent: number): readonly number[] {
  const wrong = wanted.find((j) => !Number.isInteger(j) || j < 0 || j >= latent);
  if (wrong === undefined && wanted.length > 0) return wanted;
  throw new ElboError({
    code: "option-value",
    kind: "usage",
    message: `--latents are numbers from 0 to ${latent - 1}, received ${wrong ?? "none"}`,
    hint: "Give for example --latents 0.",
  });
}

async function traversal(run: Run, options: TraverseOptions): Promise<RowStream> {
  const { schema, model } = run.config;
  const { latent } = model;
  const steps = checkNumber("--steps", options.steps ?? DEFAULT_STEPS, { min: 2, integer: true });
  const { training } = await run.reference();
  const { center, deviation, meanVariance } = await latentMoments(run, training, options);
  const all = Array.from({ length: latent }, (_, j) => j);
  const used = methods[model.method].probabilistic
    ? all.filter((j) => activeUnits([meanVariance[j]!]) === 1)
    : all;
  const latents = checkLatents(options.latents ?? (used.length > 0 ? used : all), latent);
  const rows = latents.length * steps;
  const values = Float64Array.from({ length: rows }, (_, i) => {
    const j = latents[Math.floor(i / steps)]!;
    return center[j]! + REACH * deviation[j]! * ((2 * (i % steps)) / (steps - 1) - 1);
  });
  const points = new Float32Array(rows * latent);
  for (let i = 0; i < rows; i++) {
    points.set(center, i * latent);
    points[i * latent + latents[Math.floor(i / steps)]!] = values[i]!;
  }
  const conditions = await conditionsFor(run, options.where ?? {}, rows);
  const decoded = await decode(run, points, conditions.packed, options);
  const columns = withConditions(schema, decoded, conditions.columns);
  const names = Array.from({ length: rows }, (_, i) => `z${latents[Math.floor(i / steps)]}`);
  const infos = rowColumns(schema);
  const taken = infos.flatMap(outputColumns).map(({ name }) => name);
  async function* pieces() {
    yield {
      rows,
      values: [
        { type: "text" as const, values: names },
        { type: "number" as const, values },
        ...columns,
      ],
    };
  }
  return {
    columns: [
      { name: freeName("latent", taken), type: "text" },
      { name: freeName("value", taken), type: "number" },
      ...infos,
    ],
    pieces: pieces(),
  };
}

/** In memory: `latent`, its `value`, and the decoded fields. */
export async function traverse(
  run: string | Run,
  options: TraverseOptions = {},
): Promise<ModelRows> {
  return collect(await traversal(await runOf(run), options));
}

/** The same written to a file: a table, or a row of images for each latent. @returns how many points. */
export async function traverseTo(
  path: string,
  run: string | Run,
  options: TraverseOptions & { force?: boolean } = {},
): Promise<number> {
  const opened = await runOf(run);
  const across = options.steps ?? DEFAULT_STEPS;
  return writeRows(path, await traversal(opened, options), { ...options, across });
}
