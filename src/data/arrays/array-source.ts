// Arrays with the same number of rows, side by side, as a source of data.
import type { Chunk, ColumnInfo, ColumnValues, Element } from "../../fields/columns.ts";
import { chunkRows, columnPlaces } from "../chunking.ts";
import type { DataNote, DataSource, ExactRows } from "../source.ts";
import { arrayColumn, arrayConverter } from "./array-column.ts";
import { numberArray, type StoredNumbers, storedNumbers } from "./elements.ts";
import { exactValues } from "./exact-values.ts";
import { arrayRows, rowLength, type StoredArray } from "./stored-array.ts";

/** Types whose integers a vector of float32 or a number of float64 may not hold. */
const inexact = (info: ColumnInfo, element: string) =>
  (info.type === "vector" && ["i4", "u4", "i8", "u8", "f8"].includes(element)) ||
  (info.type === "number" && ["i8", "u8"].includes(element));

/** How a part of an array, whose rows begin at one of the source, is given. */
type Convert<Numbers> = (numbers: Numbers, firstRow: number) => ColumnValues;

async function* lockstep<Numbers extends StoredNumbers>(
  arrays: readonly StoredArray[],
  readAs: (type: string, bytes: Uint8Array) => Numbers | undefined,
  converters: readonly Convert<Numbers>[],
): AsyncGenerator<Chunk> {
  const rows = Math.min(...arrays.map(({ shape }) => chunkRows(4 * rowLength(shape))));
  const readers = arrays.map((array) => arrayRows(array, rows, readAs));
  try {
    for (let start = 0; ; start += rows) {
      const parts = [];
      for (const reader of readers) parts.push(await reader.next());
      // Every array has as many rows, or its reader has refused it.
      const values = parts.flatMap((part) => (part.done ? [] : [part.value]));
      if (values.length === 0) return;
      const total = arrays[0]!.shape[0]!;
      yield {
        rows: Math.min(rows, total - start),
        columns: values.map((value, i) => converters[i]!(value, start)),
      };
    }
  } finally {
    for (const reader of readers) await reader.return(undefined);
  }
}

/**
 * A source of one column for each array. They have the same first size and are read anew at each
 * iteration. Arrays of types that float32 may not hold are read once to see whether it does.
 */
export async function arraySource(
  source: string,
  arrays: readonly StoredArray[],
  notes: readonly DataNote[],
): Promise<DataSource> {
  const columns = arrays.map((array) => arrayColumn(source, array.name, array));
  const converter = (place: number) =>
    arrayConverter(source, columns[place]!, arrays[place]!.element);
  const found: DataNote[] = [];
  for (const [place, array] of arrays.entries()) {
    if (!inexact(columns[place]!, array.element)) continue;
    const check = converter(place);
    const chunks = lockstep([array], numberArray, [check.convert]);
    while (!(await chunks.next()).done);
    found.push(...check.notes());
  }
  const exact = columns.map((info, i): ColumnInfo => {
    const { element, shape } = arrays[i]!;
    const flat = info.type === "image" && shape.length === 3;
    return Object.assign({}, info, { element: element as Element }, flat ? { flat: true } : {});
  });
  return {
    source,
    rows: arrays[0]!.shape[0]!,
    columns,
    notes: [...notes, ...found],
    chunks(names) {
      const places = columnPlaces(columns, names, source);
      return lockstep(
        places.map((place) => arrays[place]!),
        numberArray,
        places.map((place) => converter(place).convert),
      );
    },
    exact: () => exactArrays(arrays, exact, notes),
  };
}

function exactArrays(
  arrays: readonly StoredArray[],
  columns: ExactRows["columns"],
  notes: readonly DataNote[],
): ExactRows {
  const converters = columns.map((info) => (numbers: StoredNumbers) => exactValues(info, numbers));
  return {
    columns,
    chunks: () => lockstep(arrays, storedNumbers, converters),
    lost: async () => notes.map(({ message }) => message),
  };
}
