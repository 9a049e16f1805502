// The targets of rows: classes with their probabilities, numbers with intervals. Both are calibrated by
// the rows that training held out.
import { ElboError } from "../base/errors.ts";
import { checkNumber } from "../base/validate.ts";
import type { DataSource } from "../data/source.ts";
import type { ColumnInfo, ColumnValues } from "../fields/columns.ts";
import { rounding } from "../fields/decimals.ts";
import type { ModelledField } from "../fields/field.ts";
import type { Group } from "../fields/groups/index.ts";
import { conformalRadius } from "../metrics/conformal.ts";
import { tempered } from "../metrics/temperature.ts";
import { MEAN, predictedGroups, predictionGraph } from "../models/inference-graphs.ts";
import { type Calibration, intervalScale, levelsAt } from "../train/calibration.ts";
import { collect, infoOf, type RowStream, writeRows } from "./rows.ts";
import { type Run, runOf, sourceFor, type TaskOptions } from "./run.ts";
import { Scores, type TargetScore } from "./scores.ts";
import { Spread } from "./spread.ts";
import { carriedColumns, type OnNotes, useModel } from "./stream.ts";
import { freeName } from "./table.ts";

export interface PredictOptions extends TaskOptions {
  /** The probability with which an interval holds the number. Default 0.9. */
  interval?: number;
  /**
   * Whether classes are told by neighbours in latent space instead of the model's own likelihood, for a
   * target that few training rows have; see ./spread.ts. Default false.
   */
  spread?: boolean;
}

export interface PredictSummary {
  rows: number;
  /** Of each target that the data has values of: how right the predictions were. */
  scores: TargetScore[];
}

export interface Predictions extends PredictSummary {
  columns: ColumnInfo[];
  /** In the order of `columns`: the data's id columns, then those of each target. */
  values: ColumnValues[];
}

/** What is told of rows. */
export interface Target {
  group: Group;
  at: number;
  field: ModelledField;
  /** Of classes: as the column has them. */
  classes: string[] | null;
}

export const DEFAULT_INTERVAL = 0.9;

function targetsIn({ config: { schema, model } }: Run): Target[] {
  const targets = predictedGroups(schema, model).flatMap((group) =>
    group.layout.fields.map((field, at): Target => {
      const classes =
        field.kind === "binary"
          ? field.boolean
            ? ["false", "true"]
            : ["0", "1"]
          : "levels" in field
            ? field.levels
            : null;
      return { group, at, field, classes };
    }),
  );
  if (targets.length === 0) {
    throw new ElboError({
      code: "no-target",
      kind: "usage",
      message: "predict tells target fields, and the run has none of one value a row",
      hint: "Train with --target COLUMN; elbo impute fills gaps of any column.",
    });
  }
  const order = schema.fields.map(({ name }) => name);
  return targets.sort((a, b) => order.indexOf(a.field.name) - order.indexOf(b.field.name));
}

const noClasses = (targets: readonly Target[]) =>
  new ElboError({
    code: "spread-numbers",
    kind: "usage",
    message: `--spread tells classes, and ${targets.map(({ field }) => field.name).join(", ")} has none`,
    hint: "Leave it out: numbers are told by the model alone.",
  });

/** What of a target is told in which columns. */
interface Told extends Target {
  names: string[];
  infos: ColumnInfo[];
  /** Half the interval on `intervalScale`; null where rows held out cannot tell. */
  radius: number | null;
  temperature: number;
}

function toldOf(
  target: Target,
  taken: string[],
  calibration: Calibration | null,
  share: number,
): Told {
  const { field, classes } = target;
  const { name } = field;
  const radius = classes ? null : conformalRadius(calibration?.errors.get(name) ?? [], share);
  const info = infoOf(field);
  const number = { type: "number" } as const;
  const more = classes
    ? classes.map((level): [string, ColumnInfo] => [`${name}_p_${level}`, { name, ...number }])
    : radius === null
      ? []
      : ["low", "high"].map((end): [string, ColumnInfo] => [`${name}_${end}`, info]);
  const all: [string, ColumnInfo][] = [[`${name}_predicted`, info], ...more];
  const infos = all.map(([wanted, own]) => {
    const free = freeName(wanted, taken);
    taken.push(free);
    return { ...own, name: free };
  });
  const temperature = calibration?.temperatures.get(name) ?? 1;
  return { ...target, names: infos.map((own) => own.name), infos, radius, temperature };
}

function notesOf(told: readonly Told[], calibration: Calibration | null, share: number) {
  const notes: { code: string; message: string }[] = [];
  for (const { field, classes, radius } of told) {
    if (classes && !calibration?.temperatures.has(field.name)) {
      notes.push({
        code: "not-calibrated",
        message: `the probabilities of ${field.name} are the model's own: no row held out had a value of it`,
      });
    }
    if (classes || radius !== null) continue;
    const rows = calibration?.errors.get(field.name)?.length ?? 0;
    notes.push({
      code: "no-interval",
      message: `${field.name} has no interval: ${rows} rows held out cannot tell one of ${share}`,
    });
  }
  return notes;
}

