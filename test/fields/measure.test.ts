// Statistics of every kind of field against sums over the plain numbers, in NumPy's terms.
import { describe, expect, test } from "vitest";
import type { Field, ImageField, ModelledField } from "#elbo/fields/field.js";
import { layoutOf, MISSING } from "#elbo/fields/layout.js";
import { meanImage } from "#elbo/fields/mean-image.js";
import { measureSchema } from "#elbo/fields/measure.js";
import type { PackedRows, PackedValues } from "#elbo/fields/pack.js";
import { spread } from "../runtime/conformance/case.ts";
import { measuredBy } from "./measured-by.ts";
import {
  binary,
  categorical,
  count,
  image,
  ordinal,
  positive,
  real,
  schemaOf,
  time,
  vector,
  weight,
} from "./schemas.ts";

const gap = Number.NaN;
const DAY = 86_400_000;

/** Cells that are there. */
const present = (values: readonly number[]) =>
  values.filter((value) => !Number.isNaN(value) && value !== MISSING);
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
const mean = (values: readonly number[]) => sum(values) / values.length;
const variance = (values: readonly number[]) => {
  const center = mean(values);
  return mean(values.map((value) => (value - center) ** 2));
};
const std = (values: readonly number[]) => Math.sqrt(variance(values));
/** The smallest distance between two values that differ. */
const leastGap = (values: readonly number[]) => {
  const sorted = [...new Set(values)].sort((a, b) => a - b);
  return Math.min(...sorted.slice(1).map((value, i) => value - sorted[i]!));
};
/** `numpy.percentile`, linear. */
const quantile = (values: readonly number[], share: number) => {
  const sorted = [...values].sort((a, b) => a - b);
  const place = share * (sorted.length - 1);
  const low = sorted[Math.floor(place)]!;
  return low + (place % 1) * ((sorted[Math.floor(place) + 1] ?? low) - low);
};

/** What is measured of rows of one group, which come in pieces of so many. */
function measured(
  fields: ModelledField[],
  rows: readonly (readonly number[])[],
  pieceRows = 7,
): readonly Field[] {
  const schema = schemaOf(...fields);
  const [layout] = layoutOf(schema);
  const array = { float32: Float32Array, int32: Int32Array, uint8: Uint8Array }[layout!.dtype];
  const measure = measureSchema(schema);
  for (let from = 0; from < rows.length; from += pieceRows) {
    const part = rows.slice(from, from + pieceRows);
    const values: PackedValues = { type: "dense", values: array.from(part.flat()) };
    const groups = new Map([[layout!.name, values]]);
    measure.add({ rows: part.length, groups, weights: null });
  }
  return measure.finish().fields;
}

function expectClose(received: unknown, expected: Readonly<Record<string, unknown>>): void {
  const numbers = (value: unknown): number[] => [value].flat() as number[];
  for (const [name, value] of Object.entries(expected)) {
    const own = (received as Record<string, unknown>)[name];
    if (typeof numbers(value)[0] !== "number") {
      expect(own, name).toEqual(value);
      continue;
    }
    expect(numbers(own).length, name).toBe(numbers(value).length);
    for (const [i, want] of numbers(value).entries()) {
      const far = Math.abs(numbers(own)[i]! - want);
      expect(far, `${name}[${i}]: ${numbers(own)[i]}, ${want}`).toBeLessThan(
        1e-9 * (1 + Math.abs(want)),
      );
    }
  }
}

const column = (rows: readonly (readonly number[])[], j: number) =>
  present(rows.map((row) => row[j]!));
const float = Math.fround;

