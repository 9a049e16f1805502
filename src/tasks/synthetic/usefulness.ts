// Whether a simple model that learned from synthetic rows does as well on real ones as one that learned
// from real rows.
import type { ModelledField } from "../../fields/field.ts";
import { ridgeRegression, scoresOf, softmaxRegression } from "../../metrics/linear-model.ts";
import { isLevel } from "../explain/edits.ts";
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

const RIDGE = 1;
const MOST_LEVELS = 20;

/** The run's target, else the last column of few levels, else the last one. */
export function targetOf(fields: readonly ModelledField[]): ModelledField | undefined {
  const few = (field: ModelledField) =>
    isLevel(field) && (!("levels" in field) || field.levels.length <= MOST_LEVELS);
  const targets = fields.filter((field) => field.role === "target");
  return targets.at(-1) ?? fields.filter(few).at(-1) ?? fields.at(-1);
}

interface Task {
  points: Float64Array[];
  /** The target's number or level. */
  values: number[];
}

/** @param test real rows; @param real other real ones, of which the scales are too. */
export function usefulness(
  fields: readonly ModelledField[],
  { synthetic, real, test }: { synthetic: RawTable; real: RawTable; test: RawTable },
): Usefulness | null {
  const target = targetOf(fields);
  if (!target || fields.length < 2) return null;
  const others = fields.filter((field) => field !== target);
  const at = fields.indexOf(target);
  const without = (table: RawTable): RawTable => ({
    ...table,
    columns: table.columns.filter((_, j) => j !== at),
  });
  const space = new FeatureSpace(others, without(real));
  const taskOf = (table: RawTable): Task => {
    const [column] = comparedColumns([target], { ...table, columns: [table.columns[at]!] });
    const points = space.points(without(table));
    const rows = Array.from({ length: table.rows }, (_, i) => i).filter((i) => {
      const value = column!.values[i]!;
      return column!.sort === "levels" ? value >= 0 : !Number.isNaN(value);
    });
    return {
      points: rows.map((i) => points.subarray(i * space.size, (i + 1) * space.size)),
      values: rows.map((i) => column!.values[i]!),
    };
  };
  const tasks = { synthetic: taskOf(synthetic), real: taskOf(real), test: taskOf(test) };
  if (Object.values(tasks).some(({ values }) => values.length < 2)) return null;
  return isLevel(target) ? classes(target, tasks) : numbers(target, tasks);
}

type Tasks = Record<"synthetic" | "real" | "test", Task>;

function classes(target: ModelledField, { synthetic, real, test }: Tasks): Usefulness {
  const count = "levels" in target ? target.levels.length : 2;
  const accuracy = (told: (x: Float64Array) => number) =>
    test.points.filter((x, i) => told(x) === test.values[i]).length / test.points.length;
  const of = ({ points, values }: Task) => {
    const model = softmaxRegression(points, values, count, { ridge: RIDGE });
    return accuracy((x) => {
      const scores = scoresOf(model, x);
      return scores.indexOf(Math.max(...scores));
    });
  };
  const counts = new Array<number>(count).fill(0);
  for (const level of real.values) counts[level]!++;
  const most = counts.indexOf(Math.max(...counts));
  return {
    target: target.name,
    measure: "accuracy",
    synthetic: of(synthetic),
    real: of(real),
    constant: accuracy(() => most),
  };
}

function numbers(target: ModelledField, { synthetic, real, test }: Tasks): Usefulness {
  const mean = (values: readonly number[]) =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const middle = mean(test.values);
  const spread = mean(test.values.map((value) => (value - middle) ** 2)) || 1;
  const explained = (told: (x: Float64Array) => number) =>
    1 - mean(test.points.map((x, i) => (told(x) - test.values[i]!) ** 2)) / spread;
  const of = ({ points, values }: Task) => {
    const model = ridgeRegression(points, values, RIDGE);
    return explained((x) => scoresOf(model, x)[0]!);
  };
  const constant = mean(real.values);
  return {
    target: target.name,
    measure: "r2",
    synthetic: of(synthetic),
    real: of(real),
    constant: explained(() => constant),
  };
}
