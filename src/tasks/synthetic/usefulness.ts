// Whether a simple model that learned from synthetic rows does as well on real ones as one that learned
// from real rows.
import type { ModelledField } from "../../fields/field.ts";
import { type Labelled, logisticClasses, ridgeNumbers } from "../evaluation/learners.ts";
import { isLevel } from "../explain/edits.ts";
import type { TaskOptions } from "../run.ts";
import { comparedColumns, FeatureSpace, type RawTable } from "./compared-table.ts";

export interface Usefulness {
  /** The column that is told from the others. */
  target: string;
  /** Shares of classes told right, or of a number's variance explained (R²). */
  measure: "accuracy" | "r2";
  /** On real rows, of a model of as many synthetic ones, of real ones, and of none. */
  synthetic: number;
  real: number;
  constant: number;
}

const MOST_LEVELS = 20;

/** The run's target, else the last column of few levels, else the last one. */
export function targetOf(fields: readonly ModelledField[]): ModelledField | undefined {
  const few = (field: ModelledField) =>
    isLevel(field) && (!("levels" in field) || field.levels.length <= MOST_LEVELS);
  const targets = fields.filter((field) => field.role === "target");
  return targets.at(-1) ?? fields.filter(few).at(-1) ?? fields.at(-1);
}

/** @param test real rows; @param real other real ones, of which the scales are too. */
export async function usefulness(
  fields: readonly ModelledField[],
  { synthetic, real, test }: { synthetic: RawTable; real: RawTable; test: RawTable },
  options: TaskOptions,
): Promise<Usefulness | null> {
  const target = targetOf(fields);
  if (!target || fields.length < 2) return null;
  const others = fields.filter((field) => field !== target);
  const at = fields.indexOf(target);
  const without = (table: RawTable): RawTable => ({
    ...table,
    columns: table.columns.filter((_, j) => j !== at),
  });
  const space = new FeatureSpace(others, without(real));
  const labelled = (table: RawTable): Labelled => {
    const [column] = comparedColumns([target], { ...table, columns: [table.columns[at]!] });
    const points = space.points(without(table));
    const rows = Array.from({ length: table.rows }, (_, i) => i).filter((i) => {
      const value = column!.values[i]!;
      return column!.sort === "levels" ? value >= 0 : !Number.isNaN(value);
    });
    return {
      points: Float32Array.from(
        rows.flatMap((i) => [...points.subarray(i * space.size, (i + 1) * space.size)]),
      ),
      truths: rows.map((i) => column!.values[i]!),
    };
  };
  const tasks = { synthetic: labelled(synthetic), real: labelled(real), test: labelled(test) };
  if (Object.values(tasks).some(({ truths }) => truths.length < 2)) return null;
  return isLevel(target) ? classes(target, tasks, options) : numbers(target, tasks, options);
}

type Tasks = Record<"synthetic" | "real" | "test", Labelled>;

async function classes(
  target: ModelledField,
  { synthetic, real, test }: Tasks,
  options: TaskOptions,
): Promise<Usefulness> {
  const count = "levels" in target ? target.levels.length : 2;
  const accuracy = (told: (row: number) => number) =>
    test.truths.filter((truth, i) => told(i) === truth).length / test.truths.length;
  const of = async (rows: Labelled) => {
    const shares = await logisticClasses(rows, count, test.points, options);
    return accuracy((i) => {
      const own = shares.subarray(i * count, (i + 1) * count);
      return own.indexOf(Math.max(...own));
    });
  };
  const counts = new Array<number>(count).fill(0);
  for (const level of real.truths) counts[level]!++;
  const most = counts.indexOf(Math.max(...counts));
  return {
    target: target.name,
    measure: "accuracy",
    synthetic: await of(synthetic),
    real: await of(real),
    constant: accuracy(() => most),
  };
}

async function numbers(
  target: ModelledField,
  { synthetic, real, test }: Tasks,
  options: TaskOptions,
): Promise<Usefulness> {
  const mean = (values: readonly number[]) =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const middle = mean(test.truths);
  const spread = mean(test.truths.map((value) => (value - middle) ** 2)) || 1;
  const explained = (told: (row: number) => number) =>
    1 - mean(test.truths.map((truth, i) => (told(i) - truth) ** 2)) / spread;
  const of = async (rows: Labelled) => {
    const told = await ridgeNumbers(rows, test.points, options);
    return explained((i) => told[i]!);
  };
  const constant = mean(real.truths);
  return {
    target: target.name,
    measure: "r2",
    synthetic: await of(synthetic),
    real: await of(real),
    constant: explained(() => constant),
  };
}
