// How near images come back, and how far drawn ones are from the data's, beside principal components.
import { availableParallelism } from "node:os";
import { pickRows } from "../../data/store/pick-rows.ts";
import { isModelled } from "../../fields/field.ts";
import { type PackedRows, Packer } from "../../fields/pack.ts";
import { frechetDistance } from "../../metrics/frechet.ts";
import { psnr, ssim, WINDOW } from "../../metrics/image-quality.ts";
import type { Points } from "../../metrics/points.ts";
import { imageGraph } from "../../models/image-graph.ts";
import { methods } from "../../models/methods/index.ts";
import { batchesOf } from "../../train/each-batch.ts";
import type { Linear } from "../../train/linear.ts";
import type { Components } from "../../train/linear-graphs.ts";
import { deviceOf, type Run, type TaskOptions } from "../run.ts";
import { sample } from "../sample.ts";
import { BATCH_ROWS } from "../stream.ts";
import { keptRows } from "./inputs.ts";

interface Quality {
  /** Mean peak signal-to-noise ratio in decibels, of images that are not equal. */
  psnr: number;
  /** Mean structural similarity; null of images below 11 pixels. */
  ssim: number | null;
}

export interface ImageReport {
  /** Images that are looked at. */
  rows: number;
  model: Quality;
  /** Of as many principal components of the training rows as the model has latents. */
  pca: Quality | null;
  /**
   * The Fréchet distance between these images and as many drawn ones, of the principal components of the
   * training rows (of pixels from 0 to 1); `training`: the same of training rows in place of drawn ones,
   * which is what chance alone costs. Null without components, and where nothing is drawn of a prior.
   */
  frechet: { features: number; samples: number; training: number } | null;
}

/** PSNR and SSIM of more say no more. */
const MOST_IMAGES = 1000;

function quality(
  pixels: Float32Array,
  others: Float32Array,
  { height, width, channels }: { height: number; width: number; channels: number },
): Quality {
  const plane = height * width;
  const size = plane * channels;
  const ratios: number[] = [];
  let [similar, planes] = [0, 0];
  for (let start = 0; start < pixels.length; start += size) {
    const ratio = psnr(pixels.subarray(start, start + size), others.subarray(start, start + size));
    if (Number.isFinite(ratio)) ratios.push(ratio);
    if (Math.min(height, width) < WINDOW) continue;
    for (let from = start; from < start + size; from += plane, planes++) {
      const of = (all: Float32Array) => Float64Array.from(all.subarray(from, from + plane));
      similar += ssim(of(pixels), of(others), height, width);
    }
  }
  return {
    psnr: ratios.reduce((sum, value) => sum + value, 0) / Math.max(1, ratios.length),
    ssim: planes > 0 ? similar / planes : null,
  };
}

/** Coordinates along the components, `(rows, count)`. */
function projected(pixels: Float32Array, mean: Float32Array, { count, axes }: Components): Points {
  const size = mean.length;
  const rows = pixels.length / size;
  const values = new Float64Array(rows * count);
  for (let i = 0; i < rows; i++) {
    for (let k = 0; k < count; k++) {
      let sum = 0;
      for (let j = 0; j < size; j++) {
        sum += axes[k * size + j]! * (pixels[i * size + j]! - mean[j]!);
      }
      values[i * count + k] = sum;
    }
  }
  return { rows, size: count, values };
}

function recovered(points: Points, mean: Float32Array, { count, axes }: Components): Float32Array {
  const size = mean.length;
  return Float32Array.from({ length: points.rows * size }, (_, at) => {
    const [i, j] = [Math.floor(at / size), at % size];
    let value = mean[j]!;
    for (let k = 0; k < count; k++) value += points.values[i * count + k]! * axes[k * size + j]!;
    return Math.min(1, Math.max(0, value));
  });
}

const firstRows = (run: Run, packed: PackedRows) =>
  packed.rows <= MOST_IMAGES
    ? packed
    : pickRows(
        run.config.schema,
        packed,
        Array.from({ length: MOST_IMAGES }, (_, i) => Math.floor((i * packed.rows) / MOST_IMAGES)),
      );

/** Null where rows have no image. */
export async function imageReport(
  run: Run,
  packed: PackedRows,
  options: TaskOptions & { seed: number },
): Promise<ImageReport | null> {
  const { schema, model } = run.config;
  const graph = imageGraph(schema, model);
  if (!graph) return null;
  const { field, outputs } = graph;
  const batches = await batchesOf(schema, outputs, {
    device: await deviceOf(options),
    threads: options.threads ?? availableParallelism(),
    ...{ seed: options.seed, batch: Math.min(BATCH_ROWS, packed.rows), sumsRows: false },
    weights: run.weights,
  });
  const size = field.height * field.width * field.channels;
  const pixelsOf = async (rows: PackedRows) => {
    const [pixels, decoded] = [0, 1].map(() => new Float32Array(rows.rows * size));
    let end = 0;
    async function* pieces() {
      yield rows;
    }
    await batches.each(pieces(), (count) => {
      for (const [name, all] of [["pixels", pixels] as const, ["decoded", decoded] as const]) {
        all!.set(batches.runner.output(name).subarray(0, count * size), end * size);
      }
      end += count;
    });
    return { pixels: pixels!, decoded: decoded! };
  };
  try {
    const rows = firstRows(run, packed);
    const { pixels, decoded } = await pixelsOf(rows);
    const { mean, components } = (await run.linear()) as Linear;
    // Components of an image alone: they are of its pixels, in their order.
    const known = components && mean.length === size ? components : null;
    const points = known && projected(pixels, mean, known);
    const drawn = known && (await drawnRows(run, rows.rows, options));
    const distanceTo = async (others: PackedRows) =>
      frechetDistance(points!, projected((await pixelsOf(others)).pixels, mean, known!));
    const training = await keptRows(run);
    return {
      rows: rows.rows,
      model: quality(pixels, decoded, field),
      pca: points && quality(pixels, recovered(points, mean, known!), field),
      frechet:
        drawn && training && rows.rows > 1
          ? {
              features: known!.count,
              samples: await distanceTo(drawn),
              training: await distanceTo(firstRows(run, training)),
            }
          : null,
    };
  } finally {
    await batches.runner.release();
  }
}

/** Draws of the prior, packed; null where they need more than a number of rows. */
async function drawnRows(
  run: Run,
  count: number,
  { seed, ...options }: TaskOptions & { seed: number },
): Promise<PackedRows | null> {
  const { schema, model } = run.config;
  const modelled = schema.fields.filter(isModelled);
  if (!methods[model.method].probabilistic || modelled.length > 1) return null;
  const { device, threads } = options;
  const { values, columns } = await sample(run, count, {
    seed,
    ...(device === undefined ? {} : { device }),
    ...(threads === undefined ? {} : { threads }),
  });
  const packer = new Packer(schema, { source: "drawn images", columns }, "scoring");
  return packer.pack({ rows: count, columns: values });
}
