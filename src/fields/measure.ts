// The statistics of a schema's fields, from packed training rows and no others.
import { decimalsOf } from "./decimals.ts";
import type { Field, FieldSchema, ModelledField } from "./field.ts";
import { hasHurdle } from "./hurdle.ts";
import { type GroupLayout, layoutOf, MISSING, TIME_PARTS } from "./layout.ts";
import { measureImage } from "./mean-image.ts";
import { measureText } from "./measure-text.ts";
import { dispersionOf, type Measure, measureVector } from "./measure-vector.ts";
import type { PackedRows, PackedValues } from "./pack.ts";
import { leastGap, Moments, quantilesOf, Sample } from "./sums.ts";

const DAY_MS = 86_400_000;
/** Knots of a column's ranks: as many as tell its shape, few enough to sum over. */
const QUANTILE_PARTS = 32;

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
          const [resolution, decimals] = [leastGap(sorted), decimalsOf(sorted)];
          if (field.scale === "none") return { ...field, gaps, resolution, decimals };
          const byRank = field.scale === "quantile";
          const quantiles = byRank ? quantilesOf(sorted, QUANTILE_PARTS) : [];
          return { ...field, ...measured(), resolution, decimals, quantiles };
        },
      };
    case "positive": {
      // With zeros, the logarithm is taken of values moved by half the smallest one above 0.
      const [shifted, seen] = [new Sample(), { smallest: Infinity, largest: 0, zeros: 0 }];
      return {
        add: (packed, rows) =>
          visit(packed, rows, (value) => {
            sample.add(value);
            if (value === 0) seen.zeros++;
            else {
              seen.smallest = Math.min(seen.smallest, value);
              seen.largest = Math.max(seen.largest, value);
              moments.add(Math.log(value));
              shifted.add(Math.log(value));
            }
          }),
        finish() {
          const sorted = sample.sorted();
          const decimals = decimalsOf(sorted);
          const { zeros, largest } = seen;
          const some = largest > 0 ? { largest } : {};
          if (zeros === 0 || hasHurdle(field)) {
            const resolution = leastGap(shifted.sorted());
            const share = hasHurdle(field)
              ? { zeros: zeros / Math.max(1, zeros + moments.count) }
              : {};
            return { ...field, ...measured(), ...some, ...share, offset: 0, resolution, decimals };
          }
          const offset = largest > 0 ? seen.smallest / 2 : 1;
          const logs = sorted.map((value) => Math.log(value + offset));
          const whole = new Moments();
          for (const log of logs) whole.add(log);
          const { mean, deviation } = whole;
          const resolution = leastGap(logs);
          return { ...field, mean, deviation, gaps, ...some, offset, resolution, decimals };
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
      return measureImage(field);
    case "text":
      return measureText(field);
    default:
      return field satisfies never;
  }
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
