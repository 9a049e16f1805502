// Numbers counted in WebAssembly, against the same in plain JavaScript.
import fc from "fast-check";
import { expect, test } from "vitest";
import { digestText, startDigest, stepA, stepB } from "#elbo/fields/digest.js";
import {
  Moments,
  NumberSketch,
  NumberTable,
  RangeTally,
  ShapeTally,
  Tally,
} from "#elbo/fields/tally/tally.js";
import { Random } from "#elbo/runtime/random.js";

/** Few numbers that come again, gaps, both zeros, and any others. */
const number = fc.oneof(
  fc.integer({ min: -3, max: 12 }),
  fc.constantFrom(Number.NaN, -0, 0, 0.5),
  fc.double(),
);
const pieces = fc.array(
  fc.array(number, { maxLength: 300 }).map((all) => Float64Array.from(all)),
  { maxLength: 4 },
);

test("tables side by side count as maps do, until they are full", () => {
  fc.assert(
    fc.property(
      fc.array(pieces, { maxLength: 3 }),
      fc.integer({ min: 1, max: 400 }),
      (all, limit) => {
        const tally = new Tally();
        const tables = all.map(() => new NumberTable(tally, limit));
        const maps = all.map(() => new Map<number, number>());
        const patterns = all.map(() => startDigest());
        for (let p = 0; p < 4; p++) {
          for (const [t, table] of tables.entries()) {
            const values = all[t]![p] ?? new Float64Array(0);
            const [map, pattern] = [maps[t]!, patterns[t]!];
            let room = 0;
            for (const value of values) {
              if (!Number.isNaN(value) && !map.has(value + 0) && map.size === limit) break;
              room++;
              const code = Number.isNaN(value) ? -2 : [...map.keys(), value + 0].indexOf(value + 0);
              pattern.a = stepA(pattern.a, code);
              pattern.b = stepB(pattern.b, code);
              if (code >= 0) map.set(value + 0, (map.get(value + 0) ?? 0) + 1);
            }
            expect(table.add(tally.hold(values))).toBe(room);
          }
        }
        for (const [t, table] of tables.entries()) {
          const map = maps[t]!;
          expect([...table.values()]).toEqual([...map.keys()]);
          expect([...table.counts()]).toEqual([...map.values()]);
          expect(table.pattern()).toBe(digestText(patterns[t]!));
          const most = Math.max(...map.values());
          const first = [...map].find(([, count]) => count === most);
          expect(table.most()).toEqual(first && { value: first[0], count: first[1] });
        }
      },
    ),
    { numRuns: 200 },
  );
});

test("20,000 numbers stay apart while a table grows", () => {
  const tally = new Tally();
  const table = new NumberTable(tally, 20_000);
  const values = new Random(1).normal(0, 0, 20_000);
  const different = [...new Set(values)];
  for (const _ of [1, 2, 3]) expect(table.add(tally.hold(Float64Array.from(values)))).toBe(20_000);
  expect([...table.values()]).toEqual(different);
  expect(table.counts().reduce((sum, count) => sum + count, 0)).toBe(60_000);
});

test("ranges: gaps, order, and equal bits by their digest", () => {
  fc.assert(
    fc.property(pieces, (all) => {
      const tally = new Tally();
      const [range, again] = [new RangeTally(tally), new RangeTally(tally)];
      for (const piece of all) range.add(tally.hold(piece));
      const whole = Float64Array.from(all.flatMap((piece) => [...piece]));
      again.add(tally.hold(whole));
      const { present, min, max, ascending } = range;
      expect([again.present, again.min, again.max, again.ascending]).toEqual([
        ...[present, min, max, ascending],
      ]);
      expect(again.digest()).toBe(range.digest());
      const there = [...whole].filter((value) => !Number.isNaN(value));
      expect(present).toBe(there.length);
      // Of both zeros either may be told.
      expect(min + 0).toBe(Math.min(...there) + 0);
      expect(max + 0).toBe(Math.max(...there) + 0);
      expect(ascending).toBe(
        [...whole].every((value, i) => value > (i === 0 ? -Infinity : whole[i - 1]!)),
      );
      const other = new RangeTally(tally);
      other.add(tally.hold(Float64Array.from([...whole, 1])));
      expect(other.digest()).not.toBe(range.digest());
    }),
    { numRuns: 200 },
  );
});

test("moments of numbers and of their counts are those of the definition", () => {
  const tally = new Tally();
  const values = new Random(2).normal(0, 0, 3_000).map((x) => Math.round(4 * Math.exp(x)) + 1e6);
  const there = Float64Array.from(values, (value, i) => (i % 7 === 0 ? Number.NaN : value));
  const one = new Moments(tally);
  for (const from of [0, 1_000, 1_001]) {
    const to = from === 0 ? 1_000 : from === 1_000 ? 1_001 : 3_000;
    one.add(tally.hold(there.subarray(from, to)));
  }
  const counted = new Moments(tally);
  const table = new NumberTable(tally, 5_000);
  table.add(tally.hold(there));
  counted.add(table.held());
  const present = [...there].filter((value) => !Number.isNaN(value));
  const mean = present.reduce((sum, value) => sum + value, 0) / present.length;
  const central = (power: number) =>
    present.reduce((sum, value) => sum + (value - mean) ** power, 0) / present.length;
  for (const found of [one.found(), counted.found()]) {
    expect(found.mean).toBeCloseTo(mean, 6);
    expect(found.deviation / Math.sqrt(central(2))).toBeCloseTo(1, 10);
    expect(found.skewness / (central(3) / central(2) ** 1.5)).toBeCloseTo(1, 8);
  }
  expect(new Moments(tally).found().mean).toBeNaN();
});

test("a shape tells zeros, small numbers and the smallest above 0", () => {
  const tally = new Tally();
  const shape = new ShapeTally(tally);
  expect(shape.add(tally.hold(Float64Array.of(3, 0, Number.NaN, 10, 0.25, -0)))).toBe(0);
  expect(shape.add(tally.hold(Float64Array.of(-1, 9.5)))).toBe(-1);
  expect(shape.add(tally.hold(Float64Array.of(Number.NaN)))).toBe(Infinity);
  expect(shape.found()).toEqual({ zeros: 2, belowTen: 3, smallestPositive: 0.25 });
});

test("a sketch estimates different numbers to some percent", () => {
  const tally = new Tally();
  const sketch = new NumberSketch(tally);
  const values = Float64Array.from(new Random(3).uniform(0, 0, 100_000), (u) =>
    Math.floor(u * 2 ** 24),
  );
  for (const _ of [1, 2]) sketch.add(tally.hold(values));
  // The standard error is 1.04 / √4096 = 1.6 %.
  expect(Math.abs(sketch.estimate() / new Set(values).size - 1)).toBeLessThan(0.065);
});
