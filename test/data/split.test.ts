// Which rows are held out: by chance, the latest, whole groups.
import fc from "fast-check";
import { expect, test } from "vitest";
import { columnsOf } from "#elbo/data/in-memory.js";
import { type Split, splitRows as split } from "#elbo/data/split.js";
import { Random, streams } from "#elbo/runtime/random.js";
import { elboError } from "../helpers/errors.ts";

const heldRows = (uses: Uint8Array) => [...uses.keys()].filter((row) => uses[row] === 1);
const count = (uses: Uint8Array, use: number) => uses.filter((value) => value === use).length;
const numbers = (length: number) => Float64Array.from({ length }, (_, i) => i);

test("a random split holds out the first of the seed's permutation, whatever the size", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 500 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.nat(1000),
      async (rows, share, seed) => {
        const uses = await split(columnsOf({ x: numbers(rows) }), {
          split: { by: "random" },
          share,
          seed,
        });
        // One row at least trains.
        const held = Math.min(Math.round(rows * share), rows - 1);
        const order = new Random(seed).permutation(streams.split, 0, rows);
        expect(heldRows(uses)).toEqual([...order.subarray(0, held)].sort((a, b) => a - b));
        expect([count(uses, 0), count(uses, 1)]).toEqual([rows - held, held]);
      },
    ),
    { numRuns: 50 },
  );
});

test("past the most that is held out, rows of a random split train, and others are for nothing", async () => {
  const source = columnsOf({ x: numbers(100), g: Array.from({ length: 100 }, (_, i) => `g${i}`) });
  const options = { share: 0.5, seed: 3, most: 8 };
  const all = await split(source, { split: { by: "random" }, share: 0.5, seed: 3 });
  const some = await split(source, { split: { by: "random" }, ...options });
  expect([count(some, 0), count(some, 1)]).toEqual([92, 8]);
  expect(heldRows(all)).toEqual(expect.arrayContaining(heldRows(some)));
  const latest = await split(source, { split: { by: "time", column: "x" }, ...options });
  expect([count(latest, 0), count(latest, 1), count(latest, 2)]).toEqual([50, 8, 42]);
  expect(latest.subarray(0, 50).every((use) => use === 0)).toBe(true);
  expect(heldRows(latest)).not.toEqual([50, 51, 52, 53, 54, 55, 56, 57]);
  const groups = await split(source, { split: { by: "group", column: "g" }, ...options });
  expect([count(groups, 0), count(groups, 1), count(groups, 2)]).toEqual([50, 8, 42]);
});

test("a time split holds out the latest; rows without a time train", async () => {
  const by: Split = { by: "time", column: "at" };
  const at = [5, Number.NaN, 1, 4, 2, 3, Number.NaN].map((day) => new Date(day * 86_400_000));
  const uses = await split(columnsOf({ at }), { split: by, share: 0.4, seed: 0 });
  expect([...uses]).toEqual([1, 0, 0, 1, 0, 0, 0]);
});

test("rows of one moment stay together, those nearest to the share", async () => {
  const held = async (times: number[], share: number) => {
    const source = columnsOf({ t: times });
    return heldRows(await split(source, { split: { by: "time", column: "t" }, share, seed: 0 }));
  };
  expect(await held([1, 1, 1, 2, 2, 3], 1 / 6)).toEqual([5]);
  expect(await held([1, 1, 1, 2, 2, 3], 1 / 3)).toEqual([3, 4, 5]);
  expect(await held([1, 1, 1, 2, 2, 3], 1 / 2)).toEqual([3, 4, 5]);
  expect(await held([1, 1, 1, 1, 1, 3], 1 / 2)).toEqual([5]);
  expect(await held([1, 2, 2, 2, 2, 2], 1 / 6)).toEqual([1, 2, 3, 4, 5]);
  expect(await held([1, 2, 3], 0)).toEqual([]);
  expect(await held([1, 2, 3], 1)).toEqual([1, 2]);
  expect(await held([1, Number.NaN], 1)).toEqual([0]);
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat(5), { minLength: 2, maxLength: 40 }),
      fc.double({ min: 0.01, max: 1, noNaN: true }),
      async (times, share) => {
        fc.pre(new Set(times).size > 1 && Math.round(times.length * share) > 0);
        const rows = await held(times, share);
        const earliest = Math.min(...rows.map((row) => times[row]!));
        expect(rows.length).toBeGreaterThan(0);
        expect(rows.length).toBeLessThan(times.length);
        expect(rows).toEqual([...times.keys()].filter((row) => times[row]! >= earliest));
      },
    ),
  );
});

