// Which window a gap of a series is drawn from.
import fc from "fast-check";
import { expect, test } from "vitest";
import { GapWindows } from "#elbo/tasks/gap-windows.js";

/** Rows that are open, and how windows come: so many at a time. */
const cases = fc
  .record({
    size: fc.integer({ min: 2, max: 12 }),
    open: fc.array(fc.boolean(), { minLength: 12, maxLength: 80 }),
    long: fc.integer({ min: 0, max: 40 }),
    step: fc.integer({ min: 1, max: 30 }),
  })
  .map(({ long, open, ...rest }) => ({
    ...rest,
    open: [...open, ...new Array<boolean>(long).fill(true), ...open.toReversed()],
  }));

/** The window of each open row. */
function windowsOf({ size, open, step }: { size: number; open: boolean[]; step: number }) {
  const gaps = new GapWindows(size, open.length);
  const windows = new Map<number, number>();
  let [added, first] = [0, 0];
  const total = open.length - size + 1;
  while (first < total) {
    const count = Math.min(step, total - first);
    for (; added < first + count + size - 1; added++) gaps.add(open[added]!);
    const { rows, places } = gaps.picks(first, count);
    for (const [i, row] of rows.entries()) {
      expect(windows.has(first + row)).toBe(false);
      const window = first + Math.floor(places[i]! / size);
      expect(window + (places[i]! % size)).toBe(first + row);
      expect(window).toBeGreaterThanOrEqual(first);
      windows.set(first + row, window);
    }
    first += count;
  }
  return windows;
}

test("every open row is drawn of one window that holds it, however windows come", () => {
  const property = fc.property(cases, (given) => {
    const windows = windowsOf(given);
    const open = [...given.open.keys()].filter((row) => given.open[row]);
    expect([...windows.keys()].toSorted((a, b) => a - b)).toEqual(open);
    expect(windowsOf({ ...given, step: given.open.length })).toEqual(windows);
  });
  fc.assert(property);
});

test("rows of a gap are drawn of one window, which has it in the middle", () => {
  const property = fc.property(
    fc.integer({ min: 2, max: 40 }),
    fc.integer({ min: 40, max: 100 }),
    fc.integer({ min: 1, max: 20 }),
    (size, start, length) => {
      fc.pre(length <= Math.max(1, size / 2));
      const open = Array.from({ length: 160 }, (_, i) => i >= start && i < start + length);
      const windows = [...new Set(windowsOf({ size, open, step: 7 }).values())];
      expect(windows).toHaveLength(1);
      const [before, after] = [start - windows[0]!, windows[0]! + size - start - length];
      expect(Math.abs(before - after)).toBeLessThanOrEqual(1);
    },
  );
  fc.assert(property);
});

test("longer gaps are drawn in parts of half a window", () => {
  const open = Array.from({ length: 40 }, (_, i) => i >= 10 && i < 22);
  const windows = windowsOf({ size: 10, open, step: 3 });
  expect([...windows.values()].toSorted((a, b) => a - b)).toEqual([
    ...[8, 8, 8, 8, 8],
    ...[13, 13, 13, 13, 13],
    ...[16, 16],
  ]);
});

test("a gap at either end is drawn of the first or the last window", () => {
  const open = Array.from({ length: 20 }, (_, i) => i < 2 || i > 17);
  expect(windowsOf({ size: 8, open, step: 5 })).toEqual(
    new Map([
      [0, 0],
      [1, 0],
      [18, 12],
      [19, 12],
    ]),
  );
});
