// Which rows train and which are held out to validate: drawn by chance, the latest, or whole groups.
import { ElboError } from "../base/errors.ts";
import { checkNumber } from "../base/validate.ts";
import type { ColumnInfo, ColumnType } from "../fields/columns.ts";
import { hashText } from "../fields/digest.ts";
import { Random, streams } from "../runtime/random.ts";
import { columnPlaces } from "./chunking.ts";
import type { DataSource } from "./source.ts";

export type Split =
  /** Rows drawn by chance. */
  | { by: "random" }
  /** Rows drawn by chance of each value of a column, by its share; those without one too. */
  | { by: "stratified"; column: string }
  /** The latest rows; those without a time train. */
  | { by: "time"; column: string }
  /** All rows of some groups; those without a group train. */
  | { by: "group"; column: string };

export interface SplitOptions {
  split: Split;
  /** Of the rows, in [0, 1): about how many are held out. */
  share: number;
  seed: number;
  /**
   * The most rows that are held out. Default 50,000: more say little more of a model, and cost time
   * after every epoch.
   */
  most?: number;
}

/** What a row is for. `neither`: past `most`, and too close to what is held out to train on. */
export const rowUse = { train: 0, heldOut: 1, neither: 2 } as const;

const defaultMost = 50_000;

/** Steps of `streams.split`. */
const drawRows = 0;
const drawCapped = 1;
const drawGroup = 2;

/**
 * What each row is for, as values of `rowUse`. Depends on the data and the options alone. A random
 * split of n rows holds out the first min(round(n × share), n − 1, most) of the permutation that the
 * seed gives. A time split keeps rows of one moment together. A group split takes groups in the
 * order that the seed gives their values, each that brings the rows held out nearer to the share; the
 * order of rows has no part in it.
 * @throws ElboError `column-unknown`, `split-column` for a column that tells no time or group,
 * `split-time` and `split-group` where no row would be left on one side, `option-value`.
 */
export async function splitRows(
  source: DataSource,
  { split, share, seed, most = defaultMost }: SplitOptions,
): Promise<Uint8Array> {
  checkNumber("the share held out", share, { min: 0, max: 1 });
  checkNumber("the most rows held out", most, { min: 1, integer: true });
  if (split.by === "random") return randomSplit(source.rows, share, seed, most);
  if (split.by === "stratified") {
    return stratified(source, split.column, Math.min(share, most / source.rows), seed);
  }
  const held =
    split.by === "time"
      ? await latest(source, split.column, share)
      : await wholeGroups(source, split.column, share, seed);
  return capped(held, seed, most);
}

function randomSplit(rows: number, share: number, seed: number, most: number): Uint8Array {
  const uses = new Uint8Array(rows);
  // One row at least trains.
  const held = Math.min(Math.round(rows * share), rows - 1, most);
  const order = new Random(seed).permutation(streams.split, drawRows, rows);
  for (let i = 0; i < held; i++) uses[order[i]!] = rowUse.heldOut;
  return uses;
}

/**
 * Of the n rows of each value floor(n × share), and one more of those whose fractions are largest, so
 * that all of them number round(rows × share): the first of the permutation that the seed gives.
 */
async function stratified(
  source: DataSource,
  name: string,
  share: number,
  seed: number,
): Promise<Uint8Array> {
  columnPlaces(source.columns, [name], source.source);
  const strata = new Map<string, number[]>();
  const cells: string[] = [];
  for await (const { columns } of source.chunks([name])) {
    for (const cell of columns[0]!.values as readonly (string | null)[] | Float64Array) {
      cells.push(String(cell));
    }
  }
  for (const row of new Random(seed).permutation(streams.split, drawRows, source.rows)) {
    const stratum = strata.get(cells[row]!);
    if (stratum === undefined) strata.set(cells[row]!, [row]);
    else stratum.push(row);
  }
  const wanted = Math.min(Math.round(source.rows * share), source.rows - 1);
  const parts = [...strata.values()].map((rows) => {
    const count = Math.floor(rows.length * share);
    return { rows, count, fraction: rows.length * share - count };
  });
  let left = wanted - parts.reduce((sum, { count }) => sum + count, 0);
  for (const part of [...parts].sort((a, b) => b.fraction - a.fraction)) {
    if (left-- <= 0) break;
    part.count++;
  }
  const uses = new Uint8Array(source.rows);
  for (const { rows, count } of parts) {
    for (const row of rows.slice(0, count)) uses[row] = rowUse.heldOut;
  }
  return uses;
}

/** Past `most` rows held out, a part of them drawn by chance is, and the others are for nothing. */
function capped(uses: Uint8Array, seed: number, most: number): Uint8Array {
  const held = Uint32Array.from(heldRows(uses));
  if (held.length <= most) return uses;
  const order = new Random(seed).permutation(streams.split, drawCapped, held.length);
  for (const place of order.subarray(most)) uses[held[place]!] = rowUse.neither;
  return uses;
}

function* heldRows(uses: Uint8Array): Generator<number> {
  for (let row = 0; row < uses.length; row++) if (uses[row] === rowUse.heldOut) yield row;
}

