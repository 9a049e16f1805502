// A table with a column of most kinds, gaps among them, all of which follow from one hidden number.
import { columnsOf, type MemoryValues } from "#elbo/data/in-memory.js";
import type { DataSource } from "#elbo/data/source.js";
import { Random, streams } from "#elbo/runtime/random.js";

const cities = ["Bern", "Lausanne", "Zürich"];

/** Columns by name; rows are `P0`, `P1`, … */
export function mixedColumns(rows: number, seed = 1) {
  const random = new Random(seed);
  const hidden = random.uniform(streams.synthetic, 0, rows);
  const noise = random.normal(streams.synthetic, 1, rows);
  const gap = random.uniform(streams.synthetic, 2, rows);
  const of = <T>(value: (u: number, i: number) => T): T[] => Array.from(hidden, value);
  const missing = <T>(share: number, value: (u: number, i: number) => T) =>
    of((u, i) => (gap[i]! < share ? null : value(u, i)));
  return {
    person: of((_, i) => `P${i}`),
    age: missing(0.1, (u, i) => Number((20 + 50 * u + noise[i]!).toFixed(1))),
    visits: of((u, i) => Math.max(0, Math.round(60 * u + noise[i]!))),
    income: of((u, i) => Number(Math.exp(7 + 3 * u + 0.2 * noise[i]!).toFixed(2))),
    city: missing(0.05, (u) => cities[Math.min(2, Math.floor(3 * u))]!),
    member: of((u) => u > 0.4),
    joined: missing(0.08, (u) => new Date(Date.UTC(2020, 0, 1 + Math.floor(700 * u)))),
    seen: of((u) => new Date(Date.UTC(2024, 0, 1, 0, Math.floor(300_000 * u)))),
  } satisfies Record<string, MemoryValues>;
}

export type MixedColumns = ReturnType<typeof mixedColumns>;

export const mixedSource = (columns: Partial<MixedColumns>): DataSource =>
  columnsOf(columns as Record<string, MemoryValues>);
