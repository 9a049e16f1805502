// What one pass over a data set tells of its columns: counts, range, shape, levels, digests.
import type { ColumnInfo } from "./columns.ts";
import type { FoundNotation } from "./notation.ts";

type Info<T extends ColumnInfo["type"]> = Extract<ColumnInfo, { type: T }>;

interface Common<T extends ColumnInfo["type"]> {
  name: string;
  info: Info<T>;
  rows: number;
  /** Cells without a value. */
  missing: number;
}

/**
 * How many different values there are: exactly, or where they are too many to keep as estimated to
 * about 2 %; of numbers that are not all whole then at least so many.
 */
export interface DistinctCount {
  count: number;
  exact: boolean;
}

/** By these, columns that say the same are found. */
interface Digests {
  /** Equal for columns of one type with the same value in every row. */
  digest: string;
  /** Equal for columns whose rows share levels alike, whatever the levels are; null if too many. */
  pattern: string | null;
}

/** A value such as −999 far from all others, likely written where there was none. */
export interface Sentinel {
  value: number;
  count: number;
  /** The range of the other values. */
  min: number;
  max: number;
}

export interface NumberProfile extends Common<"number">, Digests {
  type: "number";
  /** NaN where all cells are missing, as are the moments. */
  min: number;
  max: number;
  mean: number;
  deviation: number;
  skewness: number;
  /** Of the logarithms of values above 0, where none is below (of a part of the rows where they are many). */
  logSkewness: number;
  /** Whether all values are whole. */
  whole: boolean;
  /** Rows, counted from 1, of the first value that is not whole, and of the first below 0. */
  firstFraction: number | undefined;
  firstNegative: number | undefined;
  zeros: number;
  /** Values above 0 and below 10. */
  belowTen: number;
  /** NaN if there is none. */
  smallestPositive: number;
  distinct: DistinctCount;
  /** Values and their counts, ascending; null where they are too many. */
  levels: { value: number; count: number }[] | null;
  /** The most frequent value, and its count; of too many, the one most frequent among the first. */
  mode: { value: number; count: number } | undefined;
  /** Each value is above the one before, and none is missing. */
  ascending: boolean;
  sentinel: Sentinel | undefined;
}

/** What was seen of a column of texts that are numbers in part. */
export interface MixedCells {
  numbers: number;
  /** Cells that are neither numbers nor missing. */
  texts: number;
  /** The first of the rarer sort, of numbers alone one with zeros in front, cut to a line; its row from 1. */
  example: { text: string; row: number };
}

export interface TextProfile extends Common<"text">, Digests {
  type: "text";
  distinct: DistinctCount;
  /** Texts and their counts, by UTF-16 code units; null where they are too many. */
  levels: { value: string; count: number }[] | null;
  /** In UTF-16 code units. */
  meanLength: number;
  maxLength: number;
  /** Share of the levels that hold a space. */
  spaced: number;
  /** Left out where no text is a number. */
  mixed?: MixedCells;
  /** What all texts are to a person, and one of them; null where they are texts. */
  notation: FoundNotation | null;
}

export interface TimeProfile extends Common<"time"> {
  type: "time";
  /** Milliseconds since 1970; NaN where all cells are missing. */
  min: number;
  max: number;
  wholeDays: boolean;
  /** Share of the rows from the second on that are later than the row before. */
  rising: number;
  digest: string;
  pattern: null;
}

export interface VectorProfile extends Common<"vector"> {
  type: "vector";
  /** Cells of all rows that are not missing; `missing` counts cells, too. */
  cells: number;
  min: number;
  max: number;
  whole: boolean;
  /** Share of the cells that are 0, and the mean of the others. */
  zeroShare: number;
  meanOfOthers: number;
  firstFraction: number | undefined;
  firstNegative: number | undefined;
}

export interface ImageProfile extends Common<"image"> {
  type: "image";
  /** Whether pixels are uint8. */
  bytes: boolean;
  /** Share of the bytes that are neither nearly black nor nearly white; null of floats. */
  greyShare: number | null;
  /** The pixels' range: of bytes in the first rows, of floats in all of them. */
  min: number;
  max: number;
}

export type ColumnProfile =
  | NumberProfile
  | TextProfile
  | TimeProfile
  | VectorProfile
  | ImageProfile;

/** The cells of a column that are not missing. */
export function presentCells(profile: ColumnProfile): number {
  return profile.type === "vector" ? profile.cells : profile.rows - profile.missing;
}

/** Whether all cells that are there hold one value. */
export function isConstant(profile: ColumnProfile): boolean {
  if (presentCells(profile) === 0) return false;
  if (profile.type === "image") return false;
  if (profile.type === "text") return profile.distinct.exact && profile.distinct.count === 1;
  return profile.min === profile.max;
}
