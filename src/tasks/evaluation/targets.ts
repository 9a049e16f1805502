// How right a model's predictions of targets are, beside a linear model, nearest neighbours and what is
// most frequent, each fitted to training rows that the run keeps.
import { availableParallelism } from "node:os";
import { pickRows } from "../../data/store/pick-rows.ts";
import type { ModelledField } from "../../fields/field.ts";
import type { Group } from "../../fields/groups/index.ts";
import type { PackedRows } from "../../fields/pack.ts";
import {
  type ClassFigures,
  classFigures,
  type NumberFigures,
  numberFigures,
} from "../../metrics/predictions.ts";
import { tempered } from "../../metrics/temperature.ts";
import { predictedGroups, predictionGraph } from "../../models/inference-graphs.ts";
import { isLeveled } from "../../models/level-hits.ts";
import { levelsAt, valueAt } from "../../train/calibration.ts";
import { batchesOf } from "../../train/each-batch.ts";
import { deviceOf, type Run, type TaskOptions } from "../run.ts";
import { BATCH_ROWS } from "../stream.ts";
import { Inputs, keptRows } from "./inputs.ts";
import {
  type Labelled,
  logisticClasses,
  neighbourClasses,
  neighbourNumbers,
  ridgeNumbers,
  sharesOf,
} from "./learners.ts";

interface Predictors<Figures> {
  model: Figures;
  /**
   * Multinomial logistic regression, or ridge regression; null where rows hold no numbers or levels, or
   * the run keeps no training rows.
   */
  linear: Figures | null;
  /** Five nearest neighbours. */
  neighbours: Figures | null;
  /** The training rows' shares of classes, or their mean. */
  constant: Figures | null;
}

export type TargetReport = {
  name: string;
  /** Rows that have a value of it. */
  rows: number;
  /** Rows that the simple models are fitted to. */
  trainingRows: number;
} & (
  | ({ of: "classes" } & Predictors<ClassFigures>)
  | ({ of: "numbers" } & Predictors<NumberFigures>)
);

/** Rows that are predicted: more tell no figure better than to its third digit. */
export const MOST_PREDICTED = 10_000;
/** Errors of moments are told in days. */
const DAY = 86_400_000;

interface Asked {
  group: Group;
  at: number;
  field: ModelledField;
}

/** Rows with a value, by their places, and the values. */
function known({ group, at, field }: Asked, packed: PackedRows) {
  const unit = field.kind === "time" ? DAY : 1;
  const all = Array.from({ length: packed.rows }, (_, row) => ({
    row,
    value: valueAt(group, packed, row, at),
  })).filter(({ value }) => value !== null);
  return { rows: all.map(({ row }) => row), truths: all.map(({ value }) => value! / unit) };
}

/** What the model says: probabilities `(rows, classes)`, or numbers, by the names of fields. */
async function modelPredictions(
  run: Run,
  asked: readonly Asked[],
  packed: PackedRows,
  options: TaskOptions,
): Promise<Map<string, Float64Array>> {
  const { schema, model } = run.config;
  const calibration = await run.calibration();
  const batches = await batchesOf(schema, predictionGraph(schema, model), {
    device: await deviceOf(options),
    threads: options.threads ?? availableParallelism(),
    ...{ seed: 0, batch: BATCH_ROWS, sumsRows: false, weights: run.weights },
  });
  const parts = new Map(asked.map(({ field }) => [field.name, [] as number[]]));
  async function* pieces() {
    yield packed;
  }
  await batches.each(pieces(), (rows) => {
    for (const { group, at, field } of asked) {
      const whole = batches.runner.output(group.layout.name);
      const all = whole.slice(0, (whole.length / batches.runner.batch) * rows);
      const own = parts.get(field.name)!;
      if (!isLeveled(group)) {
        const unit = field.kind === "time" ? DAY : 1;
        for (const value of group.columns(all, rows)[at]!.values) own.push(Number(value) / unit);
        continue;
      }
      const temperature = calibration?.temperatures.get(field.name) ?? 1;
      for (let row = 0; row < rows; row++) {
        own.push(...tempered(levelsAt(group, all, row, at), temperature));
      }
    }
  });
  await batches.runner.release();
  return new Map([...parts].map(([name, values]) => [name, Float64Array.from(values)]));
}

