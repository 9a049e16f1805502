// The statistics of a schema's fields, from packed training rows and no others.
import type { Field, FieldSchema, ModelledField, VectorField } from "./field.ts";
import { type GroupLayout, layoutOf, MISSING, TIME_PARTS } from "./layout.ts";
import type { PackedRows, PackedValues } from "./pack.ts";
import { leastGap, Moments, quantilesOf, Sample } from "./sums.ts";

const DAY_MS = 86_400_000;
/** Knots of a column's ranks: as many as tell its shape, few enough to sum over. */
const QUANTILE_PARTS = 32;
/** Counts of a row's sum that a share is told in, as in `groups/vector.ts`. */
const PER = 10_000;

/** What measures one field: sees its elements in pieces, and gives the field with what it found. */
interface Measure {
  add(values: PackedValues, rows: number): void;
  finish(): ModelledField;
}

/** Calls `use` with each cell of column `place` that is there; returns whether all were. */
function eachCell(
  packed: PackedValues,
  rows: number,
  place: number,
  stride: number,
  use: (value: number, row: number) => void,
): boolean {
  const values = (packed as Extract<PackedValues, { type: "dense" }>).values;
  const whole = values instanceof Int32Array;
  let complete = true;
  for (let row = 0, i = place; row < rows; row++, i += stride) {
    const value = values[i]!;
    if (whole ? value === MISSING : Number.isNaN(value)) complete = false;
    else use(value, row);
  }
  return complete;
}

function measureOf(field: ModelledField, place: number, stride: number): Measure {
  let gaps = false;
  const visit = (packed: PackedValues, rows: number, use: (v: number, row: number) => void) => {
    if (!eachCell(packed, rows, place, stride, use)) gaps = true;
  };
  const [moments, sample] = [new Moments(), new Sample()];
  const measured = () => ({ mean: moments.mean, deviation: moments.deviation, gaps });
  switch (field.kind) {
    case "real":
      return {
        add: (packed, rows) =>
          visit(packed, rows, (value) => {
            moments.add(value);
            sample.add(value);
          }),
        finish() {
          const sorted = sample.sorted();
          const resolution = leastGap(sorted);
          if (field.scale === "none") return { ...field, gaps, resolution };
          const byRank = field.scale === "quantile";
          const quantiles = byRank ? quantilesOf(sorted, QUANTILE_PARTS) : [];
          return { ...field, ...measured(), resolution, quantiles };
        },
      };
    case "positive": {
      // With zeros, the logarithm is taken of values moved by half the smallest one above 0.
      const [shifted, smallest] = [new Sample(), { above: Infinity, zeros: 0 }];
      return {
        add: (packed, rows) =>
          visit(packed, rows, (value) => {
            sample.add(value);
            if (value === 0) smallest.zeros++;
            else {
              smallest.above = Math.min(smallest.above, value);
              moments.add(Math.log(value));
              shifted.add(Math.log(value));
            }
          }),
        finish() {
          if (smallest.zeros === 0) {
            return { ...field, ...measured(), offset: 0, resolution: leastGap(shifted.sorted()) };
          }
          const offset = Number.isFinite(smallest.above) ? smallest.above / 2 : 1;
          const logs = sample.sorted().map((value) => Math.log(value + offset));
          const whole = new Moments();
          for (const log of logs) whole.add(log);
          const { mean, deviation } = whole;
          return { ...field, mean, deviation, gaps, offset, resolution: leastGap(logs) };
        },
      };
    }
    case "count": {
      const plain = new Moments();
      return {
        add: (packed, rows) =>
          visit(packed, rows, (value) => {
            moments.add(Math.log1p(value));
            plain.add(value);
          }),
        finish: () => ({
          ...field,
          ...measured(),
          spread: plain.deviation,
          logMean: Math.log(Math.max(plain.mean, 1e-4)),
          logInverseDispersion: dispersionOf(plain.mean ** 2, plain.variance - plain.mean),
        }),
      };
    }
    case "binary":
      return {
        add: (packed, rows) => visit(packed, rows, (value) => moments.add(value)),
        finish: () => ({ ...field, gaps, mean: moments.mean }),
      };
    case "categorical":
    case "ordinal": {
      const counts = new Float64Array(field.levels.length + 1);
      return {
        add: (packed, rows) =>
          visit(packed, rows, (code) => {
            counts[code]!++;
          }),
        finish() {
          const total = counts.reduce((sum, count) => sum + count, 0);
          const shares = [...counts.subarray(0, -1)].map((count) => count / Math.max(1, total));
          return { ...field, gaps, shares };
        },
      };
    }
    case "time":
      return {
        add(packed, rows) {
          const values = (packed as Extract<PackedValues, { type: "dense" }>).values;
          visit(packed, rows, (day, row) => {
            const days = day + values[row * stride + place + 1]! / DAY_MS;
            moments.add(days);
            sample.add(days);
          });
        },
        finish: () => ({
          ...field,
          ...measured(),
          resolution: field.date ? 1 : leastGap(sample.sorted()),
        }),
      };
    case "vector":
      return measureVector(field);
    case "image":
    case "text":
      return { add() {}, finish: () => field };
    default:
      return field satisfies never;
  }
}

