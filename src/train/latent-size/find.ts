// The latent size by the data, `--latent auto`: a wide model first, then one of as many latents as that
// one uses, kept where held-out rows lose nothing by it, and the same with other seeds, to say how far
// what was found is the data's.
import { existsSync } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { writeFileAtomic } from "../../base/files.ts";
import type { DataSource } from "../../data/source.ts";
import type { PackedRows } from "../../fields/pack.ts";
import { likeness } from "../../metrics/latent-stability.ts";
import { widestLatent } from "../default-sizes.ts";
import type { LatentEvent, LatentStability } from "../events.ts";
import type { TrainResult } from "../follow.ts";
import type { TrainHooks } from "../hooks.ts";
import { contradiction, type TrainOptions } from "../options.ts";
import { LATENT_FILE } from "../run.ts";
import { heldOutRows, type Seen, seenBy } from "./held-out.ts";

/** Runs with other seeds that the found latents are compared with. */
const OTHER_SEEDS = 2;
/** Standard errors of the rows' difference within which the smaller model loses nothing. */
const ERRORS = 2;

type Train = (options: TrainOptions, hooks: TrainHooks) => Promise<TrainResult>;

/** A run, and what it makes of the held-out rows; null where it was stopped. */
interface Tried {
  result: TrainResult;
  seen: Seen;
}

function checkAuto({ autoFix, from, validation }: TrainOptions): void {
  if (autoFix || from !== undefined) {
    throw contradiction(
      `--latent auto trains models of several sizes; it does not go with ${autoFix ? "--auto-fix" : "--from"}`,
      "Leave one of them out.",
    );
  }
  if (validation === 0) {
    throw contradiction(
      "--latent auto asks rows held out, and none are",
      "Give --validation 0.1, or a number of latents.",
    );
  }
}

/** Mean and standard error of how much worse the second model is, row by row, in nats. */
function worse(before: Seen, after: Seen): { nats: number; standardError: number } {
  const differences = after.nats.map((nats, i) => nats - before.nats[i]!);
  const count = differences.length;
  const mean = differences.reduce((sum, d) => sum + d, 0) / count;
  const variance = differences.reduce((sum, d) => sum + (d - mean) ** 2, 0) / (count - 1);
  return { nats: mean, standardError: Math.sqrt(variance / count) };
}

export async function findLatent(
  data: string | DataSource,
  options: TrainOptions,
  hooks: TrainHooks,
  train: Train,
): Promise<TrainResult> {
  checkAuto(options);
  const emit = hooks.onEvent ?? (() => {});
  const tell = (event: Omit<LatentEvent, "event">) => emit({ event: "latent", ...event });
  const quiet: TrainHooks = {
    ...hooks,
    onEvent(event) {
      // The runs end in turn, the whole ends once; and the size is what is looked for.
      const ofSize = event.event === "warning" && /^latent-/.test(event.code);
      if (event.event !== "done" && !ofSize) emit(event);
    },
  };
  let rows: PackedRows | null = null;
  const attempt = async (chosen: TrainOptions, told: TrainHooks): Promise<Tried | TrainResult> => {
    const result = await train(chosen, told);
    if (result.interrupted) return result;
    rows ??= await heldOutRows(result.run, result.config, data);
    return { result, seen: await seenBy(result.run, rows) };
  };
  const end = (result: TrainResult) => {
    const { config, ...done } = result;
    emit(done);
    return result;
  };

  // Wide, and twice as wide as long as all is used.
  let wide = await attempt(options, quiet);
  if (!("seen" in wide)) return end(wide);
  const { run } = wide.result;
  const again = { ...options, out: run, force: true };
  for (;;) {
    const { latent } = wide.seen.config.model;
    tell({
      latent,
      used: wide.seen.used,
      seed: wide.seen.config.training.seed,
      lost: null,
      kept: true,
    });
    const widest = widestLatent(wide.seen.config.schema);
    if (wide.seen.used < latent || latent >= widest) break;
    const wider = await attempt({ ...again, latent: Math.min(2 * latent, widest) }, quiet);
    if (!("seen" in wider)) return end(wider);
    wide = wider;
  }

  const beside = (name: string) => `${run.replace(/[\\/]+$/, "")}.${name}`;
  let best = wide;
  for (;;) {
    const found = Math.max(1, best.seen.used);
    if (found === best.seen.config.model.latent) break;
    const out = beside(`latent-${found}`);
    const narrow = await attempt({ ...again, latent: found, out }, quiet);
    if (!("seen" in narrow)) {
      await rm(out, { recursive: true, force: true });
      return end({ ...narrow, run, config: best.result.config });
    }
    const { seen } = narrow;
    const lost = worse(best.seen, seen);
    const kept = lost.nats <= ERRORS * lost.standardError;
    tell({ latent: found, used: seen.used, seed: seen.config.training.seed, lost, kept });
    await rm(kept ? run : out, { recursive: true });
    if (!kept) break;
    await rename(out, run);
    best = { result: { ...narrow.result, run }, seen };
  }

  const stability = await compared(best, async (seed) => {
    const out = beside(`seed-${seed}`);
    const { latent } = best.seen.config.model;
    try {
      // Other weights and batches; what they say of themselves is of no use.
      return await attempt({ ...again, latent, seed, out }, { ...hooks, onEvent: () => {} });
    } finally {
      if (existsSync(out)) await rm(out, { recursive: true });
    }
  });
  if (stability) {
    const { model, training } = best.seen.config;
    const { used } = best.seen;
    const event = { latent: model.latent, used, seed: training.seed, lost: null, kept: true };
    tell({ ...event, stability });
    const found = { latent: model.latent, ...stability };
    await writeFileAtomic(join(run, LATENT_FILE), `${JSON.stringify(found, null, 2)}\n`);
  }
  return end(best.result);
}

/** The same model from other seeds beside this one; null where it was stopped. */
async function compared(
  { seen }: Tried,
  again: (seed: number) => Promise<Tried | TrainResult>,
): Promise<LatentStability | null> {
  const first = seen.config.training.seed;
  const others: Seen[] = [];
  for (let i = 1; i <= OTHER_SEEDS; i++) {
    const other = await again(first + i);
    if (!("seen" in other)) return null;
    others.push(other.seen);
  }
  const each = others.map((other) => likeness(seen.latents, other.latents));
  const mean = (of: "subspace" | "axes") =>
    each.reduce((sum, one) => sum + (one?.[of] ?? 0), 0) / each.length;
  return {
    seeds: [seen, ...others].map(({ config }) => config.training.seed),
    used: [seen, ...others].map(({ used }) => used),
    subspace: mean("subspace"),
    axes: mean("axes"),
  };
}