const rowsOf = (values: Float64Array, rows: readonly number[], width: number) =>
  Float64Array.from(rows.flatMap((row) => [...values.subarray(row * width, (row + 1) * width)]));

/** Of targets that the rows have values of. */
export async function targetReports(
  run: Run,
  packed: PackedRows,
  options: TaskOptions,
): Promise<TargetReport[]> {
  const { schema, model } = run.config;
  const asked = predictedGroups(schema, model).flatMap((group) =>
    group.layout.fields.map((field, at): Asked => ({ group, at, field })),
  );
  if (!asked.some((each) => known(each, packed).rows.length > 0)) return [];
  const predicted = await modelPredictions(run, asked, packed, options);
  const inputs = await Inputs.of(run, options);
  const training = inputs ? await inputs.training() : await keptRows(run);
  const reports: TargetReport[] = [];
  try {
    for (const each of asked) {
      const own = known(each, packed);
      if (own.rows.length === 0) continue;
      const learned = training ? known(each, training) : { rows: [], truths: [] };
      const points = async (from: PackedRows, rows: readonly number[]) =>
        inputs ? inputs.points(pickRows(schema, from, rows)) : null;
      const fitted =
        training && learned.rows.length > 0 ? await points(training, learned.rows) : null;
      const others = await points(packed, own.rows);
      const labelled = fitted && { points: fitted, truths: learned.truths };
      const counts = {
        ...{ name: each.field.name, rows: own.rows.length, trainingRows: learned.rows.length },
      };
      const told = predicted.get(each.field.name)!;
      const width = told.length / packed.rows;
      const shown = rowsOf(told, own.rows, width);
      const simple = { labelled, others, learned: learned.truths, truths: own.truths };
      reports.push(
        isLeveled(each.group)
          ? { ...counts, of: "classes", ...(await classes(shown, width, simple, options)) }
          : { ...counts, of: "numbers", ...(await numbers(shown, simple, options)) },
      );
    }
  } finally {
    await inputs?.release();
  }
  const order = schema.fields.map(({ name }) => name);
  return reports.sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name));
}

interface Simple {
  labelled: Labelled | null;
  others: Float32Array | null;
  learned: readonly number[];
  truths: readonly number[];
}

async function classes(
  told: Float64Array,
  width: number,
  { labelled, others, learned, truths }: Simple,
  options: TaskOptions,
): Promise<Predictors<ClassFigures>> {
  const shares = sharesOf(learned, width);
  const constant = Float64Array.from(truths.flatMap(() => [...shares]));
  const of = (probabilities: Float64Array) => classFigures(probabilities, truths);
  return {
    model: of(told),
    linear: labelled && of(await logisticClasses(labelled, width, others!, options)),
    neighbours: labelled && of(await neighbourClasses(labelled, width, others!, options)),
    constant: learned.length > 0 ? of(constant) : null,
  };
}

async function numbers(
  told: Float64Array,
  { labelled, others, learned, truths }: Simple,
  options: TaskOptions,
): Promise<Predictors<NumberFigures>> {
  const mean = learned.reduce((sum, value) => sum + value, 0) / learned.length;
  const of = (values: Float64Array) => numberFigures(values, truths);
  return {
    model: of(told),
    linear: labelled && of(await ridgeNumbers(labelled, others!, options)),
    neighbours: labelled && of(await neighbourNumbers(labelled, others!, options)),
    constant: learned.length > 0 ? of(new Float64Array(truths.length).fill(mean)) : null,
  };
}
