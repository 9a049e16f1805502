// Distances of rows to the nearest of some reference rows, exact and the same in any batch.
import { availableParallelism } from "node:os";
import { BATCH, constant, input, toOnnx } from "../../graph/index.ts";
import { Runner } from "../../runtime/runner.ts";
import type { Slot } from "../../runtime/slots.ts";
import { deviceOf, type TaskOptions } from "../run.ts";

/** Distances computed at once: 32 MB. */
const MOST_AT_ONCE = 8e6;
const QUERIES = "queries";
const NEAREST = "nearest";

/** A point and how far it is. */
export interface Near {
  place: number;
  distance: number;
}

export class Neighbours {
  readonly #points: Float32Array;
  readonly #size: number;
  readonly #runner: Runner;
  readonly #found: number;

  private constructor(points: Float32Array, size: number, runner: Runner, found: number) {
    this.#points = points;
    this.#size = size;
    this.#runner = runner;
    this.#found = found;
  }

  /**
   * @param points `(rows, size)`, about the origin: float32 then tells near ones apart.
   * @param count how many neighbours are asked for at most.
   */
  static async of(
    points: Float32Array,
    size: number,
    count: number,
    options: TaskOptions,
  ): Promise<Neighbours> {
    const rows = points.length / size;
    const half = Float32Array.from({ length: rows }, (_, i) => {
      let sum = 0;
      for (let j = i * size; j < (i + 1) * size; j++) sum += points[j]! ** 2;
      return sum / 2;
    });
    // A few more than asked for, so that rounding leaves none of the nearest out.
    const found = Math.min(rows, count + 4);
    const queries = input(QUERIES, [BATCH, size]);
    // |q − p|² is |q|² − 2 (q · p − |p|² / 2).
    const near = queries
      .matmul(constant(points, [rows, size]).transpose())
      .sub(constant(half))
      .topK(found);
    const batch = Math.max(16, Math.min(256, Math.floor(MOST_AT_ONCE / rows)));
    const onnx = toOnnx({ [NEAREST]: near.indices.cast("float32") }, new Map());
    const runner = await Runner.create(await deviceOf(options), onnx, {
      batch,
      threads: options.threads ?? availableParallelism(),
    });
    return new Neighbours(points, size, runner, found);
  }

  /**
   * The `count` nearest points of rows `(rows, size)`, or all where there are fewer, the nearest first.
   * @param own whether row i is point i, which is then no neighbour of itself.
   */
  async nearest(rows: Float32Array, count: number, own = false): Promise<Near[][]> {
    const size = this.#size;
    const runner = this.#runner;
    const queries = runner.memory.view(runner.inputs.get(QUERIES) as Slot<"float32">);
    const total = rows.length / size;
    const near: Near[][] = [];
    for (let start = 0; start < total; start += runner.batch) {
      const some = Math.min(runner.batch, total - start);
      queries.set(rows.subarray(start * size, (start + some) * size));
      await runner.run(some);
      const found = runner.output(NEAREST);
      for (let i = 0; i < some; i++) {
        const places = found.subarray(i * this.#found, (i + 1) * this.#found);
        near.push(this.#sorted(rows, start + i, places, own).slice(0, count));
      }
    }
    return near;
  }

  /** Mean distances to those. */
  async distances(rows: Float32Array, count: number, own = false): Promise<Float64Array> {
    const near = await this.nearest(rows, count, own);
    return Float64Array.from(near, (points) => {
      const sum = points.reduce((all, { distance }) => all + distance, 0);
      return sum / Math.max(1, points.length);
    });
  }

  #sorted(rows: Float32Array, row: number, places: Float32Array, own: boolean): Near[] {
    const others = own ? places.filter((place) => place !== row) : places;
    return Array.from(others, (place) => {
      let sum = 0;
      for (let j = 0; j < this.#size; j++) {
        sum += (rows[row * this.#size + j]! - this.#points[place * this.#size + j]!) ** 2;
      }
      return { place, distance: Math.sqrt(sum) };
    }).sort((a, b) => a.distance - b.distance || a.place - b.place);
  }

  release(): Promise<void> {
    return this.#runner.release();
  }
}