describe("real columns", () => {
  const wide = spread(60, -5, 5);
  // The second stands far from 0, and has gaps; its first value too.
  const rows = wide.map((value, i) => [value, i % 4 === 0 ? gap : float(40_000 + i / 8)]);

  test("mean, deviation, resolution and gaps", async () => {
    const fields = measured([real("a", { gaps: true }), real("b", { gaps: false })], rows);
    for (const [j, field] of fields.entries()) {
      const own = column(rows, j);
      expectClose(field, {
        ...{ name: "ab"[j], mean: mean(own), deviation: std(own), resolution: leastGap(own) },
        ...{ gaps: j === 1, quantiles: [] },
      });
    }
  });
  test("as they are keep their scale, and tell their resolution", async () => {
    const [field] = measured(
      [real("a", { scale: "none" })],
      rows.map(([value]) => [value!]),
    );
    const resolution = leastGap(column(rows, 0));
    expectClose(field, { mean: 0, deviation: 1, resolution, gaps: false, quantiles: [] });
  });
  test("by ranks tell their quantiles, at 33 equal shares", async () => {
    const fields = [real("a", { scale: "quantile" }), real("b", { scale: "quantile" })];
    for (const [j, field] of measured(fields, rows).entries()) {
      const own = column(rows, j);
      const quantiles = Array.from({ length: 33 }, (_, i) => quantile(own, i / 32));
      expectClose(field, { quantiles, mean: mean(own), deviation: std(own) });
    }
  });
  test("that do not vary have the deviation 1, and without a value are at 0", async () => {
    const constant = rows.map(() => [float(0.1), gap]);
    const [a, b] = measured([real("a"), real("b")], constant);
    expectClose(a, { mean: float(0.1), deviation: 1, resolution: 0, gaps: false });
    expectClose(b, { mean: 0, deviation: 1, resolution: 0, gaps: true });
  });
  test("are measured alike in whatever pieces they come", async () => {
    const whole = measured([real("a"), real("b")], rows, 1000);
    for (const pieceRows of [1, 13]) {
      expect(measured([real("a"), real("b")], rows, pieceRows)).toEqual(whole);
    }
  });
});

describe("positive columns", () => {
  const values = spread(50, 0.5, 40);
  test("without zeros are measured as logarithms", async () => {
    const rows = values.map((value, i) => [i % 9 === 2 ? gap : value]);
    const [field] = measured([positive("a", { offset: 7 })], rows);
    const logs = column(rows, 0).map(Math.log);
    const resolution = leastGap(logs);
    expectClose(field, {
      offset: 0,
      mean: mean(logs),
      deviation: std(logs),
      resolution,
      gaps: true,
      largest: Math.max(...column(rows, 0)),
    });
  });
  test("behind a hurdle are measured as logarithms of what is more than 0", async () => {
    const rows = values.map((value, i) => [i % 9 === 2 ? gap : i % 4 === 0 ? 0 : value, 0]);
    const hurdle = { likelihood: "hurdle-log-normal" } as const;
    const [a, b] = measured([positive("a", hurdle), positive("b", hurdle)], rows);
    const own = column(rows, 0).filter((value) => !Number.isNaN(value));
    const above = own.filter((value) => value > 0);
    const logs = above.map(Math.log);
    expectClose(a, {
      ...{ offset: 0, mean: mean(logs), deviation: std(logs), resolution: leastGap(logs) },
      ...{ zeros: 1 - above.length / own.length, largest: Math.max(...above), gaps: true },
    });
    expectClose(b, { offset: 0, mean: 0, deviation: 1, resolution: 0, zeros: 1, gaps: false });
  });
  test("with zeros are moved by half the smallest other value first", async () => {
    const rows = values.map((value, i) => [i % 5 === 0 ? 0 : value, i % 7 === 0 ? gap : 0]);
    const [a, b] = measured([positive("a"), positive("b")], rows);
    const offset = Math.min(...column(rows, 0).filter((value) => value > 0)) / 2;
    const logs = column(rows, 0).map((value) => Math.log(value + offset));
    const resolution = leastGap(logs);
    expectClose(a, { offset, mean: mean(logs), deviation: std(logs), resolution, gaps: false });
    // Zeros alone.
    expectClose(b, { offset: 1, mean: 0, deviation: 1, resolution: 0, gaps: true });
  });
});

