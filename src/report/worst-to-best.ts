// Rows beside what the model makes of them, from the worst to the best.
import type { ColumnValues } from "../fields/columns.ts";
import type { Kind } from "../fields/field.ts";
import { editDistance } from "../metrics/edit-distance.ts";
import { evenly, pickRows, type RawRows } from "../tasks/raw-rows.ts";
import { decodedFields } from "../tasks/rows.ts";
import type { RunConfig } from "../train/config.ts";
import type { Reconstruction } from "./facts.ts";

/** Symbols of a text that are compared. */
const MOST_SYMBOLS = 200;

/** Share of the longer text's symbols that must be edited. */
function textError(own: string, made: string): number {
  const [a, b] = [own, made].map((text) => [...text].slice(0, MOST_SYMBOLS)) as [
    string[],
    string[],
  ];
  return editDistance(a.join(""), b.join("")) / Math.max(1, a.length, b.length);
}

/** Each row's error in a column: squares in deviations of the column, or 1 of what is another. */
function errorsOf(observed: ColumnValues, made: ColumnValues, rows: number, kind: Kind) {
  const levels = kind === "categorical" || kind === "ordinal" || kind === "binary";
  const errors = new Float64Array(rows).fill(Number.NaN);
  if (observed.type === "text" && made.type === "text") {
    for (let i = 0; i < rows; i++) {
      const [own, other] = [observed.values[i], made.values[i] ?? ""];
      if (own === null || own === undefined) continue;
      errors[i] = levels ? Number(own !== other) : textError(own, other);
    }
    return errors;
  }
  if (observed.type === "text" || made.type === "text") return errors;
  if (observed.type === "sparse" || made.type === "sparse")
    return sparseErrors(observed, made, rows);
  const [own, other] = [observed.values, made.values];
  const size = own.length / rows;
  const variance = levels ? 1 : varianceOf(own);
  for (let i = 0; i < rows; i++) {
    let [sum, count] = [0, 0];
    for (let j = i * size; j < (i + 1) * size; j++) {
      if (Number.isNaN(own[j]!)) continue;
      sum += levels ? Number(own[j] !== other[j]) : (own[j]! - other[j]!) ** 2 / variance;
      count++;
    }
    if (count > 0) errors[i] = sum / count;
  }
  return errors;
}

/** Of counts that are mostly 0, on the scale of log(1 + count). */
function sparseErrors(observed: ColumnValues, made: ColumnValues, rows: number): Float64Array {
  const errors = new Float64Array(rows).fill(Number.NaN);
  if (observed.type !== "sparse" || made.type !== "vector") return errors;
  const size = made.values.length / rows;
  for (let i = 0; i < rows; i++) {
    const own = new Float64Array(size);
    for (let k = observed.offsets[i]!; k < observed.offsets[i + 1]!; k++) {
      own[observed.indices[k]!] = observed.values[k]!;
    }
    const other = made.values.subarray(i * size, (i + 1) * size);
    errors[i] =
      own.reduce((sum, v, j) => sum + (Math.log1p(v) - Math.log1p(other[j]!)) ** 2, 0) / size;
  }
  return errors;
}

function varianceOf(values: ArrayLike<number>): number {
  let [count, mean, squares] = [0, 0, 0];
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (Number.isNaN(value)) continue;
    count++;
    const delta = value - mean;
    mean += delta / count;
    squares += delta * (value - mean);
  }
  return squares / Math.max(1, count) || 1;
}

/** So many rows at even ranks, the worst first. */
export function worstToBest(
  { schema }: RunConfig,
  observed: RawRows,
  made: RawRows,
  count: number,
): Reconstruction[] {
  const { rows } = observed;
  const fields = decodedFields(schema).filter(({ role }) => role === "data");
  const each = fields.flatMap(({ name, kind }) => {
    const at = (of: RawRows) => of.values[of.columns.findIndex((column) => column.name === name)];
    const [own, other] = [at(observed), at(made)];
    return own && other ? [errorsOf(own, other, rows, kind)] : [];
  });
  const errors = Array.from({ length: rows }, (_, i) => {
    const known = each.map((of) => of[i]!).filter((error) => !Number.isNaN(error));
    return known.reduce((sum, error) => sum + error, 0) / Math.max(1, known.length);
  });
  const ranked = errors.map((_, i) => i).sort((a, b) => errors[b]! - errors[a]! || a - b);
  const places = count >= rows ? ranked : spreadOver(ranked, count);
  return places.map((row) => ({
    row: row + 1,
    error: errors[row]!,
    observed: pickRows(observed, [row]),
    reconstructed: pickRows(made, [row]),
  }));
}

/** The first, the last, and what is evenly between. */
function spreadOver(ranked: readonly number[], count: number): number[] {
  return evenly(ranked.length - 1, count - 1)
    .map((place) => ranked[place]!)
    .concat(ranked.at(-1)!);
}
