// Values of a program as a source of data.
import { expect, test } from "vitest";
import { columnsOf, imagesOf, tableOf } from "#elbo/data/in-memory.js";
import { elboError } from "../helpers/errors.ts";
import { collect } from "./rows.ts";

test("rows, or all values in one array, become one table", async () => {
  const rows = tableOf(
    [
      [1, 0.1],
      [Number.NaN, 4],
    ],
    ["a", "b"],
  );
  expect(rows).toMatchObject({ source: "a table in memory", rows: 2, notes: [] });
  expect(rows.columns).toEqual([
    { name: "a", type: "number" },
    { name: "b", type: "number" },
  ]);
  expect(await collect(rows)).toEqual({ a: [1, Number.NaN], b: [0.1, 4] });
  expect(await collect(rows, ["b"])).toEqual({ b: [0.1, 4] });
  expect(await collect(tableOf([new Float64Array([1, 2])]))).toEqual({ x0: [1], x1: [2] });
  const values = Float32Array.of(1, 2, 3, 4);
  const flat = tableOf(values, 2);
  values[0] = 9;
  expect(await collect(flat)).toEqual({ x0: [1, 3], x1: [2, 4] });
});

test("columns are numbers, texts or times by what they hold", async () => {
  const day = new Date("2020-02-29T00:00:00Z");
  const moment = new Date("2020-02-29T12:30:00.5Z");
  const source = columnsOf({
    list: [1, null, undefined],
    ints: Int32Array.of(1, -2, 3),
    name: ["a", null, ""],
    flag: [true, null, false],
    day: [day, null, day],
    moment: [day, moment, new Date(Number.NaN)],
    nothing: [null, null, null] as null[],
  });
  expect(source.columns).toEqual([
    { name: "list", type: "number" },
    { name: "ints", type: "number" },
    { name: "name", type: "text" },
    { name: "flag", type: "number", boolean: true },
    { name: "day", type: "time", date: true },
    { name: "moment", type: "time" },
    { name: "nothing", type: "number" },
  ]);
  const missing = Number.NaN;
  const expected = {
    list: [1, missing, missing],
    ints: [1, -2, 3],
    name: ["a", null, ""],
    flag: [1, missing, 0],
    day: [+day, missing, +day],
    moment: [+day, +moment, missing],
    nothing: [missing, missing, missing],
  };
  expect(await collect(source)).toEqual(expected);
  expect(await collect(source)).toEqual(expected);
});

test("chunks hold a few thousand rows, and belong to their reader", async () => {
  const source = columnsOf({ x: Float64Array.from({ length: 10_000 }, (_, i) => i) });
  const sizes: number[] = [];
  for await (const chunk of source.chunks()) {
    sizes.push(chunk.rows);
    (chunk.columns[0]!.values as Float64Array).fill(0);
  }
  expect(sizes).toEqual([4096, 4096, 1808]);
  expect((await collect(source))["x"]!.at(-1)).toBe(9999);
});

test("images of bytes or floats", async () => {
  const bytes = Uint8Array.from({ length: 12 }, (_, i) => i);
  const source = imagesOf(bytes, [2, 1, 3]);
  expect(source.rows).toBe(2);
  expect(source.columns).toEqual([
    { name: "image", type: "image", height: 2, width: 1, channels: 3 },
  ]);
  for await (const { columns } of source.chunks()) {
    expect(columns).toEqual([{ type: "image", values: bytes }]);
  }
  expect(await collect(imagesOf(Float32Array.of(0.5, 1), [1, 1, 1]))).toEqual({ image: [0.5, 1] });
});

test.each<[string, () => unknown, string, string]>([
  ["rows of other lengths", () => tableOf([[1, 2], [3]]), "table-shape", "row 2 has 1"],
  ["names that do not fit", () => tableOf([[1, 2]], ["a"]), "table-shape", "row 1 has 2"],
  ["a name twice", () => tableOf([[1, 2]], ["a", "a"]), "table-shape", '"a"'],
  ["values that make no rows", () => tableOf(new Float32Array(5), 2), "table-shape", "5 values"],
  ["an array without names", () => tableOf(new Float32Array(4)), "table-shape", "column names"],
  ["no columns", () => tableOf([[]]), "table-shape", "of 0 columns"],
  ["no rows", () => tableOf([]), "data-empty", "no row"],
  ["an infinite value", () => tableOf([[1, -Infinity]]), "value-infinite", "row 1"],
  ["no column", () => columnsOf({}), "data-empty", "no row"],
  ["other lengths", () => columnsOf({ a: [1], b: [1, 2] }), "column-length", '"b" has 2 rows'],
  [
    "mixed values",
    () => columnsOf({ a: [1, "x"] as unknown as number[] }),
    "column-values",
    "number and string",
  ],
  [
    "values of no kind",
    () => columnsOf({ a: [{}] as unknown as number[] }),
    "column-values",
    "object",
  ],
  ["half an image", () => imagesOf(new Uint8Array(5), [2, 2, 1]), "image-shape", "5 values"],
  ["five channels", () => imagesOf(new Uint8Array(5), [1, 1, 5]), "image-shape", "1, 1, 5"],
  ["no image", () => imagesOf(new Uint8Array(0), [1, 1, 1]), "data-empty", "no row"],
  ["a gap", () => imagesOf(Float32Array.of(Number.NaN), [1, 1, 1]), "value-infinite", "row 1"],
])("%s are refused", async (_, act, code, message) => {
  const error = await elboError(act);
  expect(error).toMatchObject({ code, kind: code === "value-infinite" ? "failure" : "usage" });
  expect(error.message).toContain(message);
});

test("a column that is not there is told", async () => {
  const source = columnsOf({ weight: [1] });
  expect(await elboError(() => collect(source, ["wieght"]))).toMatchObject({
    code: "column-unknown",
    hint: "did you mean weight?",
  });
});