describe("count columns", () => {
  const clumped = Array.from({ length: 80 }, (_, i) => (i % 3 === 0 ? 0 : (i * i) % 23));
  const even = Array.from({ length: 80 }, (_, i) => 3 + (i % 2));
  test("have moments of their logarithms, and a dispersion by those of the counts", async () => {
    const rows = clumped.map((value, i) => [i % 11 === 4 ? gap : value, even[i]!, 0]);
    const fields = measured([count("a"), count("b"), count("c")], rows);
    for (const [j, field] of fields.slice(0, 2).entries()) {
      const own = column(rows, j);
      const logs = own.map(Math.log1p);
      const excess = variance(own) - mean(own);
      // Counts that vary less than a Poisson's are told by the largest inverse dispersion.
      const r = excess > 0 ? mean(own) ** 2 / excess : 1e4;
      expectClose(field, {
        ...{ mean: mean(logs), deviation: std(logs), spread: std(own), gaps: j === 0 },
        ...{ logMean: Math.log(mean(own)), logInverseDispersion: Math.log(r) },
      });
    }
    expect(variance(column(rows, 1))).toBeLessThan(mean(column(rows, 1)));
    // Nothing counted: the mean is held above 0.
    expectClose(fields[2], { mean: 0, deviation: 1, spread: 1, logMean: Math.log(1e-4) });
  });
});

describe("levels", () => {
  test("binary columns have their share of ones", async () => {
    const rows = [
      [1, 0],
      [gap, 0],
      [1, 0],
      [0, 0],
    ];
    const [a, b] = measured([binary("a"), binary("b")], rows);
    expectClose(a, { mean: 2 / 3, gaps: true });
    expectClose(b, { mean: 0, gaps: false });
  });
  test("have shares of the cells that are there, levels that training has not seen among them", async () => {
    const names = ["x", "y", "z"];
    const rows = [
      [0, 2],
      [3, MISSING],
      [0, 2],
      [1, 0],
      [MISSING, MISSING],
    ];
    for (const make of [categorical, ordinal]) {
      const [a, b] = measured([make("a", names), make("b", names)], rows, 2);
      expectClose(a, { shares: [2 / 4, 1 / 4, 0], gaps: true, levels: names });
      expectClose(b, { shares: [1 / 3, 0, 2 / 3], gaps: true });
    }
  });
});

test("moments are measured in days with their fraction, dates in whole days", async () => {
  const days = [19_000, 19_003, MISSING, 19_010, -40];
  const parts = [0, DAY / 2, MISSING, DAY / 4, (3 * DAY) / 4];
  const rows = days.map((day, i) => [day, parts[i]!, 5 + i, 0]);
  for (const date of [false, true]) {
    const [a, b] = measured([time("a", date), time("b", date)], rows, 2);
    const own = days.flatMap((day, i) => (day === MISSING ? [] : [day + parts[i]! / DAY]));
    expectClose(a, {
      ...{ mean: mean(own), deviation: std(own), gaps: true },
      resolution: date ? 1 : leastGap(own),
    });
    expectClose(b, { mean: 7, deviation: Math.SQRT2, resolution: 1, gaps: false });
  }
});

/** Rows of a vector as the values other than 0 that a source keeps of them; gaps are kept. */
function sparseOf(rows: readonly (readonly number[])[]): PackedValues {
  const kept = rows.map((row) => [...row.keys()].filter((j) => row[j] !== 0));
  const offsets = [0];
  for (const places of kept) offsets.push(offsets.at(-1)! + places.length);
  return {
    type: "sparse",
    offsets: Int32Array.from(offsets),
    indices: Int32Array.from(kept.flat()),
    values: Float32Array.from(kept.flatMap((places, i) => places.map((j) => rows[i]![j]!))),
  };
}

