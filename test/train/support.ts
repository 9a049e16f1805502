// Small data, and a run on it in a folder of its own.
import { join } from "node:path";
import { imagesOf, tableOf } from "#elbo/data/in-memory.js";
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

export async function trained(data: DataSource, options: TrainOptions) {
  const out = join(testFolder(), "run");
  const events: TrainEvent[] = [];
  const onEvent = (event: TrainEvent) => void events.push(event);
  const result = await train(data, { out, threads: 1, ...options }, { onEvent });
  const epochs = events.filter((event): event is EpochEvent => event.event === "epoch");
  return { out, events, epochs, result };
}
