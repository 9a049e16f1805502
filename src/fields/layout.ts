// How fields lie in memory: those of one sort side by side, one block for each sort.
import { type Field, type FieldSchema, isModelled, type ModelledField, valuesOf } from "./field.ts";

/** A missing cell of a block of whole numbers; of floats it is NaN. Bytes are never missing. */
export const MISSING = -(2 ** 31);

/** Whole numbers that a moment in time is packed into: days since 1970 and the day's milliseconds. */
export const TIME_PARTS = 2;

/** Columns with more levels stand alone, with embeddings in and a factorised softmax out. */
export const MANY_LEVELS = 256;

/** Fields that are computed together. */
export interface GroupLayout {
  /** Unique, and the same for the same fields: `data-real-gaussian`. Names inputs and parameters. */
  name: string;
  fields: ModelledField[];
  /** Of the packed rows: float32 numbers, int32 codes, days and tokens, uint8 pixels. */
  dtype: "float32" | "int32" | "uint8";
  /** Packed elements in a row: the fields' side by side, each of `elements / fields.length`. */
  elements: number;
  /** Kept as the elements that are not 0, and spread out when a batch is made. */
  sparse: boolean;
}

/** Packed elements in a row of one field. */
export function elementsOf(field: ModelledField): number {
  return field.kind === "time" ? TIME_PARTS : valuesOf(field);
}

function dtypeOf(field: ModelledField): GroupLayout["dtype"] {
  switch (field.kind) {
    case "image":
      return field.bytes ? "uint8" : "float32";
    case "categorical":
    case "ordinal":
    case "text":
    case "time":
      return "int32";
    case "real":
    case "positive":
    case "count":
    case "binary":
    case "vector":
      return "float32";
    default:
      return field satisfies never;
  }
}

/** 2, 3, 4, 6, 8, 12, …: the sizes up to which softmaxes are padded to share a group. */
export function paddedLevels(levels: number): number {
  for (let size = 2; ; size *= 2) {
    if (levels <= size) return size;
    if (levels <= 1.5 * size) return 1.5 * size;
  }
}

/** Fields with one key are one group; fields of which each is large are groups of their own. */
function sortOf(field: ModelledField): string {
  const { kind, likelihood, role } = field;
  const same = `${role}-${kind}-${likelihood}`;
  switch (kind) {
    case "categorical":
    case "ordinal":
      // One place more: the level of everything that training has not seen.
      return field.levels.length + 1 > MANY_LEVELS
        ? `${same}-${field.name}`
        : `${same}-${paddedLevels(field.levels.length + 1)}`;
    case "real":
      return field.scale === "standardize" ? same : `${same}-${field.scale}`;
    case "time":
      return `${same}-${field.date ? "date" : "moment"}`;
    case "image":
    case "vector":
    case "text":
      return `${same}-${field.name}`;
    default:
      return same;
  }
}

/** The groups of a schema's modelled fields, in the order of their first fields. */
export function layoutOf(schema: FieldSchema): GroupLayout[] {
  const groups = new Map<string, ModelledField[]>();
  for (const field of schema.fields.filter(isModelled)) {
    const sort = sortOf(field);
    groups.set(sort, [...(groups.get(sort) ?? []), field]);
  }
  return [...groups].map(([name, fields]) => {
    const [first] = fields as [ModelledField];
    return {
      name,
      fields,
      dtype: dtypeOf(first),
      elements: fields.reduce((sum, field) => sum + elementsOf(field), 0),
      sparse: first.kind === "vector" && first.sparse,
    };
  });
}

/** The column of row weights, if there is one. */
export function weightOf(schema: FieldSchema): Extract<Field, { role: "weight" }> | undefined {
  return schema.fields.find((field) => field.role === "weight");
}

/** Names of a group's inputs in a graph: packed rows with 0 for what is missing, … */
export const rowsInput = ({ name }: GroupLayout) => `rows:${name}`;
/** … 1 where a cell is there and 0 where it is missing, `(batch, maskSize)`, … */
export const maskInput = ({ name }: GroupLayout) => `mask:${name}`;
/** … where texts are written: the symbol before, int32 `(batch, 1)`, … */
export const writtenInput = ({ name }: GroupLayout) => `written:${name}`;
/** … how many are written, int32 `(batch,)`, … */
export const placeInput = ({ name }: GroupLayout) => `place:${name}`;
/** … what the decoder's layers keep of them, … */
export const keptInput = ({ name }: GroupLayout, i: number) => `kept:${name}/${i}`;
/** … and bits drawn in the place of grey pixels. */
export const bitsInput = ({ name }: GroupLayout) => `bits:${name}`;

/** The rows' weights, float32 `(batch,)`: ones where there are none. */
export const WEIGHTS = "weights";

/**
 * Random numbers that a model takes, `(batch, n)`: float32 standard normal, float32 even in [0, 1),
 * and int32 places in a matrix of n columns read row by row, each column's in an order of its own.
 */
export const noiseSorts = ["normal", "uniform", "permutation"] as const;
export type NoiseSort = (typeof noiseSorts)[number];

/** The name of the `index`-th input of random numbers of a sort. */
export const noiseInput = (sort: NoiseSort, index = 0) => `noise:${sort}:${index}`;

/** What `noiseInput` named so; null of any other input. */
export function noiseOf(name: string): { sort: NoiseSort; index: number } | null {
  const [first, sort, index] = name.split(":");
  return first === "noise" ? { sort: sort as NoiseSort, index: Number(index) } : null;
}

/** Cells of a row that can be missing one by one; images are there or the row is not. */
export function maskSize({ fields, elements }: GroupLayout): number {
  const [{ kind }] = fields as [ModelledField];
  if (kind === "image") return 0;
  return kind === "time" || kind === "text" ? fields.length : elements;
}
