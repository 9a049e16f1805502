// What tasks give: columns of rows that come in pieces, to be collected or written as they come.
import { arraysOf } from "../data/write/columns.ts";
import {
  openTableWriter,
  type TableColumn,
  type TableColumnType,
  type TableValues,
} from "../data/write/table.ts";
import type { ColumnInfo, ColumnValues, Element, WideNumbers } from "../fields/columns.ts";
import { rounding } from "../fields/decimals.ts";

/** A column's values in a piece. Missing is NaN or null. */
export type OutputValues = Exclude<TableValues, readonly (boolean | null)[]>;

/** What numbers of an element are written as. */
export const typeOfElement = {
  ...{ b1: "boolean", f2: "float16", f4: "float32", f8: "float64" },
  ...{ i1: "int8", i2: "int16", i4: "int32", i8: "int64" },
  ...{ u1: "uint8", u2: "uint16", u4: "uint32", u8: "uint64" },
} as const satisfies Record<Element, TableColumnType>;

export interface OutputTable {
  columns: TableColumn[];
  pieces: AsyncIterable<{ rows: number; values: OutputValues[] }>;
}

/** The columns of a table that one of a source, or of a model, is written as: vectors are several. */
export function outputColumns(info: ColumnInfo): TableColumn[] {
  const { name } = info;
  switch (info.type) {
    case "number":
      if (info.boolean) return [{ name, type: "boolean" }];
      if (info.element) return [{ name, type: typeOfElement[info.element] }];
      return [{ name, type: info.float32 ? "float32" : "float64" }];
    case "text":
      return [{ name, type: "text" }];
    case "time":
      return [
        {
          ...{ name, type: info.date ? "date" : "time" },
          ...(info.format === undefined ? {} : { format: info.format }),
        },
      ];
    case "vector":
      return Array.from({ length: info.size }, (_, j) => ({
        name: info.names?.[j] ?? `${name}${j}`,
        type: typeOfElement[info.element ?? "f4"],
      }));
    case "image":
      return [];
    default:
      return info satisfies never;
  }
}

type NumberArray = Float32Array | WideNumbers;

/** Columns of `(rows, size)`, row-major. */
export function columnsOfRows<Numbers extends NumberArray>(
  values: Numbers,
  rows: number,
): Numbers[] {
  const size = values.length / rows;
  const Columns = values.constructor as new (length: number) => Numbers;
  return Array.from({ length: size }, (_, j) => {
    const column = new Columns(rows);
    for (let i = 0, at = j; i < rows; i++, at += size) column[i] = values[at]!;
    return column;
  });
}

/** Numbers as their element has them; those that are missing, which integers cannot say, as null. */
export function elementValues(
  element: Element | undefined,
  values: Float32Array | Float64Array | Uint8Array,
  wide: WideNumbers | undefined,
): OutputValues {
  const numbers = wide ?? values;
  const type = element && typeOfElement[element];
  if (type === undefined || !(type in arraysOf)) return numbers;
  const Whole = arraysOf[type as keyof typeof arraysOf];
  const gaps = values instanceof Uint8Array ? false : values.some(Number.isNaN);
  if (gaps) return Array.from(values, (value, i) => (Number.isNaN(value) ? null : numbers[i]!));
  if (numbers instanceof Whole) return numbers;
  const out = new Whole(numbers.length);
  for (let i = 0; i < out.length; i++) out[i] = numbers[i] as never;
  return out;
}

const roundingOf = (decimals: number | undefined) =>
  decimals === undefined ? null : rounding(decimals);

/** The values of those columns. */
export function outputValues(info: ColumnInfo, values: ColumnValues, rows: number): OutputValues[] {
  if (values.type === "image") return [];
  if (values.type === "text") return [values.values];
  if (values.type === "time") return [values.values];
  if (values.type === "number") {
    const element = info.type === "number" ? info.element : undefined;
    return [elementValues(element, values.values, values.wide)];
  }
  const size = info.type === "vector" ? info.size : 1;
  if (values.type === "vector") {
    const element = info.type === "vector" ? info.element : undefined;
    const round = info.type === "vector" ? roundingOf(info.decimals) : null;
    const wide = values.wide && columnsOfRows<WideNumbers>(values.wide, rows);
    return columnsOfRows(values.values, rows).map((near, j) =>
      elementValues(element, round ? near.map(round) : near, wide?.[j]),
    );
  }
  if (values.type !== "sparse") return [];
  const columns = Array.from({ length: size }, () => new Float32Array(rows));
  for (let row = 0; row < rows; row++) {
    for (let k = values.offsets[row]!; k < values.offsets[row + 1]!; k++) {
      columns[values.indices[k]!]![row] = values.values[k]!;
    }
  }
  return columns;
}

/** A name that none of the others has: `z0`, `z0_2`. */
export function freeName(name: string, taken: readonly string[]): string {
  for (let number = 1; ; number++) {
    const free = number === 1 ? name : `${name}_${number}`;
    if (!taken.includes(free)) return free;
  }
}

/** Writes a table whole or not at all; returns how many rows it has. */
export async function writeOutput(
  path: string,
  { columns, pieces }: OutputTable,
  options: { force?: boolean } = {},
): Promise<number> {
  const writer = await openTableWriter(path, columns, options);
  let count = 0;
  try {
    for await (const { rows, values } of pieces) {
      await writer.write(values, rows);
      count += rows;
    }
    await writer.close();
    return count;
  } catch (cause) {
    await writer.abort();
    throw cause;
  }
}
