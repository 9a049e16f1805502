// How a run is spread over this machine's cores.
import { availableParallelism } from "node:os";
import { type FieldSchema, isModelled, valuesOf } from "../fields/field.ts";
import type { ModelConfig } from "../models/model.ts";
import type { DeviceName } from "../runtime/device.ts";
import type { ComputeConfig } from "./config.ts";

/** Below this many multiplications in a step, handing work to a second thread costs more. */
const WORTH_A_THREAD = 2e6;

/**
 * Convolutions in blocks scale over the threads of one run, as matrix products do; others badly, and well
 * over workers with a share of the batch each. Small models are fastest on one thread.
 * @param block channels that the device's convolutions take at a time; null for one.
 * @param parameters how many values the model learns.
 * @param wanted the cores asked for; default all.
 */
export function spread(
  device: DeviceName,
  block: number | null,
  model: ModelConfig,
  schema: FieldSchema,
  parameters: number,
  batch: number,
  wanted: number | undefined,
): ComputeConfig {
  const cores = wanted ?? availableParallelism();
  const onHost = device === "cpu" || device === "wasm";
  if (!onHost) return { device, workers: 1, threads: 1 };
  const { network } = model;
  const texts = schema.fields.some((field) => isModelled(field) && field.kind === "text");
  const blocked =
    network.kind === "conv" &&
    block !== null &&
    [batch, ...network.channels].every((size) => size % block === 0);
  if (texts || (network.kind === "conv" && !blocked)) {
    return { device, workers: Math.max(1, Math.min(cores, Math.floor(batch / 8))), threads: 1 };
  }
  const values = schema.fields.filter(isModelled).reduce((sum, f) => sum + valuesOf(f), 0);
  const work = batch * Math.max(parameters, values);
  const pays = wanted !== undefined || work > WORTH_A_THREAD;
  return { device, workers: 1, threads: pays ? cores : 1 };
}
