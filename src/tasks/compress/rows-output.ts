// Rows of an archive written as they were read: arrays have their shapes and types again.
import { counted } from "../../base/words.ts";
import type { DataNote } from "../../data/source.ts";
import { usageError } from "../../data/write/columns.ts";
import { namedImages } from "../../data/write/named-images.ts";
import {
  bytesOf,
  descriptions,
  type NpyValues,
  type NumberType,
  npyFile,
  numberBytes,
} from "../../data/write/npy.ts";
import { columnDescription, columnPart, type NpzArray, npzFile } from "../../data/write/npz.ts";
import { extensionOf, type WriteOptions } from "../../data/write/output.ts";
import { guarded, type Output } from "../../data/write/writer.ts";
import type { ColumnInfo, ColumnValues, Element } from "../../fields/columns.ts";
import { type RowStream, writeRows } from "../rows.ts";
import { elementValues, outputColumns, outputValues, typeOfElement } from "../table.ts";

type ImageInfo = Extract<ColumnInfo, { type: "image" }>;

/** Pixels that are no bytes, which image formats do not hold. */
const isNumbers = (info: ColumnInfo) =>
  info.type === "image" && info.element !== undefined && info.element !== "u1";

/** The column of the names of image files. */
const isNames = ({ type, role, name }: ColumnInfo) =>
  type === "text" && role === "id" && name === "file";

/**
 * Tables by the extension's format; .npz has an array for each column, of vectors and images in their shapes;
 * images else as .png, .npy or a folder, where they have the names of their files.
 * @returns what a person should know of what was written.
 */
export async function writeStored(
  path: string,
  stream: RowStream,
  options: WriteOptions,
): Promise<DataNote[]> {
  const extension = extensionOf(path);
  const isArray = extension === ".npy" || extension === ".npz";
  const { columns, pieces } = isArray ? withoutGaps(path, stream) : finiteIn(path, stream);
  const image = columns.find(({ type }) => type === "image");
  const hasElement = image?.type === "image" && image.element !== undefined;
  const numbers = columns.find(isNumbers);
  const names = columns.findIndex(isNames);
  if (extension === ".npz") await writeArrays(path, { columns, pieces });
  else if (extension === ".npy" && hasElement) await writeNumbers(path, image, { columns, pieces });
  else if (numbers) throw noPictures(path, numbers);
  else if (extension === "" && image?.type === "image" && names >= 0) {
    return writeNamed(path, image, names, { columns, pieces });
  } else await writeRows(path, { columns, pieces }, options);
  return [];
}

const noPictures = (path: string, { name }: ColumnInfo) =>
  usageError(
    "format-unknown",
    `${path}: images of other numbers than bytes (${name}) are no pictures`,
    "write .npy or .npz",
  );

async function writeNamed(
  path: string,
  image: ImageInfo,
  names: number,
  { columns, pieces }: RowStream,
): Promise<DataNote[]> {
  const { height, width, channels } = image;
  const output = await namedImages(path, [height, width, channels]);
  const place = columns.indexOf(image);
  await written(output, pieces, ({ values }) => [
    values[place]!.values as Uint8Array,
    values[names]!.values as readonly (string | null)[],
  ]);
  const renamed = output.renamed();
  if (renamed === 0) return [];
  const message = `${counted(renamed, "image")} that had other formats are PNG now, pixel for pixel, with .png behind their names`;
  return [{ code: "decompress-png", message }];
}

/** The same rows; infinite numbers, which JSON has not, are refused there. */
function finiteIn(path: string, { columns, pieces }: RowStream): RowStream {
  if (!/\.(nd)?json(\.gz)?$/.test(extensionOf(path))) return { columns, pieces };
  const isEndless = (value: number) => Math.abs(value) === Number.POSITIVE_INFINITY;
  async function* finite() {
    for await (const piece of pieces) {
      for (const [i, each] of piece.values.entries()) {
        if (each.type === "text") continue;
        const numbers = each.wide instanceof Float64Array ? each.wide : each.values;
        if (!numbers.some(isEndless)) continue;
        throw usageError(
          "column-values",
          `${path}: column ${JSON.stringify(columns[i]!.name)} has infinite numbers, which JSON has not`,
          "write .csv, .npz or .parquet",
        );
      }
      yield piece;
    }
  }
  return { columns, pieces: finite() };
}

