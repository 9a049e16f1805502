// The space that rows are compared in: their numbers and levels as the model decodes and corrects
// them, and their latents.
import type { Block } from "../../models/scoring-graph.ts";
import type { Said } from "./scorer.ts";

/**
 * Latents' share of a squared distance beside the rows' own: little enough that rows stay as far from
 * each other as they are in the data.
 */
const LATENT_SHARE = 1 / 16;
/** Variance below which levels are not made to differ more: that of a level of one row in 400. */
const LEAST_VARIANCE = 0.01;

function moments(values: Float32Array, size: number) {
  const rows = Math.max(1, values.length / size);
  const [mean, variance] = [new Float64Array(size), new Float64Array(size)];
  for (let i = 0; i < values.length; i++) mean[i % size]! += values[i]! / rows;
  for (let i = 0; i < values.length; i++) {
    variance[i % size]! += (values[i]! - mean[i % size]!) ** 2 / rows;
  }
  return { mean, variance };
}

const sum = (values: Float64Array) => values.reduce((total, value) => total + value, 0);

export class Space {
  readonly size: number;
  readonly #width: number;
  /** One coordinate for fields without any, which never varied in training; none beside latents alone. */
  readonly #others: 0 | 1;
  readonly #center: Float64Array;
  readonly #scale: Float64Array;
  /** Where the coordinates of a field begin. */
  readonly #starts: ReadonlyMap<string, number>;

  /**
   * Numbers have the network's scale; each other field the same variance as a number; latents a share
   * of all.
   * @param reference rows that tell variances.
   */
  constructor(blocks: readonly Block[], reference: Said) {
    const { coordinates, latents, rows } = reference;
    this.#width = blocks.reduce((total, { size }) => total + size, 0);
    const latent = latents.length / rows;
    this.#others = blocks.length > 0 ? 1 : 0;
    this.size = this.#width + latent + this.#others;
    const own = moments(coordinates, this.#width);
    const hidden = moments(latents, latent);
    this.#scale = new Float64Array(this.size).fill(1);
    const starts = new Map<string, number>();
    let start = 0;
    let total = 0;
    for (const { field, size, numbers } of blocks) {
      const variance = sum(own.variance.subarray(start, start + size));
      const scale = numbers ? 1 : 1 / Math.sqrt(Math.max(variance, LEAST_VARIANCE));
      this.#scale.fill(scale, start, start + size);
      starts.set(field, start);
      start += size;
      total += variance * scale ** 2;
    }
    this.#starts = starts;
    const spread = sum(hidden.variance);
    const share = (total > 0 ? total : 1) * LATENT_SHARE;
    this.#scale.fill(spread > 0 ? Math.sqrt(share / spread) : 0, start);
    this.#center = new Float64Array(this.size);
    this.#center.set([...own.mean, ...hidden.mean]);
  }

  /** Where rows lie, `(rows, size)`. */
  points({ rows, coordinates, latents, beyond }: Said): Float32Array {
    const [width, latent] = [this.#width, this.size - this.#width - this.#others];
    const points = new Float32Array(rows * this.size);
    for (let row = 0; row < rows; row++) {
      for (let j = 0; j < width + latent; j++) {
        const value =
          j < width ? coordinates[row * width + j]! : latents[row * latent + j - width]!;
        points[row * this.size + j] = (value - this.#center[j]!) * this.#scale[j]!;
      }
    }
    for (const { row, field, at, deviations } of beyond) {
      const start = this.#starts.get(field);
      const last = (row + 1) * this.size - 1;
      if (start !== undefined) points[row * this.size + start + at]! += deviations;
      else if (this.#others === 1) points[last] = Math.hypot(points[last]!, deviations);
    }
    return points;
  }
}
