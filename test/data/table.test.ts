// Tables made in a program.
import { expect, test } from "vitest";
import { tableOf } from "#elbo/data/table.js";
import { elboError } from "../helpers/errors.ts";

test("rows, or all values in one array, become one table", () => {
  const rows = tableOf(
    [
      [1, 2],
      [3, 4],
    ],
    ["a", "b"],
  );
  expect(rows).toMatchObject({
    kind: "table",
    rows: 2,
    shape: [2],
    columns: ["a", "b"],
    notes: [],
  });
  expect(rows.values).toEqual(Float32Array.of(1, 2, 3, 4));
  expect(tableOf([new Float64Array([1, 2])]).columns).toEqual(["x0", "x1"]);
  const values = Float32Array.of(1, 2, 3, 4);
  const flat = tableOf(values, 2);
  expect([flat.rows, flat.columns]).toEqual([2, ["x0", "x1"]]);
  values[0] = 9;
  expect(flat.values[0]).toBe(1);
});

test("a row with a gap is left out, and counted", () => {
  const set = tableOf([[1], [Number.NaN], [3]]);
  expect([set.rows, [...set.rowNumbers!]]).toEqual([2, [1, 3]]);
  expect(set.notes[0]!.code).toBe("rows-left-out");
});

test.each([
  ["rows of other lengths", () => tableOf([[1, 2], [3]]), "table-shape", "row 2 has 1"],
  ["names that do not fit", () => tableOf([[1, 2]], ["a"]), "table-shape", "row 1 has 2"],
  ["values that make no rows", () => tableOf(new Float32Array(5), 2), "table-shape", "5 values"],
  ["an array without names", () => tableOf(new Float32Array(4)), "table-shape", "column names"],
  ["no columns", () => tableOf([[]]), "table-shape", "of 0 columns"],
  ["no rows", () => tableOf([]), "data-empty", "no data row"],
  ["an infinite value", () => tableOf([[1, 1e39]]), "value-infinite", "row 1"],
])("%s are refused", async (_, act, code, message) => {
  const error = await elboError(act);
  expect(error.code).toBe(code);
  expect(error.message).toContain(message);
});