/** Columns of a target in some rows. */
function valuesOf(
  told: Told,
  all: Float32Array,
  rows: number,
  spread: Float64Array[] | undefined,
): ColumnValues[] {
  const { group, at, classes, temperature, field, radius } = told;
  if (!classes) {
    const [predicted, scale] = [group.columns(all, rows)[at]!, intervalScale(field)];
    if (radius === null || predicted.type === "text") return [predicted];
    // To the column's own places: a value that has no more lies in the rounded interval where it lay in the other.
    const rounded = rounding("decimals" in field ? field.decimals : null);
    const end = (sign: number): ColumnValues => ({
      type: predicted.type === "time" ? "time" : "number",
      values: Float64Array.from(predicted.values as Float64Array, (value) =>
        rounded(scale.from(scale.to(value) + sign * radius)),
      ),
    });
    return [predicted, end(-1), end(1)];
  }
  const columns = classes.map(() => new Float64Array(rows));
  const codes = new Float32Array(rows * group.values);
  for (let row = 0; row < rows; row++) {
    const own = tempered(spread?.[row] ?? levelsAt(group, all, row, at), temperature);
    for (const [k, p] of own.entries()) columns[k]![row] = p;
    codes[row * group.values + at] = own.indexOf(Math.max(...own));
  }
  const shares = columns.map((values): ColumnValues => ({ type: "number", values }));
  return [group.columns(codes, rows)[at]!, ...shares];
}

interface Predicting {
  stream: RowStream;
  scores: Scores;
}

async function predictions(
  run: Run,
  source: DataSource,
  { interval = DEFAULT_INTERVAL, spread, ...options }: PredictOptions & { onNotes?: OnNotes },
): Promise<Predicting> {
  checkNumber("--interval", interval, { min: 0, above: true, max: 1 - 1e-9 });
  const { schema, model } = run.config;
  const targets = targetsIn(run);
  const classed = targets.filter(({ classes }) => classes);
  if (spread && classed.length === 0) throw noClasses(targets);
  const spreading = spread ? await Spread.of(run, classed, options) : null;
  const own = await run.calibration();
  const calibration = spreading
    ? { errors: own?.errors ?? new Map(), temperatures: spreading.temperatures }
    : own;
  const ids = carriedColumns(run, source);
  const taken = source.columns.map(({ name }) => name);
  const told = targets.map((target) => toldOf(target, taken, calibration, interval));
  const truths = source.columns.filter((info) =>
    told.some(({ field }) => field.name === info.name),
  );
  const scores = new Scores(told.map(({ field, classes }) => ({ name: field.name, classes })));
  const graph = predictionGraph(schema, model, spreading !== null);
  const { chunks } = useModel(run, source, graph, options, [...ids, ...truths]);
  async function* pieces() {
    try {
      for await (const { rows, output, carried } of chunks) {
        const { latent } = model;
        const shares = await spreading?.shares(output(MEAN).slice(0, rows * latent));
        const values = told.map((target) => {
          const all = output(target.group.layout.name);
          return valuesOf(target, all, rows, shares?.get(target.field.name));
        });
        for (const [t, { field }] of told.entries()) {
          const place = truths.findIndex(({ name }) => name === field.name);
          if (place >= 0) scores.add(field.name, carried[ids.length + place]!, values[t]!);
        }
        yield { rows, values: [...carried.slice(0, ids.length), ...values.flat()] };
      }
    } finally {
      await spreading?.release();
    }
    options.onNotes?.(notesOf(told, calibration, interval));
  }
  const columns = [...ids, ...told.flatMap(({ infos }) => infos)];
  return { stream: { columns, pieces: pieces() }, scores };
}

/**
 * All in memory.
 * @throws ElboError `no-target` of a run without target fields.
 */
export async function predict(
  run: string | Run,
  data: string | DataSource,
  options: PredictOptions = {},
): Promise<Predictions> {
  const opened = await runOf(run);
  const source = await sourceFor(opened, data);
  try {
    const { stream, scores } = await predictions(opened, source, options);
    return { ...(await collect(stream)), scores: scores.all() };
  } finally {
    if (typeof data === "string") await source.close?.();
  }
}

/** The same written to a file, in bounded memory. */
export async function predictTo(
  path: string,
  run: string | Run,
  data: string | DataSource,
  options: PredictOptions & { force?: boolean } = {},
): Promise<PredictSummary> {
  const opened = await runOf(run);
  const source = await sourceFor(opened, data);
  try {
    const { stream, scores } = await predictions(opened, source, options);
    const rows = await writeRows(path, stream, options);
    return { rows, scores: scores.all() };
  } finally {
    if (typeof data === "string") await source.close?.();
  }
}
