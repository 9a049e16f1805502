// Random forests of classification trees (Breiman 2001): which class a point is of, and which of its
// coordinates say so. Splits by Gini impurity among √size coordinates, as scikit-learn's defaults.
import { streams } from "../runtime/random.ts";
import { Sequence } from "../runtime/sequence.ts";
import type { Points } from "./points.ts";

interface Node {
  /** −1 of a leaf. */
  coordinate: number;
  threshold: number;
  left: number;
  right: number;
  /** Shares of classes. */
  shares: Float64Array;
}

export interface ForestOptions {
  trees: number;
  depth: number;
  seed: number;
}

interface Split {
  coordinate: number;
  threshold: number;
  /** Of impurity, times points. */
  gain: number;
}

/** Points times Gini impurity. */
function impurity(counts: Float64Array, points: number): number {
  let squares = 0;
  for (const count of counts) squares += count ** 2;
  return points > 0 ? points - squares / points : 0;
}

export class RandomForest {
  /** Of each coordinate: its share of what splits took from impurity, the mean over trees. */
  readonly importances: Float64Array;
  readonly #trees: Node[][] = [];
  readonly #classes: number;

  /** @param codes the class of each point, of `classes`. */
  constructor(points: Points, codes: readonly number[], classes: number, options: ForestOptions) {
    this.#classes = classes;
    this.importances = new Float64Array(points.size);
    for (let tree = 0; tree < options.trees; tree++) {
      const draws = new Sequence(options.seed, streams.forest, tree);
      const own = new Float64Array(points.size);
      const rows = Array.from({ length: points.rows }, () =>
        Math.min(points.rows - 1, Math.floor(draws.uniform() * points.rows)),
      );
      const nodes: Node[] = [];
      this.#grow(points, codes, rows, options.depth, { nodes, own, draws });
      const total = own.reduce((sum, value) => sum + value, 0);
      if (total > 0) {
        for (const [j, value] of own.entries()) {
          this.importances[j]! += value / total / options.trees;
        }
      }
      this.#trees.push(nodes);
    }
  }

  #grow(
    points: Points,
    codes: readonly number[],
    rows: readonly number[],
    left: number,
    into: { nodes: Node[]; own: Float64Array; draws: Sequence },
  ): number {
    const counts = new Float64Array(this.#classes);
    for (const row of rows) counts[codes[row]!]!++;
    const node: Node = {
      ...{ coordinate: -1, threshold: 0, left: -1, right: -1 },
      shares: counts.map((count) => count / rows.length),
    };
    const place = into.nodes.push(node) - 1;
    const mixed = impurity(counts, rows.length);
    if (left === 0 || mixed === 0) return place;
    const split = this.#split(points, codes, rows, counts, into.draws);
    if (!split) return place;
    into.own[split.coordinate]! += split.gain;
    const isLeft = (row: number) =>
      points.values[row * points.size + split.coordinate]! <= split.threshold;
    const lower = rows.filter(isLeft);
    const upper = rows.filter((row) => !isLeft(row));
    node.coordinate = split.coordinate;
    node.threshold = split.threshold;
    node.left = this.#grow(points, codes, lower, left - 1, into);
    node.right = this.#grow(points, codes, upper, left - 1, into);
    return place;
  }

  /** The best among √size coordinates drawn by chance, or more until one varies; null: none does. */
  #split(
    points: Points,
    codes: readonly number[],
    rows: readonly number[],
    counts: Float64Array,
    draws: Sequence,
  ): Split | null {
    const { size, values } = points;
    const wanted = Math.max(1, Math.floor(Math.sqrt(size)));
    const order = Array.from({ length: size }, (_, j) => j);
    const all = impurity(counts, rows.length);
    let best: Split | null = null;
    for (let taken = 0; taken < size && (taken < wanted || !best); taken++) {
      const other =
        taken + Math.min(size - taken - 1, Math.floor(draws.uniform() * (size - taken)));
      [order[taken], order[other]] = [order[other]!, order[taken]!];
      const coordinate = order[taken]!;
      const at = (row: number) => values[row * size + coordinate]!;
      const sorted = [...rows].sort((a, b) => at(a) - at(b));
      const lower = new Float64Array(this.#classes);
      const upper = counts.slice();
      for (let i = 0; i + 1 < sorted.length; i++) {
        const code = codes[sorted[i]!]!;
        lower[code]!++;
        upper[code]!--;
        const [here, next] = [at(sorted[i]!), at(sorted[i + 1]!)];
        if (here === next) continue;
        const gain = all - impurity(lower, i + 1) - impurity(upper, sorted.length - i - 1);
        if (!best || gain > best.gain) {
          const middle = (here + next) / 2;
          best = { coordinate, gain, threshold: middle < next ? middle : here };
        }
      }
    }
    return best;
  }

  /** The class of a point with the largest mean share in the leaves that it falls in. */
  predict({ size, values }: Points, row: number): number {
    const sums = new Float64Array(this.#classes);
    for (const nodes of this.#trees) {
      let node = nodes[0]!;
      while (node.coordinate >= 0) {
        const lower = values[row * size + node.coordinate]! <= node.threshold;
        node = nodes[lower ? node.left : node.right]!;
      }
      for (const [k, share] of node.shares.entries()) sums[k]! += share;
    }
    return sums.indexOf(sums.reduce((most, sum) => Math.max(most, sum), 0));
  }
}
