// Small tables made in the test, as sources give them.
import type { Chunk, ColumnInfo, ColumnValues, Readable } from "#elbo/fields/columns.js";

/** A column of the test's: its info, and its cells of all rows. */
export type TestColumn =
  | { info: Extract<ColumnInfo, { type: "number" | "time" }>; cells: readonly number[] }
  | { info: Extract<ColumnInfo, { type: "text" }>; cells: readonly (string | null)[] }
  | { info: Extract<ColumnInfo, { type: "vector" | "image" }>; cells: Float32Array | Uint8Array };

export const numbers = (name: string, cells: readonly number[]): TestColumn => ({
  info: { name, type: "number" },
  cells,
});
export const booleans = (name: string, cells: readonly number[]): TestColumn => ({
  info: { name, type: "number", boolean: true },
  cells,
});
export const texts = (name: string, cells: readonly (string | null)[]): TestColumn => ({
  info: { name, type: "text" },
  cells,
});
export const times = (name: string, cells: readonly number[]): TestColumn => ({
  info: { name, type: "time", date: true },
  cells,
});

function sizeOf(info: ColumnInfo): number {
  if (info.type === "vector") return info.size;
  return info.type === "image" ? info.height * info.width * info.channels : 1;
}

function part({ info, cells }: TestColumn, from: number, to: number): ColumnValues {
  const size = sizeOf(info);
  const values = cells.slice(from * size, to * size);
  switch (info.type) {
    case "number":
    case "time":
      return { type: info.type, values: Float64Array.from(values as number[]) };
    case "text":
      return { type: "text", values: values as (string | null)[] };
    case "image":
      return { type: "image", values: values as Float32Array | Uint8Array };
    case "vector":
      return info.sparse ? sparse(values as Float32Array, size) : dense(values as Float32Array);
    default:
      return info satisfies never;
  }
}

const dense = (values: Float32Array): ColumnValues => ({ type: "vector", values });

function sparse(values: Float32Array, size: number): ColumnValues {
  const places = [...values.keys()].filter((i) => values[i] !== 0);
  const rows = values.length / size;
  const offsets = Int32Array.from({ length: rows + 1 }, (_, row) => {
    return places.filter((place) => place < row * size).length;
  });
  return {
    type: "sparse",
    offsets,
    indices: Int32Array.from(places, (place) => place % size),
    values: Float32Array.from(places, (place) => values[place]!),
  };
}

/** `readNames` collects the columns of each reading, `chunksRead` the chunks given. */
export interface TestTable extends Readable {
  readNames: string[][];
  chunksRead: number;
}

/** The columns as one source, `rowsAtOnce` a chunk. */
export function table(columns: readonly TestColumn[], rowsAtOnce = 7): TestTable {
  const rows = columns[0]!.cells.length / sizeOf(columns[0]!.info);
  const made: TestTable = {
    source: "test.csv",
    rows,
    columns: columns.map(({ info }) => info),
    readNames: [],
    chunksRead: 0,
    async *chunks(names): AsyncGenerator<Chunk> {
      const wanted = names ?? columns.map(({ info }) => info.name);
      made.readNames.push([...wanted]);
      const chosen = wanted.map((name) => columns.find(({ info }) => info.name === name)!);
      for (let from = 0; from < rows; from += rowsAtOnce) {
        const to = Math.min(rows, from + rowsAtOnce);
        made.chunksRead++;
        yield { rows: to - from, columns: chosen.map((column) => part(column, from, to)) };
      }
    },
  };
  return made;
}
