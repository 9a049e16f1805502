// New rows: latents drawn from the prior, decoded and drawn from the likelihood.
import { ElboError } from "../base/errors.ts";
import { checkNumber } from "../base/validate.ts";
import { rowLength } from "../fields/schema.ts";
import { LATENT, LIKELIHOOD_NOISE, samplingGraph } from "../models/graphs.ts";
import { methods } from "../models/registry.ts";
import { streams } from "../runtime/random.ts";
import type { Slot } from "../runtime/slots.ts";
import { subSlot } from "../runtime/slots.ts";
import { collectRows, type ModelRows } from "./rows.ts";
import { type Run, runOf, type TaskOptions } from "./run.ts";
import { BATCH_ROWS, compileFor } from "./stream.ts";

export interface SampleOptions extends TaskOptions {
  /** Default 0. Row i is the same however many are drawn. */
  seed?: number;
}

/**
 * @param count rows to draw.
 * @throws ElboError `no-prior` for a model without one.
 */
export async function sample(
  run: string | Run,
  count: number,
  options: SampleOptions = {},
): Promise<ModelRows> {
  checkNumber("-n", count, { min: 1, integer: true });
  const seed = checkNumber("--seed", options.seed ?? 0, {
    min: 0,
    max: Number.MAX_SAFE_INTEGER,
    integer: true,
  });
  const opened = await runOf(run);
  const { schema, model } = opened.config;
  if (!methods[model.method].probabilistic) {
    throw new ElboError({
      code: "no-prior",
      kind: "usage",
      message: `sampling needs a prior over latents; the run's method, ${model.method}, has none`,
      hint: "Train with --method vae.",
    });
  }
  const size = rowLength(schema);
  const runner = await compileFor(opened, samplingGraph(schema, model), count, options);
  const { memory, inputs } = runner;
  const { values, add } = collectRows(schema, count, size);
  const fill = (name: string, stream: number, start: number, rows: number, width: number) => {
    const slot = inputs.get(name) as Slot<"float32"> | undefined;
    if (!slot) return;
    const target = subSlot(slot, 0, rows * width);
    memory.kernels.normal(target, { seed, stream, step: 0, offset: start * width });
  };
  for (let start = 0; start < count; start += BATCH_ROWS) {
    const rows = Math.min(BATCH_ROWS, count - start);
    fill(LATENT, streams.prior, start, rows, model.latent);
    fill(LIKELIHOOD_NOISE, streams.likelihood, start, rows, size);
    await runner.run(rows);
    add(start, runner.output("values").subarray(0, rows * size));
  }
  await runner.release();
  return { rows: count, schema, values, rowNumbers: null };
}
