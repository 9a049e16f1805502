// How unlike two samples of the same columns are, one column at a time and in pairs: 0 alike, 1 apart.
import { TwoSamples } from "./two-samples.ts";

/** Numbers, NaN where missing; or levels by their places, −1 where missing. */
export type ComparedColumn =
  | { sort: "numbers"; values: Float64Array }
  | { sort: "levels"; values: Int32Array };

/** The largest distance of two distribution functions (Kolmogorov and Smirnov). */
export function ksDistance(a: Float64Array, b: Float64Array): number {
  const there = (values: Float64Array) => values.filter((value) => !Number.isNaN(value));
  const samples = new TwoSamples(there(a));
  for (const value of there(b)) samples.add(value);
  return samples.distance;
}

/** ½ Σ |p − q| of the shares of all that occurs. */
export function totalVariation(a: Iterable<string | number>, b: Iterable<string | number>): number {
  const shares = (values: Iterable<string | number>) => {
    const counts = new Map<string | number, number>();
    let total = 0;
    for (const value of values) {
      counts.set(value, (counts.get(value) ?? 0) + 1);
      total++;
    }
    return new Map([...counts].map(([value, count]) => [value, count / total]));
  };
  const [p, q] = [shares(a), shares(b)];
  let sum = 0;
  for (const value of new Set([...p.keys(), ...q.keys()])) {
    sum += Math.abs((p.get(value) ?? 0) - (q.get(value) ?? 0));
  }
  return sum / 2;
}

export function columnDistance(a: ComparedColumn, b: ComparedColumn): number {
  if (a.sort === "numbers" && b.sort === "numbers") return ksDistance(a.values, b.values);
  const levels = ({ values }: ComparedColumn) => Array.from(values).filter((level) => level >= 0);
  return totalVariation(levels(a), levels(b));
}

/** Pearson's, of rows that have both; 0 where one does not vary. */
export function correlation(a: Float64Array, b: Float64Array): number {
  const rows = [...a.keys()].filter((i) => !Number.isNaN(a[i]!) && !Number.isNaN(b[i]!));
  const mean = (values: Float64Array) =>
    rows.reduce((sum, i) => sum + values[i]!, 0) / Math.max(1, rows.length);
  const [ma, mb] = [mean(a), mean(b)];
  let [ab, aa, bb] = [0, 0, 0];
  for (const i of rows) {
    const [x, y] = [a[i]! - ma, b[i]! - mb];
    ab += x * y;
    aa += x * x;
    bb += y * y;
  }
  return aa > 0 && bb > 0 ? ab / Math.sqrt(aa * bb) : 0;
}

/** Places that numbers are cut into beside levels. */
const BINS = 10;

/** Numbers by which of ten equal shares of `known` they fall into. */
function placed(column: ComparedColumn, known: ComparedColumn): Int32Array {
  if (column.sort === "levels") return column.values;
  const sorted = Float64Array.from(known.values)
    .filter((value) => !Number.isNaN(value))
    .sort();
  const edges = Array.from(
    { length: BINS - 1 },
    (_, k) => sorted[Math.floor(((k + 1) * sorted.length) / BINS)]!,
  );
  return Int32Array.from(column.values, (value) =>
    Number.isNaN(value) ? -1 : edges.filter((edge) => edge <= value).length,
  );
}

/**
 * Of two columns: half the difference of their correlations; where one has levels, the total variation
 * between their tables, numbers in ten places of equal shares of the first sample.
 */
export function pairDistance(
  real: readonly [ComparedColumn, ComparedColumn],
  other: readonly [ComparedColumn, ComparedColumn],
): number {
  const [a, b] = real;
  const [c, d] = other;
  if (
    a.sort === "numbers" &&
    b.sort === "numbers" &&
    c.sort === "numbers" &&
    d.sort === "numbers"
  ) {
    return Math.abs(correlation(a.values, b.values) - correlation(c.values, d.values)) / 2;
  }
  const pairs = (first: Int32Array, second: Int32Array) =>
    [...first.keys()]
      .filter((i) => first[i]! >= 0 && second[i]! >= 0)
      .map((i) => `${first[i]},${second[i]}`);
  return totalVariation(pairs(placed(a, a), placed(b, b)), pairs(placed(c, a), placed(d, b)));
}
