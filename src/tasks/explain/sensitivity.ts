// How far each decoded field moves when one latent goes from two deviations below its middle to two
// above, the row's other latents staying where they are.

import { pickRows } from "../../data/store/pick-rows.ts";
import type { ColumnValues } from "../../fields/columns.ts";
import type { Group } from "../../fields/groups/index.ts";
import { responseGraph } from "../../models/explaining-graphs.ts";
import { decodedGroups, LATENT } from "../../models/graphs.ts";
import { isLeveled } from "../../models/level-hits.ts";
import { PackedUse } from "../packed-use.ts";
import type { Run, TaskOptions } from "../run.ts";
import type { LatentMoments } from "./latent-moments.ts";
import type { SomeRows } from "./some-rows.ts";
import { evenly, type OnProgress, rowsWithin } from "./work.ts";

export interface Movement {
  field: string;
  /**
   * The mean change in the field's own standard deviations (of vectors and images, the root of its mean
   * square over their numbers), or of levels the Jensen–Shannon divergence in nats, at most log 2.
   */
  moves: number;
  unit: "deviations" | "nats";
  /** `up` or `down`; of levels the one that gains most; null where numbers go both ways. */
  direction: string | null;
}

/** How far a latent goes, in deviations, to each side. */
export const REACH = 2;
/** Rows whose other latents are averaged over, and numbers that are decoded for it at most. */
const ROWS = 200;
const MOST_NUMBERS = 3e7;

const mean = (values: ArrayLike<number>) =>
  Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;

/** Of every `size`-th number that is there, from each of the first ones. */
function deviationsOf(values: ArrayLike<number>, size: number): Float64Array {
  const [counts, middles, squares] = [0, 0, 0].map(() => new Float64Array(size));
  const each = (use: (k: number, value: number) => void) => {
    for (let i = 0; i < values.length; i++) {
      if (!Number.isNaN(values[i]!)) use(i % size, values[i]!);
    }
  };
  each((k, value) => {
    counts![k]!++;
    middles![k]! += value;
  });
  for (let k = 0; k < size; k++) middles![k]! /= counts![k]!;
  each((k, value) => {
    squares![k]! += (value - middles![k]!) ** 2;
  });
  return squares!.map((sum, k) => Math.sqrt(sum / counts![k]!));
}

/** What changes of a field's numbers are told in, of each of them or of all. */
function scalesOf(column: ColumnValues | undefined, size: number): Float64Array {
  if (!column || column.type === "text") return new Float64Array(size);
  // Of images all pixels have one deviation: those at the edge hardly vary, and would count most.
  if (column.type === "vector") return deviationsOf(column.values, size);
  return new Float64Array(size).fill(deviationsOf(column.values, 1)[0]!);
}

const entropy = (p: number) => (p > 0 ? -p * Math.log(p) : 0);

/** ½ KL(p ‖ m) + ½ KL(q ‖ m), m their mean (Lin 1991). */
export function jensenShannon(p: ArrayLike<number>, q: ArrayLike<number>): number {
  let sum = 0;
  for (let k = 0; k < p.length; k++) {
    sum += entropy((p[k]! + q[k]!) / 2) - (entropy(p[k]!) + entropy(q[k]!)) / 2;
  }
  return Math.max(0, sum);
}

function ofLevels(group: Group, low: Float32Array, high: Float32Array, rows: number): Movement[] {
  const { fields } = group.layout;
  const width = low.length / rows / fields.length;
  return fields.map((field, at) => {
    const own = (all: Float32Array, row: number) => {
      const start = (row * fields.length + at) * width;
      const p = [...all.subarray(start, start + width)];
      return width === 1 ? [1 - p[0]!, p[0]!] : p;
    };
    let moves = 0;
    const gains: number[] = [];
    for (let row = 0; row < rows; row++) {
      const [p, q] = [own(low, row), own(high, row)];
      moves += jensenShannon(p, q) / rows;
      for (let k = 0; k < p.length; k++) gains[k] = (gains[k] ?? 0) + q[k]! - p[k]!;
    }
    const best = gains.indexOf(Math.max(...gains));
    const truths = field.kind === "binary" && !field.boolean ? ["0", "1"] : ["false", "true"];
    const levels = "levels" in field ? field.levels : truths;
    const direction = levels[best] === undefined ? null : `to ${levels[best]}`;
    return { field: field.name, moves, unit: "nats", direction };
  });
}

