// Small data, and a run on it in a folder of its own.
import { join } from "node:path";
import type { DataSet } from "#elbo/data/dataset.js";
import { tableOf } from "#elbo/data/table.js";
import { Random, streams } from "#elbo/runtime/random.js";
import type { EpochEvent, TrainEvent } from "#elbo/train/events.js";
import type { TrainOptions } from "#elbo/train/settings.js";
import { train } from "#elbo/train/train.js";
import { testFolder } from "../helpers/folder.ts";

/** Rows of `columns` normal values that share one factor. */
export function correlated(rows: number, columns: number, seed = 1): DataSet {
  const random = new Random(seed);
  const own = random.normal(streams.synthetic, 0, rows * columns);
  const common = random.normal(streams.synthetic, 1, rows);
  return tableOf(
    own.map((v, i) => 0.5 * v + common[Math.floor(i / columns)]!),
    columns,
  );
}

export function grey(rows: number, side: number): DataSet {
  const values = Uint8Array.from(
    new Random(2).uniform(streams.synthetic, 0, rows * side * side),
    (u, i) => (i % side < side / 2 ? 255 * u : 0),
  );
  return { source: "memory", kind: "image", values, rows, shape: [side, side, 1], notes: [] };
}

export async function trained(data: DataSet, options: TrainOptions) {
  const out = join(testFolder(), "run");
  const events: TrainEvent[] = [];
  const onEvent = (event: TrainEvent) => void events.push(event);
  const result = await train(data, { out, threads: 1, ...options }, { onEvent });
  const epochs = events.filter((event): event is EpochEvent => event.event === "epoch");
  return { out, events, epochs, result };
}