describe("vectors", () => {
  async function measuredVector(
    more: Parameters<typeof vector>[2],
    rows: readonly (readonly number[])[],
  ) {
    const size = rows[0]!.length;
    const [dense] = measured([vector("v", size, more)], rows);
    const schema = schemaOf(vector("v", size, { ...more, sparse: true }));
    const [layout] = layoutOf(schema);
    async function* pieces(): AsyncGenerator<PackedRows> {
      for (const part of [rows.slice(0, 5), rows.slice(5)]) {
        const groups = new Map([[layout!.name, sparseOf(part)]]);
        yield { rows: part.length, groups, weights: null };
      }
    }
    const [sparse] = (await measuredBy(schema, pieces())).fields;
    expect({ ...sparse, sparse: false }).toEqual(dense);
    return dense;
  }

  test("of measures, dense and sparse, with gaps", async () => {
    const other = spread(24, -2, 2);
    const rows = other.map((value, i) => [
      ...[i % 3 === 0 ? 0 : value, i % 5 === 0 ? gap : float(1000 + value), 0.25],
    ]);
    const field = await measuredVector({ likelihood: "gaussian" }, rows);
    const places = [0, 1, 2].map((j) => column(rows, j));
    expectClose(field, {
      ...{ gaps: true, mean: places.map(mean), deviation: [...places.slice(0, 2).map(std), 1] },
      ...{ total: 1, resolution: 0, logShare: [], spread: [], logInverseDispersion: [] },
    });
  });

  /** What is known of counts by place: each about what the row's sum lets expect. */
  function ofCounts(rows: readonly (readonly number[])[]) {
    const totals = rows.map((row) => sum(present(row)));
    const places = rows[0]!.map((_, j) => {
      const there = [...rows.keys()].filter((i) => !Number.isNaN(rows[i]![j]!));
      const own = there.map((i) => rows[i]![j]!);
      const all = there.map((i) => totals[i]!);
      const logs = there.map((i) => Math.log1p((1e4 * rows[i]![j]!) / Math.max(1, totals[i]!)));
      const share = Math.max(sum(own), 0.5) / sum(all);
      const about = sum(own.map((value, k) => (value - share * all[k]!) ** 2));
      const excess = about - share * sum(all);
      const squared = sum(all.map((total) => (share * total) ** 2));
      const r = Math.min(1e4, Math.max(1e-3, squared / Math.max(excess, 1e-12)));
      return {
        ...{ mean: mean(logs), deviation: std(logs) || 1, logShare: Math.log(share) },
        ...{ spread: std(own) || 1, logInverseDispersion: Math.log(r) },
      };
    });
    const by = (name: keyof (typeof places)[number]) => places.map((place) => place[name]);
    return {
      ...{ mean: by("mean"), deviation: by("deviation"), logShare: by("logShare") },
      ...{ spread: by("spread"), logInverseDispersion: by("logInverseDispersion") },
    };
  }
  const likelihood = "negative-binomial" as const;
  const counts = Array.from({ length: 31 }, (_, i) => [
    ...[(i * 7) % 13, i % 4 === 0 ? 0 : 20 + ((i * i) % 17), i % 6 === 0 ? 3 : 0, 0],
  ]);

  test("of counts: shares, spreads and dispersions about the rows' sums", async () => {
    const field = await measuredVector({ likelihood, counts: true }, counts);
    const totals = counts.map(sum).sort((a, b) => a - b);
    expectClose(field, { ...ofCounts(counts), gaps: false, total: totals[15], resolution: 1 });
  });
  test("of counts with gaps: a place is measured by the rows that have it", async () => {
    const rows = counts.map((row, i) => row.map((value, j) => ((i + j) % 5 === 0 ? gap : value)));
    const field = await measuredVector({ likelihood, counts: true }, rows);
    expectClose(field, { ...ofCounts(rows), gaps: true });
  });
  test("of rows of nothing", async () => {
    const field = await measuredVector({ likelihood, counts: true }, [
      [0, 0],
      [0, 0],
    ]);
    expectClose(field, { mean: [0, 0], deviation: [1, 1], spread: [1, 1], total: 1 });
    for (const value of (field as { logShare: number[] }).logShare) {
      expect(Number.isFinite(value)).toBe(true);
    }
  });
});

