// Isolation forest (Liu, Ting and Zhou 2008): strange points are parted from the others by few splits at
// random. As scikit-learn, a split is of a coordinate that varies among the points at hand.
import { streams } from "../runtime/random.ts";
import { Sequence } from "../runtime/sequence.ts";

const EULER = 0.577_215_664_901_532_9;

/** What a search that fails takes in a binary tree of n points on average (equation 1). */
export function pathLength(n: number): number {
  if (n <= 1) return 0;
  if (n === 2) return 1;
  return 2 * (Math.log(n - 1) + EULER) - (2 * (n - 1)) / n;
}

interface Node {
  /** −1 of a leaf. */
  coordinate: number;
  /** Where it is split; of a leaf the path length that its points would take further. */
  value: number;
  left: number;
  right: number;
}

export interface IsolationOptions {
  /** The paper's. Default 100. */
  trees?: number;
  /** Points of each tree. The paper's, and the default: 256. */
  sample?: number;
  seed: number;
}

export class IsolationForest {
  readonly #trees: Node[][] = [];
  readonly #size: number;
  readonly #normal: number;

  /** @param points `(rows, size)`, row-major. */
  constructor(points: Float32Array, size: number, options: IsolationOptions) {
    const { trees = 100, sample = 256, seed } = options;
    const rows = points.length / size;
    const drawn = Math.min(sample, rows);
    const depth = Math.ceil(Math.log2(Math.max(2, drawn)));
    this.#size = size;
    this.#normal = pathLength(drawn) || 1;
    const order = Uint32Array.from({ length: rows }, (_, row) => row);
    for (let tree = 0; tree < trees; tree++) {
      const draws = new Sequence(seed, streams.forest, tree);
      const below = (limit: number) => Math.min(limit - 1, Math.floor(draws.uniform() * limit));
      for (let i = 0; i < drawn; i++) {
        const other = i + below(rows - i);
        [order[i], order[other]] = [order[other]!, order[i]!];
      }
      const nodes: Node[] = [];
      const grow = (own: readonly number[], left: number): number => {
        const place = nodes.length;
        const leaf = { coordinate: -1, value: pathLength(own.length), left: -1, right: -1 };
        nodes.push(leaf);
        if (left === 0 || own.length <= 1) return place;
        const ranges = this.#ranges(points, own);
        if (ranges.length === 0) return place;
        const { coordinate, low, high } = ranges[below(ranges.length)]!;
        const value = low + (high - low) * draws.uniform();
        const isLeft = (row: number) => points[row * size + coordinate]! <= value;
        const lower = own.filter(isLeft);
        const upper = own.filter((row) => !isLeft(row));
        nodes[place] = {
          ...{ coordinate, value },
          ...{ left: grow(lower, left - 1), right: grow(upper, left - 1) },
        };
        return place;
      };
      grow([...order.subarray(0, drawn)], depth);
      this.#trees.push(nodes);
    }
  }

  /** Coordinates that vary among some points. */
  #ranges(points: Float32Array, rows: readonly number[]) {
    const ranges: { coordinate: number; low: number; high: number }[] = [];
    for (let coordinate = 0; coordinate < this.#size; coordinate++) {
      let [low, high] = [Infinity, -Infinity];
      for (const row of rows) {
        const value = points[row * this.#size + coordinate]!;
        if (value < low) low = value;
        if (value > high) high = value;
      }
      if (high > low) ranges.push({ coordinate, low, high });
    }
    return ranges;
  }

  /** Mean path lengths of points. */
  depths(points: Float32Array): Float64Array {
    const size = this.#size;
    const depths = new Float64Array(points.length / size);
    for (const nodes of this.#trees) {
      for (let row = 0; row < depths.length; row++) {
        let node = nodes[0]!;
        let depth = 0;
        for (; node.coordinate >= 0; depth++) {
          const lower = points[row * size + node.coordinate]! <= node.value;
          node = nodes[lower ? node.left : node.right]!;
        }
        depths[row]! += (depth + node.value) / this.#trees.length;
      }
    }
    return depths;
  }

  /** Of each point 0 to 1, about ½ where all are alike; higher is stranger (equation 2). */
  scores(points: Float32Array): Float64Array {
    return this.depths(points).map((depth) => 2 ** (-depth / this.#normal));
  }
}
