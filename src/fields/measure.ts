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

type Block = Float32Array | Int32Array | Uint8Array;

/** Columns of cells are packed densely. */
const blockOf = (packed: PackedValues) =>
  (packed as Extract<PackedValues, { type: "dense" }>).values;

/** Of a group of cells, the values of column `place` that are there. */
function numbersAt(values: Block, rows: number, place: number, stride: number): Float64Array {
  const present = new Float64Array(rows);
  let count = 0;
  for (let row = 0, i = place; row < rows; row++, i += stride) {
    const value = values[i]!;
    if (!Number.isNaN(value)) present[count++] = value;
  }
  return present.subarray(0, count);
}

/** Counts the codes of column `place` in `counts`; returns how many are there. */
function countCodes(
  counts: Float64Array,
  values: Block,
  rows: number,
  place: number,
  stride: number,
): number {
  let present = 0;
  for (let row = 0, i = place; row < rows; row++, i += stride) {
    const code = values[i]!;
    if (code === MISSING) continue;
    counts[code]!++;
    present++;
  }
  return present;
}

/** Moments that are there, as days; each is a day and its milliseconds. */
function daysAt(values: Block, rows: number, place: number, stride: number): Float64Array {
  const present = new Float64Array(rows);
  let count = 0;
  for (let row = 0, i = place; row < rows; row++, i += stride) {
    const day = values[i]!;
    if (day !== MISSING) present[count++] = day + values[i + 1]! / DAY_MS;
  }
  return present.subarray(0, count);
}

function measureOf(field: ModelledField, place: number, stride: number): Measure {
  let gaps = false;
  /** Hands the numbers that are there to `use`. */
  const numbers =
    (use: (present: Float64Array) => void, at = numbersAt): Measure["add"] =>
    (packed, rows) => {
      const present = at(blockOf(packed), rows, place, stride);
      if (present.length < rows) gaps = true;
      use(present);
    };
  const [moments, sample] = [new Moments(), new Sample()];
  const measured = () => ({ mean: moments.mean, deviation: moments.deviation, gaps });
  switch (field.kind) {
    case "real":
      return {
        add: numbers((present) => {
          moments.add(present);
          sample.add(present);
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
        add: numbers((present) => {
          sample.add(present);
          const logs = new Float64Array(present.length);
          let [above, { smallest, largest }] = [0, seen];
          for (let i = 0; i < present.length; i++) {
            const value = present[i]!;
            if (value === 0) continue;
            if (value < smallest) smallest = value;
            if (value > largest) largest = value;
            logs[above++] = Math.log(value);
          }
          Object.assign(seen, { smallest, largest, zeros: seen.zeros + present.length - above });
          moments.add(logs.subarray(0, above));
          shifted.add(logs.subarray(0, above));
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
          whole.add(logs);
          const { mean, deviation } = whole;
          const resolution = leastGap(logs);
          return { ...field, mean, deviation, gaps, ...some, offset, resolution, decimals };
        },
      };
    }
    case "count": {
      const plain = new Moments();
      return {
        add: numbers((present) => {
          moments.add(present.map(Math.log1p));
          plain.add(present);
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
        add: numbers((present) => moments.add(present)),
        finish: () => ({ ...field, gaps, mean: moments.mean }),
      };
    case "categorical":
    case "ordinal": {
      const counts = new Float64Array(field.levels.length + 1);
      return {
        add(packed, rows) {
          if (countCodes(counts, blockOf(packed), rows, place, stride) < rows) gaps = true;
        },
        finish() {
          const total = counts.reduce((sum, count) => sum + count, 0);
          const shares = [...counts.subarray(0, -1)].map((count) => count / Math.max(1, total));
          return { ...field, gaps, shares };
        },
      };
    }
    case "time":
      return {
        add: numbers((present) => {
          moments.add(present);
          sample.add(present);
        }, daysAt),
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

/** The statistics of a schema's fields, of training rows as they come. */
export interface SchemaMeasure {
  /** @param piece rows packed by the schema. */
  add(piece: PackedRows): void;
  /** The schema with the statistics of its fields in the place of the neutral ones. */
  finish(): FieldSchema;
}

export function measureSchema(schema: FieldSchema): SchemaMeasure {
  const groups = layoutOf(schema).map((layout) => ({ layout, measures: measuresOf(layout) }));
  const weights = new Moments();
  return {
    add({ rows, groups: packed, weights: some }) {
      for (const { layout, measures } of groups) {
        for (const measure of measures) measure.add(packed.get(layout.name)!, rows);
      }
      if (some) weights.add(Float64Array.from(some));
    },
    finish() {
      const fields = groups.flatMap(({ measures }) => measures.map((measure) => measure.finish()));
      const byName = new Map<string, Field>(fields.map((field) => [field.name, field]));
      return {
        fields: schema.fields.map((field) =>
          field.role === "weight"
            ? { ...field, mean: weights.mean }
            : (byName.get(field.name) ?? field),
        ),
      };
    },
  };
}
