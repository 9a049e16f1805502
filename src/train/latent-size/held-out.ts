// What runs make of the same held-out rows: the nats of each row, and where it lies in the latents.
import type { DataSource } from "../../data/source.ts";
import { removeStored } from "../../data/store/disk.ts";
import type { MemoryRows } from "../../data/store/stored.ts";
import type { PackedRows } from "../../fields/pack.ts";
import { activeUnits } from "../../metrics/active-units.ts";
import type { Latents } from "../../metrics/latent-stability.ts";
import { validationGraph } from "../../models/graphs.ts";
import { openDevice } from "../../runtime/open.ts";
import { loadModel } from "../checkpoint.ts";
import type { RunConfig } from "../config.ts";
import { batchesOf } from "../each-batch.ts";
import { prepareRows, rowsFile } from "../prepare.ts";
import { readRun } from "../run.ts";
import { reopen } from "../source.ts";

/** Rows of a batch: enough that calling costs little. */
const BATCH = 1000;

export interface Seen {
  config: RunConfig;
  /** Negative ELBO of each row, with its targets' nats. */
  nats: Float64Array;
  /** How many latents carry information; see `activeUnits`. */
  used: number;
  /** The posterior means of those. */
  latents: Latents;
}

/** The rows that a run held out, read again. */
export async function heldOutRows(
  folder: string,
  config: RunConfig,
  data: string | DataSource,
): Promise<MemoryRows> {
  const { validation, split, seed, memory, anomalyLabel } = config.training;
  const source = await reopen(config, data);
  const own = typeof validation === "string" ? await reopen(config, validation) : null;
  try {
    const share = typeof validation === "string" ? 0 : validation;
    const settings = { split, share, seed, memory, anomalyLabel };
    const rows = await prepareRows(source, config.schema, settings, rowsFile(folder), own);
    await removeStored(rows.training);
    return rows.validation;
  } finally {
    await own?.close?.();
    if (typeof data === "string") await source.close?.();
  }
}

/** The columns of used latents alone. */
function usedLatents(means: Float32Array, latent: number): Latents {
  const rows = means.length / latent;
  const variances = Array.from({ length: latent }, (_, j) => {
    let [sum, squares] = [0, 0];
    for (let i = 0; i < rows; i++) {
      sum += means[i * latent + j]!;
      squares += means[i * latent + j]! ** 2;
    }
    return squares / rows - (sum / rows) ** 2;
  });
  const places = variances.flatMap((variance, j) => (activeUnits([variance]) > 0 ? [j] : []));
  const picked = Float32Array.from({ length: rows * places.length }, (_, k) => {
    const [row, place] = [Math.floor(k / places.length), k % places.length];
    return means[row * latent + places[place]!]!;
  });
  return { means: picked, latent: places.length };
}

export async function seenBy(folder: string, rows: PackedRows): Promise<Seen> {
  const config = await readRun(folder);
  const { schema, model, training, compute } = config;
  const { weights } = await loadModel(folder);
  const { device } = await openDevice(compute.device);
  const { reconstruction, kl, target, mean } = validationGraph(schema, model);
  const cost = [kl.sum(1), ...(target ? [target] : [])].reduce(
    (sum, part) => sum.add(part),
    reconstruction,
  );
  const batches = await batchesOf(
    schema,
    { cost, mean },
    {
      device,
      threads: compute.threads * compute.workers,
      seed: training.seed,
      batch: Math.min(BATCH, rows.rows),
      sumsRows: false,
      weights,
    },
  );
  const nats = new Float64Array(rows.rows);
  const means = new Float32Array(rows.rows * model.latent);
  let first = 0;
  async function* all() {
    yield rows;
  }
  try {
    await batches.each(all(), (count) => {
      nats.set(batches.runner.output("cost").subarray(0, count), first);
      means.set(
        batches.runner.output("mean").subarray(0, count * model.latent),
        first * model.latent,
      );
      first += count;
    });
  } finally {
    await batches.runner.release();
  }
  const latents = usedLatents(means, model.latent);
  return { config, nats, used: latents.latent, latents };
}
