// How near synthetic rows come to real ones, and whether they tell which rows a model has learned from.
import type { ModelledField } from "../../fields/field.ts";
import { rocAuc } from "../../metrics/roc.ts";
import { Neighbours } from "../detect/neighbours.ts";
import type { TaskOptions } from "../run.ts";
import { FeatureSpace, type RawTable } from "./compared-table.ts";

/** Distances of rows to the nearest of others: numbers in deviations, another level 1. */
export interface Distances {
  /** The 5th percentile and the median. */
  low: number;
  median: number;
}

async function toNearest(
  space: FeatureSpace,
  rows: RawTable,
  others: RawTable,
  options: TaskOptions,
): Promise<Float64Array> {
  const floats = (table: RawTable) => Float32Array.from(space.points(table));
  const neighbours = await Neighbours.of(floats(others), space.size, 1, options);
  const distances = await neighbours.distances(floats(rows), 1);
  await neighbours.release();
  return distances;
}

const summary = (distances: Float64Array): Distances => {
  const sorted = distances.slice().sort();
  const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))]!;
  return { low: at(0.05), median: at(0.5) };
};

export async function recordDistances(
  fields: readonly ModelledField[],
  { synthetic, real, other }: { synthetic: RawTable; real: RawTable; other: RawTable },
  options: TaskOptions,
): Promise<{ synthetic: Distances; real: Distances }> {
  const space = new FeatureSpace(fields, real);
  return {
    synthetic: summary(await toNearest(space, synthetic, real, options)),
    real: summary(await toNearest(space, other, real, options)),
  };
}

export interface Membership {
  /** ½ where rows that the model learned from come no nearer to synthetic ones than others do. */
  auc: number;
  /** Of an AUC of ½ (Hanley and McNeil 1982). */
  standardError: number;
  members: number;
  others: number;
}

/** Rows of each sort below which an AUC tells nothing. */
const FEWEST = 20;

/** An attack by distance: rows nearer to synthetic ones are taken for learned ones. */
export async function membership(
  fields: readonly ModelledField[],
  { synthetic, members, others }: { synthetic: RawTable; members: RawTable; others: RawTable },
  options: TaskOptions,
): Promise<Membership | null> {
  const [m, n] = [members.rows, others.rows];
  if (m < FEWEST || n < FEWEST) return null;
  const space = new FeatureSpace(fields, members);
  const near = async (table: RawTable) =>
    (await toNearest(space, table, synthetic, options)).map((distance) => -distance);
  const auc = rocAuc(await near(others), await near(members));
  return { auc, standardError: Math.sqrt((m + n + 1) / (12 * m * n)), members: m, others: n };
}

/** The share of rows that are, cell for cell, one of the others. */
export function copies(rows: RawTable, others: RawTable): number {
  const keyOf = ({ columns }: RawTable, row: number) =>
    JSON.stringify(columns.map((column) => column[row]));
  const known = new Set(Array.from({ length: others.rows }, (_, row) => keyOf(others, row)));
  let found = 0;
  for (let row = 0; row < rows.rows; row++) if (known.has(keyOf(rows, row))) found++;
  return found / rows.rows;
}
