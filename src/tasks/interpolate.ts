// The rows between two rows: points of the straight line between their latents, decoded.
import { checkNumber } from "../base/validate.ts";
import type { DataSource } from "../data/source.ts";
import { pickRows } from "../data/store/pick-rows.ts";
import { cellsAt } from "./cells-at.ts";
import { decode } from "./decode.ts";
import { latentMoments } from "./explain/latent-moments.ts";
import { rowAt } from "./row-at.ts";
import {
  collect,
  conditionFields,
  decodedColumns,
  type ModelRows,
  type RowStream,
  withConditions,
  writeRows,
} from "./rows.ts";
import { type Run, runOf, sourceFor, type TaskOptions } from "./run.ts";
import { freeName, outputColumns } from "./table.ts";

export interface InterpolateOptions extends TaskOptions {
  /** Rows of the data, from 0. */
  from: number;
  to: number;
  /** Points, both ends among them. Default 9. */
  steps?: number;
}

export const DEFAULT_STEPS = 9;

async function between(
  run: Run,
  source: DataSource,
  options: InterpolateOptions,
): Promise<RowStream> {
  const { schema, model } = run.config;
  const steps = checkNumber("--steps", options.steps ?? DEFAULT_STEPS, { min: 2, integer: true });
  // Conditions are those of the row that it starts from, all the way.
  const given = conditionFields(schema).map(({ name }) => name);
  const conditions = source.columns.filter(({ name }) => given.includes(name));
  const from = await rowAt(run, source, options.from, "--from", conditions);
  const to = await rowAt(run, source, options.to, "--to");
  const [a, b] = [
    (await latentMoments(run, from.packed, options)).means,
    (await latentMoments(run, to.packed, options)).means,
  ];
  const { latent } = model;
  const latents = Float32Array.from({ length: steps * latent }, (_, k) => {
    const share = Math.floor(k / latent) / (steps - 1);
    return a[k % latent]! + share * (b[k % latent]! - a[k % latent]!);
  });
  const alike = new Array<number>(steps).fill(0);
  const decoded = await decode(run, latents, pickRows(schema, from.packed, alike), options);
  const cells = conditions.map(
    (info, i) => [info.name, cellsAt(info, from.cells[i]!, alike)] as const,
  );
  const values = withConditions(schema, decoded, new Map(cells));
  const infos = withConditions(
    schema,
    decodedColumns(schema),
    new Map(conditions.map((info) => [info.name, info])),
  );
  const taken = infos.flatMap(outputColumns).map(({ name }) => name);
  const shares = Float64Array.from({ length: steps }, (_, i) => i / (steps - 1));
  async function* pieces() {
    yield { rows: steps, values: [{ type: "number" as const, values: shares }, ...values] };
  }
  return {
    columns: [{ name: freeName("share", taken), type: "number" }, ...infos],
    pieces: pieces(),
  };
}

/** In memory: `share`, from 0 at the first row to 1 at the other, and the decoded fields. */
export async function interpolate(
  run: string | Run,
  data: string | DataSource,
  options: InterpolateOptions,
): Promise<ModelRows> {
  const opened = await runOf(run);
  const source = await sourceFor(opened, data);
  try {
    return await collect(await between(opened, source, options));
  } finally {
    if (typeof data === "string") await source.close?.();
  }
}

/** The same written to a file: a table, or images side by side. @returns how many points. */
export async function interpolateTo(
  path: string,
  run: string | Run,
  data: string | DataSource,
  options: InterpolateOptions & { force?: boolean },
): Promise<number> {
  const opened = await runOf(run);
  const source = await sourceFor(opened, data);
  try {
    const across = options.steps ?? DEFAULT_STEPS;
    return await writeRows(path, await between(opened, source, options), { ...options, across });
  } finally {
    if (typeof data === "string") await source.close?.();
  }
}
