// Writes results that are in memory: a table or images, in the format that the file's extension
// names, whole or not at all.
import { type Cell, type TableColumnType, type TableValues, usageError } from "./write/columns.ts";
import { type ImageRows, imageSizes } from "./write/grid.ts";
import { openImageWriter } from "./write/images.ts";
import { extensionOf, refuseOutput, type WriteOptions } from "./write/output.ts";
import { openTableWriter } from "./write/table.ts";

export type { TableValues } from "./write/columns.ts";
export type { ImageRows } from "./write/grid.ts";
export { refuseOutput, type WriteOptions } from "./write/output.ts";

export interface OutputColumn {
  name: string;
  /** One a row. NaN and null are missing values. */
  values: TableValues;
}

/** Rows handed over at a time. */
const chunkRows = 8192;

/** What a column holds; lists of numbers count as float64. */
function typeOf({ name, values }: OutputColumn): TableColumnType {
  if (values instanceof Float32Array) return "float32";
  if (values instanceof Float64Array) return "float64";
  if (values instanceof Int32Array) return "int32";
  if (values instanceof Uint8Array) return "uint8";
  const types = new Set<string>();
  for (const value of values) if (value !== null) types.add(typeof value);
  const [type = "number"] = types;
  if (types.size <= 1 && type === "number") return "float64";
  if (types.size === 1 && type === "string") return "text";
  if (types.size === 1 && type === "boolean") return "boolean";
  throw usageError(
    "column-values",
    `column ${JSON.stringify(name)} holds ${[...types].join(" and ")} values; a column holds numbers, strings or booleans`,
    "convert its values to one kind",
  );
}

/** Arrays hold booleans as bytes where none is missing, and else as float64. */
function arrayType(column: OutputColumn): TableColumnType {
  const type = typeOf(column);
  if (type !== "boolean") return type;
  const cells: ArrayLike<Cell> = column.values;
  return Array.from(cells).includes(null) ? "float64" : "uint8";
}

/** Booleans as the numbers that `type` holds. */
function valuesAs(type: TableColumnType, { values }: OutputColumn): TableValues {
  if (ArrayBuffer.isView(values) || (type !== "float64" && type !== "uint8")) return values;
  const cells: ArrayLike<Cell> = values;
  return Array.from(cells, (value) => (value === null ? null : Number(value)));
}

/**
 * Writes columns of equal length as a table, in the formats of `openTableWriter`. NaN and null are
 * written as missing.
 */
export async function writeTable(
  path: string,
  columns: readonly OutputColumn[],
  options: WriteOptions = {},
): Promise<void> {
  refuseOutput(path, "table", options);
  const isArray = [".npy", ".npz"].includes(extensionOf(path));
  const typed = columns.map((column) => {
    const type = isArray ? arrayType(column) : typeOf(column);
    return { name: column.name, type, values: valuesAs(type, column) };
  });
  const rows = typed[0]?.values.length ?? 0;
  const other = typed.find(({ values }) => values.length !== rows);
  if (other !== undefined) {
    throw usageError(
      "column-length",
      `column ${JSON.stringify(other.name)} has ${other.values.length} rows, ${JSON.stringify(typed[0]!.name)} has ${rows}`,
      "give every column one value for each row",
    );
  }
  const writer = await openTableWriter(path, typed, options);
  for (let start = 0; start < rows; start += chunkRows) {
    const end = Math.min(rows, start + chunkRows);
    await writer.write(
      typed.map(({ values }) => values.slice(start, end) as TableValues),
      end - start,
    );
  }
  await writer.close();
}

/** Writes images of bytes in the formats of `openImageWriter`. */
export async function writeImages(
  path: string,
  images: ImageRows,
  options: WriteOptions = {},
): Promise<void> {
  refuseOutput(path, "images", options);
  const writer = await openImageWriter(path, imageSizes(images), options);
  await writer.write(images.values);
  await writer.close();
}
