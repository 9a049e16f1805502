// Raw rows that a model gives, reconstructions and samples: what their columns are, and how they
// are collected or written.
import { ElboError } from "../base/errors.ts";
import { openImageWriter } from "../data/write/images.ts";
import type { WriteOptions } from "../data/write/output.ts";
import type { ColumnInfo, ColumnValues } from "../fields/columns.ts";
import type { Field, FieldSchema, ModelledField } from "../fields/field.ts";
import { isModelled } from "../fields/field.ts";
import { outputColumns, outputValues, writeOutput } from "./table.ts";

/** Rows in raw units, in pieces, with the columns that they have. */
export interface RowStream {
  columns: ColumnInfo[];
  pieces: AsyncIterable<{ rows: number; values: ColumnValues[] }>;
}

/** All of them in memory. */
export interface ModelRows {
  rows: number;
  columns: ColumnInfo[];
  /** In the order of `columns`. Images are pixels; levels are texts or numbers as in the data. */
  values: ColumnValues[];
}

/** The column that a field is written as. */
export function infoOf(field: ModelledField): ColumnInfo {
  const { name } = field;
  switch (field.kind) {
    case "real":
    case "positive":
      return { name, type: "number", ...(field.float32 ? { float32: true } : {}) };
    case "count":
      return { name, type: "number" };
    case "binary":
      return { name, type: "number", ...(field.boolean ? { boolean: true } : {}) };
    case "categorical":
    case "ordinal":
      if (field.of === "text") return { name, type: "text" };
      return { name, type: "number", ...(field.of === "boolean" ? { boolean: true } : {}) };
    case "time":
      return {
        ...{ name, type: "time", ...(field.date ? { date: true } : {}) },
        ...(field.format === undefined ? {} : { format: field.format }),
      };
    case "text":
      return { name, type: "text" };
    case "vector": {
      const names = field.names === null ? {} : { names: field.names };
      const decimals = typeof field.decimals === "number" ? { decimals: field.decimals } : {};
      return { name, type: "vector", size: field.size, sparse: false, ...names, ...decimals };
    }
    case "image": {
      const { height, width, channels } = field;
      return { name, type: "image", height, width, channels };
    }
    default:
      return field satisfies never;
  }
}

/** The columns that a model gives, in the order of the data. */
export function decodedFields(schema: FieldSchema): ModelledField[] {
  return schema.fields.filter(
    (field: Field): field is ModelledField => isModelled(field) && field.role !== "condition",
  );
}

export const decodedColumns = (schema: FieldSchema) => decodedFields(schema).map(infoOf);

/** Puts the columns of groups, each with its fields, into the order of the data. */
export function inOrder(
  schema: FieldSchema,
  groups: readonly { fields: readonly ModelledField[]; columns: readonly ColumnValues[] }[],
): ColumnValues[] {
  const byName = new Map(
    groups.flatMap(({ fields, columns }) =>
      fields.map(({ name }, j): [string, ColumnValues] => [name, columns[j]!]),
    ),
  );
  return decodedFields(schema).map(({ name }) => byName.get(name)!);
}

/** Fields that are given to a model, and stand in a table beside what it gives; images do not. */
export const conditionFields = (schema: FieldSchema): ModelledField[] =>
  schema.fields
    .filter(isModelled)
    .filter(({ role, kind }) => role === "condition" && kind !== "image");

/**
 * What there is of each field that a model gives, with what there is of conditions in between: in the
 * order of the data, so that a table is like the one that was trained on.
 */
export function withConditions<T>(
  schema: FieldSchema,
  decoded: readonly T[],
  conditions: ReadonlyMap<string, T>,
): T[] {
  let next = 0;
  return schema.fields.filter(isModelled).flatMap(({ name, role }) => {
    if (role !== "condition") return [decoded[next++]!];
    const own = conditions.get(name);
    return own === undefined ? [] : [own];
  });
}

/** The columns of rows that are like the data's: those that the model gives, and its conditions. */
export function rowColumns(schema: FieldSchema): ColumnInfo[] {
  const conditions = conditionFields(schema).map((field) => [field.name, infoOf(field)] as const);
  return withConditions(schema, decodedColumns(schema), new Map(conditions));
}

type Numbers = Float32Array | Float64Array | Uint8Array | BigInt64Array | BigUint64Array;

function joinedNumbers<Array extends Numbers>(arrays: readonly Array[]): Array {
  const total = arrays.reduce((sum, { length }) => sum + length, 0);
  const all = new (arrays[0]!.constructor as new (length: number) => Array)(total);
  let end = 0;
  for (const array of arrays) {
    all.set(array as never, end);
    end += array.length;
  }
  return all;
}

/** One column after the other; all of one type. */
export function joined(parts: readonly ColumnValues[]): ColumnValues {
  const [first] = parts as [ColumnValues];
  if (first.type === "text") {
    return { type: "text", values: parts.flatMap((part) => [...(part as typeof first).values]) };
  }
  const numbers = parts as readonly Exclude<ColumnValues, { type: "text" }>[];
  const values = joinedNumbers(numbers.map((part) => part.values));
  const wide = first.wide && { wide: joinedNumbers(numbers.map((part) => part.wide!)) };
  return { ...first, values, ...wide } as ColumnValues;
}

export async function collect({ columns, pieces }: RowStream): Promise<ModelRows> {
  const parts: ColumnValues[][] = columns.map(() => []);
  let rows = 0;
  for await (const piece of pieces) {
    rows += piece.rows;
    for (const [i, values] of piece.values.entries()) parts[i]!.push(values);
  }
  return { rows, columns, values: parts.map(joined) };
}

/** Whether a run's rows are written as pictures: they have an image. */
export function givesImages(schema: FieldSchema): boolean {
  return decodedFields(schema).some(({ kind }) => kind === "image");
}

/**
 * Tables by the extension's format, images as a grid, array or folder, in bounded memory.
 * @returns how many rows were written.
 */
export async function writeRows(
  path: string,
  { columns, pieces }: RowStream,
  options: WriteOptions = {},
): Promise<number> {
  const place = columns.findIndex(({ type }) => type === "image");
  const image = columns[place];
  if (image?.type === "image") {
    const shape = [image.height, image.width, image.channels] as const;
    const writer = await openImageWriter(path, shape, options);
    let count = 0;
    try {
      for await (const { rows, values } of pieces) {
        await writer.write(bytesOf(values[place]!));
        count += rows;
      }
      await writer.close();
    } catch (cause) {
      await writer.abort();
      throw cause;
    }
    return count;
  }
  async function* table() {
    for await (const { rows, values } of pieces) {
      yield { rows, values: columns.flatMap((info, i) => outputValues(info, values[i]!, rows)) };
    }
  }
  return writeOutput(path, { columns: columns.flatMap(outputColumns), pieces: table() }, options);
}

/** Pixels that are floats are written from their range of 0 to 1. */
function bytesOf(values: ColumnValues): Uint8Array {
  if (values.type !== "image") {
    throw new ElboError({ code: "internal", message: "pixels expected", hint: "Report this bug." });
  }
  const { values: pixels } = values;
  if (pixels instanceof Uint8Array) return pixels;
  return new Uint8Array(Uint8ClampedArray.from(pixels, (value) => value * 255).buffer);
}
