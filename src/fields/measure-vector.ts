// The statistics of a vector field: of its values, or of counts as shares of their row's sum.
import { DIGITS, decimalsOf } from "./decimals.ts";
import { isShared, type ModelledField, type VectorField } from "./field.ts";
import type { PackedValues } from "./pack.ts";
import { Sample } from "./sums.ts";

/** Counts of a row's sum that a share is told in, as in `groups/vector.ts`. */
const PER = 10_000;

/** What measures one field: sees its elements in pieces, and gives the field with what it found. */
export interface Measure {
  add(values: PackedValues, rows: number): void;
  finish(): ModelledField;
}

/** The decimals where float32 holds all digits of values so large; null where it is the one that ends them. */
const holds = (largest: number, decimals: number | null) =>
  decimals !== null && largest * 10 ** decimals < 10 ** DIGITS ? decimals : null;

/** log r of a negative binomial: its variance is μ + μ²/r. Held to where it means something. */
export function dispersionOf(squaredMean: number, excess: number): number {
  return Math.log(Math.min(1e4, Math.max(1e-3, squaredMean / Math.max(excess, 1e-12))));
}

export function measureVector(field: VectorField): Measure {
  const { size } = field;
  const counts = isShared(field);
  const [sums, squares, totals] = [new Float64Array(size), new Float64Array(size), new Sample()];
  const [counted, raised, byTotal] = [0, 0, 0].map(() => new Float64Array(size)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  // Sums of the rows' totals and of their squares, and of those rows that lack a place.
  let [allTotals, squaredTotals] = [0, 0];
  const [lackedTotals, lackedSquares] = [new Float64Array(size), new Float64Array(size)];
  const present = new Float64Array(size);
  const shift = new Float64Array(size);
  let [rowsSeen, gaps] = [0, false];
  const told = field.decimals !== undefined;
  let decimals: number | null = 0;
  let largest = 0;
  /** Adds one row spread out, NaN where missing; returns its total. */
  function addRow(row: Float32Array | Float64Array): number {
    if (told && decimals !== null) {
      decimals = decimalsOf(row, decimals);
      for (const value of row) if (Math.abs(value) > largest) largest = Math.abs(value);
    }
    let total = 0;
    for (let j = 0; j < size; j++) total += Number.isNaN(row[j]!) ? 0 : row[j]!;
    allTotals += total;
    squaredTotals += total * total;
    for (let j = 0; j < size; j++) {
      const value = row[j]!;
      if (Number.isNaN(value)) {
        gaps = true;
        lackedTotals[j]! += total;
        lackedSquares[j]! += total * total;
        continue;
      }
      const seen = counts ? Math.log1p((PER * value) / Math.max(1, total)) : value;
      if (rowsSeen === 0) shift[j] = seen;
      sums[j]! += seen - shift[j]!;
      squares[j]! += (seen - shift[j]!) ** 2;
      counted[j]! += value;
      raised[j]! += value * value;
      byTotal[j]! += value * total;
      present[j]!++;
    }
    rowsSeen++;
    return total;
  }
  return {
    add(packed, rows) {
      const row = new Float32Array(size);
      const totalOf = new Float64Array(rows);
      for (let i = 0; i < rows; i++) {
        if (packed.type === "dense") {
          const values = packed.values as Float32Array;
          totalOf[i] = addRow(values.subarray(i * size, (i + 1) * size));
          continue;
        }
        row.fill(0);
        for (let k = packed.offsets[i]!; k < packed.offsets[i + 1]!; k++) {
          row[packed.indices[k]!] = packed.values[k]!;
        }
        totalOf[i] = addRow(row);
      }
      totals.add(totalOf);
    },
    finish() {
      /** Of all that is counted in the rows that have place j. */
      const shareOf = (j: number) =>
        // A place that no training row counts anything in has half a count.
        Math.max(counted[j]!, 0.5) / Math.max(1, allTotals - lackedTotals[j]!);
      const mean = [...sums].map((sum, j) => shift[j]! + sum / Math.max(1, present[j]!));
      const deviation = [...squares].map((square, j) => {
        const off = sums[j]! / Math.max(1, present[j]!);
        const variance = square / Math.max(1, present[j]!) - off * off;
        return variance > 1e-12 * (1 + mean[j]! ** 2) ? Math.sqrt(variance) : 1;
      });
      const median = totals.sorted();
      return {
        ...field,
        gaps,
        mean,
        deviation,
        logShare: counts ? [...counted.keys()].map((j) => Math.log(shareOf(j))) : [],
        spread: counts
          ? [...raised].map((square, j) => {
              const mean = counted[j]! / Math.max(1, present[j]!);
              const variance = square / Math.max(1, present[j]!) - mean * mean;
              return variance > 0 ? Math.sqrt(variance) : 1;
            })
          : [],
        logInverseDispersion: counts
          ? [...raised].map((square, j) => {
              // About the mean that a row's sum gives: share · total.
              const share = shareOf(j);
              const squared = share * share * (squaredTotals - lackedSquares[j]!);
              const spread = square - 2 * share * byTotal[j]! + squared;
              return dispersionOf(squared, spread - share * (allTotals - lackedTotals[j]!));
            })
          : [],
        total: counts ? Math.max(1, median[median.length >> 1] ?? 1) : 1,
        resolution: field.counts ? 1 : 0,
        ...(told ? { decimals: holds(largest, decimals) } : {}),
      };
    },
  };
}
