// Small data, and a run on it in a folder of its own.
import { join } from "node:path";
import { columnsOf, imagesOf, tableOf } from "#elbo/data/in-memory.js";
import type { DataSource } from "#elbo/data/source.js";
import { Random, streams } from "#elbo/runtime/random.js";
import type { EpochEvent, TrainEvent } from "#elbo/train/events.js";
import type { TrainOptions } from "#elbo/train/options.js";
import { train } from "#elbo/train/train.js";
import { testFolder } from "../helpers/folder.ts";

/** Rows of `columns` normal values that share one factor, row by row. */
export function correlatedValues(rows: number, columns: number, seed = 1): Float32Array {
  const random = new Random(seed);
  const own = random.normal(streams.synthetic, 0, rows * columns);
  const common = random.normal(streams.synthetic, 1, rows);
  return own.map((v, i) => 0.5 * v + common[Math.floor(i / columns)]!);
}

export const correlated = (rows: number, columns: number, seed = 1): DataSource =>
  tableOf(correlatedValues(rows, columns, seed), columns);

export function grey(rows: number, side: number): DataSource {
  const values = Uint8Array.from(
    new Random(2).uniform(streams.synthetic, 0, rows * side * side),
    (u, i) => (i % side < side / 2 ? 255 * u : 0),
  );
  return imagesOf(values, [side, side, 1]);
}

/** Mixed columns that hang on one factor; a share of their cells is missing, by chance. */
export function mixed(rows: number, missing: number): DataSource {
  const random = new Random(8);
  const factor = random.normal(streams.synthetic, 0, rows);
  const noise = (step: number) => random.normal(streams.synthetic, step, rows);
  const [a, b, c] = [1, 2, 3].map(noise) as [Float32Array, Float32Array, Float32Array];
  const lost = random.uniform(streams.synthetic, 4, rows * 6);
  const cell = <T>(column: number, of: (row: number) => T): (T | null)[] =>
    Array.from({ length: rows }, (_, row) => (lost[row * 6 + column]! < missing ? null : of(row)));
  return columnsOf({
    real: cell(0, (i) => 10 + 3 * factor[i]! + 0.3 * a[i]!),
    positive: cell(1, (i) => Math.exp(2 * factor[i]! + 0.3 * b[i]!)),
    count: cell(2, (i) => Math.round(Math.exp(1.5 + factor[i]!))),
    flag: cell(3, (i) => factor[i]! + 0.3 * c[i]! > 0),
    level: cell(4, (i) => (factor[i]! > 0.6 ? "high" : factor[i]! < -0.6 ? "low" : "middle")),
    day: cell(5, (i) => new Date(1.6e12 + 1e9 * factor[i]!)),
  });
}

export async function trained(data: DataSource | string, options: TrainOptions) {
  const out = join(testFolder(), "run");
  const events: TrainEvent[] = [];
  const onEvent = (event: TrainEvent) => void events.push(event);
  const result = await train(data, { out, threads: 1, ...options }, { onEvent });
  const epochs = events.filter((event): event is EpochEvent => event.event === "epoch");
  return { out, events, epochs, result };
}