function splitColumn(
  source: DataSource,
  by: "time" | "group",
  name: string,
  fits: (type: ColumnType) => boolean,
): ColumnInfo {
  const info = source.columns[columnPlaces(source.columns, [name], source.source)[0]!]!;
  if (fits(info)) return info;
  const isBoolean = info.type === "number" && info.boolean === true;
  throw new ElboError({
    code: "split-column",
    kind: "usage",
    message:
      by === "time"
        ? `a split by time needs a column of times or numbers; ${JSON.stringify(name)} of ${source.source} holds ${isBoolean ? "booleans" : `${info.type}s`}`
        : `a split by group needs a column of texts, numbers or times; ${JSON.stringify(name)} of ${source.source} holds ${info.type}s`,
    hint: "name another column, or split by chance",
    where: { file: source.source, column: name },
  });
}

async function latest(source: DataSource, name: string, share: number): Promise<Uint8Array> {
  const isTime = (type: ColumnType) =>
    type.type === "time" || (type.type === "number" && type.boolean !== true);
  splitColumn(source, "time", name, isTime);
  const times = new Float64Array(source.rows);
  let filled = 0;
  for await (const { rows, columns } of source.chunks([name])) {
    times.set(columns[0]!.values as Float64Array, filled);
    filled += rows;
  }
  const uses = new Uint8Array(source.rows);
  const known = times.filter((time) => !Number.isNaN(time)).sort();
  const wanted = Math.round(known.length * share);
  if (wanted === 0) return uses;
  const first = firstHeld(known, wanted, known.length < source.rows);
  if (first === undefined) {
    throw new ElboError({
      code: "split-time",
      kind: "usage",
      message: `a split by time needs two moments at least; every row of ${source.source} has the same ${JSON.stringify(name)}`,
      hint: "name another column, or split by chance",
      where: { file: source.source, column: name },
    });
  }
  for (let row = 0; row < times.length; row++) if (times[row]! >= first) uses[row] = rowUse.heldOut;
  return uses;
}

/**
 * The first moment held out, of `known` moments in order: that whose rows and all later ones number
 * nearest to `wanted`, more of two as near. Undefined where no moment leaves a row to train on.
 */
function firstHeld(known: Float64Array, wanted: number, othersTrain: boolean): number | undefined {
  const count = known.length;
  const place = count - wanted;
  const moment = known[place] ?? known[0]!;
  let from = Math.max(0, Math.min(place, count - 1));
  while (from > 0 && known[from - 1] === moment) from--;
  let after = from;
  while (after < count && known[after] === moment) after++;
  const together = from > 0 || othersTrain;
  const nearer = after === count || count - from - wanted <= wanted - (count - after);
  if (together && nearer) return moment;
  return known[after];
}

interface Group {
  value: string;
  rows: number;
  /** Of its value and the seed: groups are drawn in this order. */
  draw: number;
}

async function wholeGroups(
  source: DataSource,
  name: string,
  share: number,
  seed: number,
): Promise<Uint8Array> {
  splitColumn(source, "group", name, ({ type }) => ["text", "number", "time"].includes(type));
  const random = new Random(seed);
  const places = new Map<string, number>();
  const groups: Group[] = [];
  /** The group of each row, −1 without one. */
  const groupOf = new Int32Array(source.rows).fill(-1);
  let row = 0;
  for await (const { columns } of source.chunks([name])) {
    for (const cell of columns[0]!.values as readonly (string | null)[] | Float64Array) {
      if (cell !== null && !Number.isNaN(cell)) {
        const value = String(cell);
        let place = places.get(value);
        if (place === undefined) {
          place = groups.length;
          places.set(value, place);
          groups.push({ value, rows: 0, draw: drawOf(value, random) });
        }
        groups[place]!.rows++;
        groupOf[row] = place;
      }
      row++;
    }
  }
  const uses = new Uint8Array(source.rows);
  const held = drawGroups(groups, Math.round(source.rows * share), source.rows);
  if (held === undefined) {
    throw new ElboError({
      code: "split-group",
      kind: "usage",
      message: `a split by group needs two groups at least, so that one trains; ${JSON.stringify(name)} of ${source.source} has ${groups.length === 0 ? "none" : `one, ${JSON.stringify(groups[0]!.value.slice(0, 80))}`}`,
      hint: "name another column, or split by chance",
      where: { file: source.source, column: name },
    });
  }
  for (row = 0; row < groupOf.length; row++) {
    const group = groups[groupOf[row]!];
    if (group !== undefined && held.has(group)) uses[row] = rowUse.heldOut;
  }
  return uses;
}

/** Philox's word at the place that the value hashes to, the same in whichever order groups come. */
function drawOf(value: string, random: Random): number {
  return random.bits(streams.split, drawGroup, 1, 4 * hashText(value))[0]!;
}

/** The groups held out; undefined where none can be and some should. */
function drawGroups(
  groups: readonly Group[],
  wanted: number,
  rows: number,
): Set<Group> | undefined {
  const held = new Set<Group>();
  if (wanted === 0) return held;
  const drawn = [...groups].sort((a, b) => a.draw - b.draw || (a.value < b.value ? -1 : 1));
  let sum = 0;
  for (const group of drawn) {
    const nearer = sum + group.rows / 2 <= wanted;
    if (!nearer || sum + group.rows === rows) continue;
    held.add(group);
    sum += group.rows;
  }
  if (held.size > 0) return held;
  // All are larger than twice what is wanted: the smallest comes nearest.
  let smallest: Group | undefined;
  for (const group of drawn) if (group.rows < (smallest?.rows ?? rows)) smallest = group;
  return smallest === undefined ? undefined : held.add(smallest);
}