function ofNumbers(
  field: string,
  low: ArrayLike<number>,
  high: ArrayLike<number>,
  rows: number,
  scales: Float64Array,
): Movement {
  const size = low.length / rows;
  const changes = Float64Array.from({ length: size }, (_, k) => {
    let sum = 0;
    for (let row = 0; row < rows; row++) sum += high[row * size + k]! - low[row * size + k]!;
    return sum / rows;
  });
  return { field, ...lengthOf(changes, scales) };
}

function lengthOf(changes: Float64Array, scales: Float64Array) {
  const parts = changes.map((change, k) => (scales[k]! > 0 ? change / scales[k]! : 0));
  const moves = Math.sqrt(mean(parts.map((part) => part * part)));
  const direction = parts.length > 1 ? null : parts[0]! < 0 ? "down" : "up";
  return { moves, unit: "deviations" as const, direction };
}

/** Of each latent: how every decoded field moves. */
export async function movements(
  run: Run,
  { packed, columns }: SomeRows,
  { latent, means, center, deviation }: LatentMoments,
  options: TaskOptions,
  onProgress?: OnProgress,
): Promise<Movement[][]> {
  const { schema, model } = run.config;
  const graph = responseGraph(schema, model);
  const names = Object.keys(graph);
  if (names.length === 0) return Array.from({ length: latent }, () => []);
  const groups = decodedGroups(schema, model).filter(({ layout }) => names.includes(layout.name));
  const numbers = groups.reduce((sum, { outputs }) => sum + outputs, 0);
  const rows = rowsWithin(MOST_NUMBERS, 2 * latent * numbers, Math.min(ROWS, packed.rows));
  const chosen = evenly(rows, packed.rows);
  const some = pickRows(schema, packed, chosen);
  const use = await PackedUse.create(run, graph, options);
  const at = (j: number, value: number) =>
    use.run(some, names, (input, start, count) => {
      const latents = input(LATENT);
      for (let i = 0; i < count; i++) {
        const row = chosen[start + i]!;
        latents.set(means.subarray(row * latent, (row + 1) * latent), i * latent);
        latents[i * latent + j] = value;
      }
    });
  const known = new Map<string, Float64Array>();
  const scalesFor = (name: string, size: number) => {
    const column = columns.find(({ info }) => info.name === name)?.values;
    const scales = known.get(name) ?? scalesOf(column, size);
    known.set(name, scales);
    return scales;
  };
  const all: Movement[][] = [];
  for (let j = 0; j < latent; j++) {
    onProgress?.(j / latent);
    const low = await at(j, center[j]! - REACH * deviation[j]!);
    const high = await at(j, center[j]! + REACH * deviation[j]!);
    all.push(
      groups.flatMap((group) => {
        const { name, fields } = group.layout;
        const [below, above] = [low.get(name)!, high.get(name)!];
        if (isLeveled(group)) return ofLevels(group, below, above, rows);
        const [from, to] = [group.columns(below, rows), group.columns(above, rows)];
        return fields.flatMap((field, k) => {
          const [a, b] = [from[k]!, to[k]!];
          if (a.type === "text" || b.type === "text") return [];
          const scales = scalesFor(field.name, a.values.length / rows);
          return [ofNumbers(field.name, a.values, b.values, rows, scales)];
        });
      }),
    );
  }
  await use.release();
  return all;
}