/** log r of a negative binomial: its variance is μ + μ²/r. Held to where it means something. */
function dispersionOf(squaredMean: number, excess: number): number {
  return Math.log(Math.min(1e4, Math.max(1e-3, squaredMean / Math.max(excess, 1e-12))));
}

function measureVector(field: VectorField): Measure {
  const { size } = field;
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
  // One row spread out, NaN where missing.
  function addRow(row: Float32Array | Float64Array): void {
    let total = 0;
    for (let j = 0; j < size; j++) total += Number.isNaN(row[j]!) ? 0 : row[j]!;
    totals.add(total);
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
      const seen = field.counts ? Math.log1p((PER * value) / Math.max(1, total)) : value;
      if (rowsSeen === 0) shift[j] = seen;
      sums[j]! += seen - shift[j]!;
      squares[j]! += (seen - shift[j]!) ** 2;
      counted[j]! += value;
      raised[j]! += value * value;
      byTotal[j]! += value * total;
      present[j]!++;
    }
    rowsSeen++;
  }
  return {
    add(packed, rows) {
      const row = new Float32Array(size);
      for (let i = 0; i < rows; i++) {
        if (packed.type === "dense") {
          addRow((packed.values as Float32Array).subarray(i * size, (i + 1) * size));
          continue;
        }
        row.fill(0);
        for (let k = packed.offsets[i]!; k < packed.offsets[i + 1]!; k++) {
          row[packed.indices[k]!] = packed.values[k]!;
        }
        addRow(row);
      }
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
        logShare: field.counts ? [...counted.keys()].map((j) => Math.log(shareOf(j))) : [],
        spread: field.counts
          ? [...raised].map((square, j) => {
              const mean = counted[j]! / Math.max(1, present[j]!);
              const variance = square / Math.max(1, present[j]!) - mean * mean;
              return variance > 0 ? Math.sqrt(variance) : 1;
            })
          : [],
        logInverseDispersion: field.counts
          ? [...raised].map((square, j) => {
              // About the mean that a row's sum gives: share · total.
              const share = shareOf(j);
              const squared = share * share * (squaredTotals - lackedSquares[j]!);
              const spread = square - 2 * share * byTotal[j]! + squared;
              return dispersionOf(squared, spread - share * (allTotals - lackedTotals[j]!));
            })
          : [],
        total: field.counts ? Math.max(1, median[median.length >> 1] ?? 1) : 1,
        resolution: field.counts ? 1 : 0,
      };
    },
  };
}

/** Measures of a group, in the order of its fields. */
function measuresOf({ fields, elements }: GroupLayout): Measure[] {
  const each = elements / fields.length;
  return fields.map((field, j) =>
    measureOf(field, field.kind === "time" ? j * TIME_PARTS : j * each, elements),
  );
}

/**
 * @param pieces all training rows, packed by `schema`.
 * @returns the schema with the statistics of its fields in the place of the neutral ones.
 */
export async function measureSchema(
  schema: FieldSchema,
  pieces: AsyncIterable<PackedRows>,
): Promise<FieldSchema> {
  const groups = layoutOf(schema).map((layout) => ({ layout, measures: measuresOf(layout) }));
  const weights = new Moments();
  for await (const { rows, groups: packed, weights: some } of pieces) {
    for (const { layout, measures } of groups) {
      for (const measure of measures) measure.add(packed.get(layout.name)!, rows);
    }
    for (const weight of some ?? []) weights.add(weight);
  }
  const byName = new Map<string, Field>(
    groups.flatMap(({ measures }) =>
      measures.map((measure): [string, Field] => {
        const field = measure.finish();
        return [field.name, field];
      }),
    ),
  );
  return {
    fields: schema.fields.map((field) =>
      field.role === "weight"
        ? { ...field, mean: weights.mean }
        : (byName.get(field.name) ?? field),
    ),
  };
}