test("a group split holds out whole groups, about the share, in whichever order rows come", async () => {
  const group = fc.array(fc.nat(40), { minLength: 60, maxLength: 300 });
  await fc.assert(
    fc.asyncProperty(group, fc.nat(50), async (values, seed) => {
      fc.pre(new Set(values).size > 10);
      const options = { split: { by: "group", column: "g" } as const, share: 0.3, seed };
      const heldGroups = async (list: number[], as: (value: number) => string | number) => {
        const uses = await split(columnsOf({ g: list.map(as) as string[] }), options);
        const held = new Set(heldRows(uses).map((row) => list[row]!));
        const training = list.filter((_, row) => uses[row] === 0);
        expect(training.some((value) => held.has(value))).toBe(false);
        const largest = Math.max(...list.map((one) => list.filter((two) => two === one).length));
        const wanted = Math.round(list.length * 0.3);
        expect(Math.abs(list.length - training.length - wanted)).toBeLessThanOrEqual(largest / 2);
        return [...held].sort();
      };
      const held = await heldGroups(values, (value) => `person ${value}`);
      expect(await heldGroups([...values].reverse(), (value) => `person ${value}`)).toEqual(held);
      await heldGroups(values, (value) => value);
    }),
    { numRuns: 30 },
  );
});

test("another seed holds out other groups; rows without a group train", async () => {
  const g = Array.from({ length: 400 }, (_, i) => (i % 4 === 3 ? null : `g${i % 50}`));
  const held = async (seed: number) =>
    split(columnsOf({ g }), { split: { by: "group", column: "g" }, share: 0.2, seed });
  expect(await held(1)).not.toEqual(await held(2));
  const uses = await held(1);
  expect(g.every((value, row) => value !== null || uses[row] === 0)).toBe(true);
  const empty = columnsOf({ g: ["", null, null, "a", "a", "a"] });
  const two = await split(empty, { split: { by: "group", column: "g" }, share: 0.2, seed: 0 });
  expect([...two]).toEqual([1, 0, 0, 0, 0, 0]);
});

test("groups much larger than the share still leave one held out, the smallest", async () => {
  const g = Array.from({ length: 100 }, (_, i) => (i < 60 ? "a" : "b"));
  const options = { split: { by: "group", column: "g" } as const, share: 0.1, seed: 0 };
  const uses = await split(columnsOf({ g }), options);
  expect(heldRows(uses)).toEqual([...Array.from({ length: 40 }, (_, i) => 60 + i)]);
});

test.each<[string, Split, number, string, string]>([
  ["no such column", { by: "time", column: "tiem" }, 0.2, "column-unknown", "did you mean time?"],
  ["no times", { by: "time", column: "name" }, 0.2, "split-column", "split by chance"],
  ["booleans as times", { by: "time", column: "flag" }, 0.2, "split-column", "split by chance"],
  ["one moment", { by: "time", column: "time" }, 0.2, "split-time", "split by chance"],
  ["one group", { by: "group", column: "name" }, 0.2, "split-group", "split by chance"],
  ["a wrong share", { by: "random" }, 1.5, "option-value", ""],
])("%s is a clear error", async (_, by, share, code, hint) => {
  const source = columnsOf({
    time: new Float64Array(10).fill(7),
    name: Array.from({ length: 10 }, () => "all"),
    flag: Array.from({ length: 10 }, (_, i) => i < 5),
  });
  const error = await elboError(() => split(source, { split: by, share, seed: 0 }));
  expect(error.code).toBe(code);
  expect(error.hint).toContain(hint);
});
