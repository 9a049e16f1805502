// Arrays with the same number of rows, side by side, as a source of data.
import type { Chunk, ColumnInfo } from "../../fields/columns.ts";
import { chunkRows, columnPlaces } from "../chunking.ts";
import type { DataNote, DataSource } from "../source.ts";
import { type ArrayConverter, arrayColumn, arrayConverter } from "./array-column.ts";
import { arrayRows, rowLength, type StoredArray } from "./stored-array.ts";

/** Types whose integers a vector of float32 or a number of float64 may not hold. */
const inexact = (info: ColumnInfo, element: string) =>
  (info.type === "vector" && ["i4", "u4", "i8", "u8", "f8"].includes(element)) ||
  (info.type === "number" && ["i8", "u8"].includes(element));

async function* lockstep(
  arrays: readonly StoredArray[],
  converters: readonly ArrayConverter[],
): AsyncGenerator<Chunk> {
  const rows = Math.min(...arrays.map(({ shape }) => chunkRows(4 * rowLength(shape))));
  const readers = arrays.map((array) => arrayRows(array, rows));
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
        columns: values.map((value, i) => converters[i]!.convert(value, start)),
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
    const chunks = lockstep([array], [check]);
    while (!(await chunks.next()).done);
    found.push(...check.notes());
  }
  return {
    source,
    rows: arrays[0]!.shape[0]!,
    columns,
    notes: [...notes, ...found],
    chunks(names) {
      const places = columnPlaces(columns, names, source);
      return lockstep(
        places.map((place) => arrays[place]!),
        places.map(converter),
      );
    },
  };
}
