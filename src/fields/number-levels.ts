// The different numbers of a column, and how often each is there.
import { digestText, startDigest, stepA, stepB } from "./digest.ts";
import {
  createSketch,
  hashNumber,
  type NumberTable,
  numberTable,
  type Sketch,
} from "./distinct.ts";

/**
 * Different numbers: kept and coded while they are few, then estimated if they are whole.
 * @param onMany is told the numbers that were few until now, and how often each was there.
 */
export function watchLevels(limit: number, onMany: (few: NumberTable) => void) {
  let table: NumberTable | undefined = numberTable(limit);
  let sketch: Sketch | undefined;
  let mode: { value: number; count: number } | undefined;
  const pattern = startDigest();

  function most(full: NumberTable) {
    const counts = full.counts();
    let best = 0;
    for (let i = 1; i < counts.length; i++) if (counts[i]! > counts[best]!) best = i;
    return counts.length === 0 ? undefined : { value: full.values()[best]!, count: counts[best]! };
  }
  function overflow(full: NumberTable) {
    mode = most(full);
    sketch = createSketch();
    for (const value of full.values()) sketch.add(hashNumber(value));
    table = undefined;
    onMany(full);
  }

  return {
    /** The numbers that were there so far, where they are few. */
    few: () => table,
    /** Adds numbers while they are few; returns where they no longer are. */
    add(values: Float64Array): number {
      if (table === undefined) return 0;
      let i = 0;
      let { a, b } = pattern;
      for (; i < values.length; i++) {
        const value = values[i]!;
        const code = Number.isNaN(value) ? -2 : table.add(value);
        if (code === -1) break;
        a = stepA(a, code);
        b = stepB(b, code);
      }
      pattern.a = a;
      pattern.b = b;
      if (i < values.length) overflow(table);
      return i;
    },
    /** Adds numbers that are many. */
    addMany(values: Float64Array, whole: boolean) {
      const frequent = mode!.value;
      for (let i = 0; i < values.length; i++) if (values[i] === frequent) mode!.count++;
      // A column of fractions is real however many there are.
      if (!whole) return;
      for (let i = 0; i < values.length; i++) {
        const value = values[i]!;
        if (!Number.isNaN(value)) sketch!.add(hashNumber(value));
      }
    },
    pattern: () => (table === undefined ? null : digestText(pattern)),
    mode: () => (table === undefined ? mode : most(table)),
    distinct: (present: number) =>
      table === undefined
        ? { count: Math.min(present, Math.round(sketch!.estimate())), exact: false }
        : { count: table.size(), exact: true },
    levels() {
      if (table === undefined) return null;
      const counts = table.counts();
      return [...table.values()]
        .map((value, i) => ({ value, count: counts[i]! }))
        .sort((a, b) => a.value - b.value);
    },
  };
}
