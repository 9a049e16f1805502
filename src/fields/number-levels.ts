// The different numbers of a column, and how often each is there.
import { type Held, NumberSketch, NumberTable, type Tally } from "./tally/tally.ts";

/**
 * Different numbers: kept and coded while they are few, then estimated if they are whole.
 * @param onMany is told the numbers that were few until now, and how often each was there.
 */
export function watchLevels(tally: Tally, limit: number, onMany: (few: Held) => void) {
  let table: NumberTable | undefined = new NumberTable(tally, limit);
  let sketch: NumberSketch | undefined;
  let mode: { value: number; count: number } | undefined;

  function overflow(full: NumberTable) {
    mode = full.most();
    sketch = new NumberSketch(tally);
    sketch.add(full.held());
    table = undefined;
    onMany(full.held());
  }

  return {
    /** The numbers that were there so far, where they are few. */
    few: () => table,
    /** Adds numbers while they are few; returns where they no longer are. */
    add(values: Held): number {
      if (table === undefined) return 0;
      const added = table.add(values);
      if (added < values.length) overflow(table);
      return added;
    },
    /** Adds numbers that are many. */
    addMany(values: Held, whole: boolean) {
      mode!.count += tally.countEqual(values, mode!.value);
      // A column of fractions is real however many there are.
      if (whole) sketch!.add(values);
    },
    pattern: () => table?.pattern() ?? null,
    mode: () => (table === undefined ? mode : table.most()),
    distinct: (present: number) =>
      table === undefined
        ? { count: Math.min(present, Math.round(sketch!.estimate())), exact: false }
        : { count: table.size, exact: true },
    levels() {
      if (table === undefined) return null;
      const counts = table.counts();
      return Array.from(table.values(), (value, i) => ({ value, count: counts[i]! })).sort(
        (a, b) => a.value - b.value,
      );
    },
  };
}
