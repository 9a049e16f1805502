// A series of two sines, one with gaps, with a word and a class beside.
import { columnsOf } from "#elbo/data/in-memory.js";

export const rows = 700;
export const size = 16;
export const of = <T>(value: (i: number) => T) => Array.from({ length: rows }, (_, i) => value(i));

export const fast = (i: number) => 1000 + 100 * Math.cos(i / 3);

export const columns = {
  slow: of((i) => 5 + Math.sin(i / 8)),
  time: of((i) => new Date(Date.UTC(2024, 0, 1, i))),
  word: of((i) => `w${i}`),
  fast: of((i) => (i % 50 === 7 ? null : fast(i))),
  rising: of((i) => Math.cos(i / 8) > 0),
};

export const series = columnsOf(columns);

/** `count` rows from `from` on, without their classes. */
export const part = (from: number, count: number, own: Partial<typeof columns> = {}) => {
  const { rising: _, ...given } = { ...columns, ...own };
  const entries = Object.entries(given).map(([name, values]) => [
    name,
    values.slice(from, from + count),
  ]);
  return columnsOf(Object.fromEntries(entries));
};

export const training = {
  ...{ window: size, target: ["rising"], threads: 1, epochs: 60, latent: 4 },
  ...{ learningRate: 5e-3, batch: 64 },
};