/** Columns of integers with gaps as float64, which has a value that means one. */
function withoutGaps(path: string, { columns, pieces }: RowStream): RowStream {
  const hasGaps = (info: ColumnInfo) => info.type === "number" && info.gaps === true;
  if (!columns.some(hasGaps)) return { columns, pieces };
  async function* filled() {
    for await (const { rows, values } of pieces) {
      yield { rows, values: values.map((each, i) => asFloats(path, columns[i]!, each)) };
    }
  }
  return {
    columns: columns.map((info) => {
      if (!hasGaps(info)) return info;
      const { element: _element, ...rest } = info as Extract<ColumnInfo, { type: "number" }>;
      return rest;
    }),
    pieces: filled(),
  };
}

function asFloats(path: string, info: ColumnInfo, values: ColumnValues): ColumnValues {
  if (info.type !== "number" || !info.gaps || values.type !== "number") return values;
  if (values.values.some((value) => Math.abs(value) > Number.MAX_SAFE_INTEGER)) {
    throw usageError(
      "column-values",
      `${path}: column ${JSON.stringify(info.name)} has missing cells, and integers that no array with such a value holds`,
      "write .parquet or .csv",
    );
  }
  return { type: "number", values: values.values };
}

/** The array that a column is. */
function arrayOf(info: ColumnInfo): NpzArray {
  const { name } = info;
  const element = "element" in info ? info.element : undefined;
  const [column] = outputColumns(info);
  if (info.type !== "vector" && info.type !== "image") {
    const description = element === "b1" ? "|b1" : columnDescription(column!);
    return { name, description, inner: [] };
  }
  const type = typeOfElement[element ?? (info.type === "image" ? "u1" : "f4")];
  const inner = info.type === "vector" ? [info.size] : innerOf(info);
  return { name, description: type === "boolean" ? "|b1" : descriptions[type], inner };
}

/** Truth values are bytes. */
function arrayType(element: Element): NumberType {
  const type = typeOfElement[element];
  return type === "boolean" ? "uint8" : type;
}

const innerOf = ({ height, width, channels, flat }: ImageInfo) =>
  flat ? [height, width] : [height, width, channels];

function partOf(info: ColumnInfo, values: ColumnValues, rows: number): Uint8Array | string[] {
  const element = "element" in info ? info.element : undefined;
  if (element === "b1") return Uint8Array.from(values.values as Float32Array);
  if (values.type === "vector" || values.type === "image") {
    const numbers = elementValues(element, values.values, values.wide) as NpyValues;
    return element === undefined ? bytesOf(numbers) : numberBytes(arrayType(element), numbers);
  }
  return columnPart(outputColumns(info)[0]!, outputValues(info, values, rows)[0]!);
}

async function writeArrays(path: string, { columns, pieces }: RowStream): Promise<void> {
  const output = guarded(path, await npzFile(path, columns.map(arrayOf)));
  await written<[(Uint8Array | string[])[], number]>(output, pieces, ({ rows, values }) => [
    columns.map((info, i) => partOf(info, values[i]!, rows)),
    rows,
  ]);
}

async function writeNumbers(
  path: string,
  image: ImageInfo,
  { columns, pieces }: RowStream,
): Promise<void> {
  const type = arrayType(image.element ?? "u1");
  const output = guarded(path, await npyFile(path, type, innerOf(image)));
  const place = columns.indexOf(image);
  await written(output, pieces, ({ rows, values }) => [
    partOf(image, values[place]!, rows) as Uint8Array,
    rows,
  ]);
}

async function written<Part extends readonly unknown[]>(
  output: Output<Part>,
  pieces: RowStream["pieces"],
  partOf: (piece: { rows: number; values: ColumnValues[] }) => Part,
): Promise<void> {
  try {
    for await (const piece of pieces) {
      await output.write(...partOf(piece));
    }
    await output.close();
  } catch (cause) {
    await output.abort();
    throw cause;
  }
}
