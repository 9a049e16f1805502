// Where latents of new rows come from: the model's prior, or a density fitted afterwards to the
// latents of rows that it has seen (Ghosh et al. 2020, From Variational to Deterministic
// Autoencoders, §4: a mixture of Gaussians; Dai and Wipf 2019, Diagnosing and Enhancing VAE Models,
// §4: a second VAE of the latents).
import { existsSync } from "node:fs";
import { join } from "node:path";
import { ElboError } from "../base/errors.ts";
import { columnsOf } from "../data/in-memory.ts";
import type { DataSource } from "../data/source.ts";
import { Feeder } from "../data/store/feeder.ts";
import type { Tensor } from "../graph/index.ts";
import { LATENTS, latentDraws, priorDraws } from "../models/row-draws.ts";
import { type FittedMixture, fitMixture, mixtureDraw } from "../prob/mixture-fit.ts";
import { MemoryPlan } from "../runtime/memory.ts";
import { streams } from "../runtime/random.ts";
import { Sequence } from "../runtime/sequence.ts";
import { CONFIG_FILE } from "../train/run.ts";
import { train } from "../train/train.ts";
import { encode } from "./encode.ts";
import type { ModelRows } from "./rows.ts";
import { openRun, type Run, type TaskOptions } from "./run.ts";
import { BATCH_ROWS, compileFor, placed } from "./stream.ts";

export const samplerNames = ["prior", "mixture", "two-stage"] as const;
export type SamplerName = (typeof samplerNames)[number];

export interface SamplerOptions extends TaskOptions {
  /** Default `prior` where the model has one, else `mixture`. */
  sampler?: SamplerName;
  /** The rows whose latents a density is fitted to. Default: the run's own data. */
  data?: string | DataSource;
  /** Gaussians of the mixture. Default 10, fewer of few rows. */
  components?: number;
}

export interface LatentSampler {
  /** Whether the draws are the prior's, or latents as the decoder takes them. */
  from: "prior" | "latent";
  /**
   * Draws latents of rows `first` … into `out`, `(rows, latent)`: each by its place alone.
   * @param first a multiple of `BATCH_ROWS`.
   */
  draw(out: Float32Array, first: number): Promise<void>;
  release(): Promise<void>;
}

/** Latents that a density is fitted to: more tell it no more. */
const MOST_ROWS = 20_000;
/** Rows for each Gaussian at least. */
const ROWS_EACH = 20;
const DEFAULT_COMPONENTS = 10;

/** Draws by a graph of `LATENTS` that takes nothing but noise. */
async function ofGraph(
  run: Run,
  from: LatentSampler["from"],
  graph: Record<string, Tensor>,
  seed: number,
  options: TaskOptions,
): Promise<LatentSampler> {
  const { schema, model } = run.config;
  const plan = new MemoryPlan();
  const feeder = new Feeder(plan, schema, BATCH_ROWS);
  const runner = await compileFor(run, graph, BATCH_ROWS, options, plan);
  const { memory, inputs } = runner;
  return {
    from,
    async draw(out, first) {
      const rows = out.length / model.latent;
      for (let start = 0; start < rows; start += BATCH_ROWS) {
        const count = Math.min(BATCH_ROWS, rows - start);
        feeder.noise(memory, inputs, count, placed(seed, streams.prior, first + start));
        await runner.run(count);
        const drawn = runner.output(LATENTS).subarray(0, count * model.latent);
        out.set(drawn, start * model.latent);
      }
    },
    release: () => runner.release(),
  };
}

/** Latents of the rows, some evenly among them where there are many. */
async function latentsOf(run: Run, options: SamplerOptions): Promise<Float64Array[]> {
  const { mean, rows, latent } = await encode(run, options.data ?? run.config.data.source, options);
  const count = Math.min(rows, MOST_ROWS);
  return Array.from({ length: count }, (_, i) => {
    const row = Math.floor((i * rows) / count);
    return Float64Array.from(mean.subarray(row * latent, (row + 1) * latent));
  });
}

/** A mixture of Gaussians fitted to the latents of the rows. */
export async function fittedMixture(
  run: Run,
  seed: number,
  options: SamplerOptions,
): Promise<FittedMixture> {
  const points = await latentsOf(run, options);
  const fewer = Math.max(1, Math.floor(points.length / ROWS_EACH));
  const components = options.components ?? Math.min(DEFAULT_COMPONENTS, fewer);
  if (components > points.length) {
    throw new ElboError({
      code: "options-contradict",
      kind: "usage",
      message: `a mixture of ${components} Gaussians needs as many rows, received ${points.length}`,
      hint: `Give --components ${fewer} or less, or more rows by --data.`,
    });
  }
  return fitMixture(points, { components }, new Sequence(seed, streams.mixture, 0));
}

async function ofMixture(run: Run, seed: number, options: SamplerOptions): Promise<LatentSampler> {
  const mixture = await fittedMixture(run, seed, options);
  return ofGraph(run, "latent", latentDraws(mixtureDraw(mixture)), seed, options);
}

const SECOND_STAGE = "second-stage";
const latentName = (j: number) => `z${j}`;

/** Rows of a run from place `first` on. */
export type DrawRows = (run: Run, count: number, first: number) => Promise<ModelRows>;

/** A VAE of the latents, trained once and kept in the run's folder. */
async function ofSecondStage(
  run: Run,
  seed: number,
  options: SamplerOptions,
  drawRows: DrawRows,
): Promise<LatentSampler> {
  const { latent } = run.config.model;
  const folder = join(run.folder, SECOND_STAGE);
  if (!existsSync(join(folder, CONFIG_FILE))) {
    const points = await latentsOf(run, options);
    const columns = Array.from({ length: latent }, (_, j): [string, number[]] => [
      latentName(j),
      points.map((point) => point[j]!),
    ]);
    const kind = Object.fromEntries(columns.map(([name]) => [name, "real" as const]));
    await train(columnsOf(Object.fromEntries(columns)), { out: folder, latent, kind, seed });
  }
  const second = await openRun(folder);
  return {
    from: "latent",
    async draw(out, first) {
      const made = await drawRows(second, out.length / latent, first);
      for (let j = 0; j < latent; j++) {
        const place = made.columns.findIndex(({ name }) => name === latentName(j));
        const { values } = made.values[place]!;
        for (let i = 0; i < out.length / latent; i++) out[i * latent + j] = values[i] as number;
      }
    },
    release: async () => {},
  };
}

/**
 * @param drawRows draws rows of a second model, by its prior.
 * @throws ElboError `no-prior` where the prior is asked for and the model has none.
 */
export async function samplerOf(
  run: Run,
  seed: number,
  options: SamplerOptions,
  drawRows: DrawRows,
): Promise<LatentSampler> {
  const { sampler } = options;
  if (sampler === "mixture") return ofMixture(run, seed, options);
  if (sampler === "two-stage") return ofSecondStage(run, seed, options, drawRows);
  const { schema, model } = run.config;
  const prior = priorDraws(schema, model);
  if (prior) return ofGraph(run, "prior", prior, seed, options);
  if (sampler === undefined) return ofMixture(run, seed, options);
  throw new ElboError({
    code: "no-prior",
    kind: "usage",
    message: `the run's method, ${run.config.model.method}, has no prior over latents`,
    hint: "Give --sampler mixture, or train with --method vae.",
  });
}