test("weights, groups and roles: each field keeps its place, weights have their mean", async () => {
  const fields: Field[] = [
    { name: "id", kind: "text", role: "id" },
    weight("w"),
    real("a"),
    image("i", [1, 2, 1]),
    real("y", { role: "target" }),
    real("b"),
  ];
  const schema = schemaOf(...fields);
  const values: Record<string, number[]> = {
    "data-real-gaussian": [1, 10, 3, 20, 5, 60],
    "target-real-gaussian": [7, gap, 9],
    "data-image-bernoulli-i": [0, 1, 2, 3, 4, 5],
  };
  async function* pieces(): AsyncGenerator<PackedRows> {
    for (const row of [0, 1, 2]) {
      const groups = new Map(
        layoutOf(schema).map(({ name, dtype, elements }): [string, PackedValues] => {
          const array = dtype === "uint8" ? Uint8Array : Float32Array;
          const own = values[name]!.slice(row * elements, (row + 1) * elements);
          return [name, { type: "dense", values: array.from(own) }];
        }),
      );
      yield { rows: 1, groups, weights: Float32Array.of([0.5, 3, 1][row]!) };
    }
  }
  const result = (await measuredBy(schema, pieces())).fields;
  expect(result.map(({ name }) => name)).toEqual(fields.map(({ name }) => name));
  expect(result[0]).toEqual(fields[0]);
  expect(result[3]).toMatchObject({ name: "i", mean: btoa("\x02\x03") });
  expectClose(result[1], { mean: 1.5 });
  expectClose(result[2], { mean: 3, deviation: std([1, 3, 5]), gaps: false });
  expectClose(result[4], { mean: 8, deviation: 1, gaps: true, role: "target" });
  expectClose(result[5], { mean: 30, deviation: std([10, 20, 60]) });
});

test("a long column is measured whole, its sample small", async () => {
  const rows = Array.from({ length: 50_000 }, (_, i) => [i]);
  const [field] = measured([real("a", { scale: "quantile" })], rows, 20_000);
  expectClose(field, { mean: 24_999.5, deviation: std(rows.map(([value]) => value!)) });
  const { quantiles } = field as { quantiles: number[] };
  for (const [i, value] of quantiles.entries()) {
    expect(Math.abs(value - (50_000 * i) / 32)).toBeLessThan(10);
  }
});

describe("images", () => {
  const mean = async (
    rows: readonly (readonly number[])[],
    field: ImageField,
    pieceRows?: number,
  ) => {
    const [found] = measured([field], rows, pieceRows);
    return [...meanImage(found as ImageField)!].map((value) => Math.round(value * 255));
  };

  test("have the mean of their pixels, channels first, to a byte", async () => {
    const rows = [
      [0, 10, 20, 255, 2, 250],
      [0, 20, 30, 255, 0, 250],
    ];
    expect(await mean(rows, image("i", [1, 2, 3]))).toEqual([0, 255, 15, 1, 25, 250]);
  });

  test.each([
    ["eight bytes, four at a time", [2, 4, 1]],
    ["nine bytes", [3, 3, 1]],
  ] as const)("of more rows than are summed at once: %s", async (_, shape) => {
    const size = shape[0] * shape[1];
    // All light in the first pixel, less in each that follows.
    const rows = Array.from({ length: 1_200 }, (_, row) =>
      Array.from({ length: size }, (_, p) => 255 - ((p * (row % 7)) % 256)),
    );
    const expected = Array.from({ length: size }, (_, p) =>
      Math.round(rows.reduce((total, row) => total + row[p]!, 0) / rows.length),
    );
    expect(expected[0]).toBe(255);
    for (const pieceRows of [7, 600, 1_200]) {
      expect(await mean(rows, image("i", [...shape]), pieceRows)).toEqual(expected);
    }
  });

  test("of floats from 0 to 1 of their range, of bits by threshold the share above it", async () => {
    const floats = image("i", [1, 2, 1], { bytes: false, low: -1, high: 3 });
    const range = [
      [-1, 1],
      [3, 3],
    ];
    // 1 and 2 of -1 … 3.
    expect(await mean(range, floats)).toEqual([128, 191]);
    const bits = image("i", [1, 2, 1], { binarize: "threshold" });
    const bytes = [
      [127, 128],
      [0, 128],
      [200, 0],
      [0, 0],
    ];
    expect(await mean(bytes, bits)).toEqual([64, 128]);
  });
});
