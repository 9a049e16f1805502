// All rows of a source at once, for tests.

import type { DataSource } from "#elbo/data/source.js";
import type { ColumnValues } from "#elbo/fields/columns.js";

type Values = ColumnValues["values"];

/** A column's values over all chunks; sparse ones as dense rows of `size`. */
export interface Collected {
  [name: string]: (number | string | null)[];
}

function dense(column: ColumnValues, size: number): Values {
  if (column.type !== "sparse") return column.values;
  const rows = column.offsets.length - 1;
  const values = new Float32Array(rows * size);
  for (let row = 0; row < rows; row++) {
    let last = -1;
    for (let at = column.offsets[row]!; at < column.offsets[row + 1]!; at++) {
      const index = column.indices[at]!;
      if (index <= last || index >= size) throw new Error("indices are not ascending");
      last = index;
      values[row * size + index] = column.values[at]!;
    }
  }
  return values;
}

/** Reads a source to its end, and checks what every source promises of its chunks. */
export async function collect(source: DataSource, names?: readonly string[]): Promise<Collected> {
  const infos = (names ?? source.columns.map(({ name }) => name)).map(
    (name) => source.columns.find((column) => column.name === name)!,
  );
  const all: (number | string | null)[][] = infos.map(() => []);
  let rows = 0;
  for await (const chunk of source.chunks(names)) {
    if (chunk.columns.length !== infos.length) throw new Error("a chunk lacks columns");
    rows += chunk.rows;
    for (const [i, column] of chunk.columns.entries()) {
      const info = infos[i]!;
      const width =
        info.type === "vector"
          ? info.size
          : info.type === "image"
            ? info.height * info.width * info.channels
            : 1;
      const values = dense(column, width);
      if (values.length !== chunk.rows * width) throw new Error("a chunk lacks rows");
      for (const value of values) all[i]!.push(value);
    }
  }
  if (rows !== source.rows) throw new Error(`${rows} rows came, ${source.rows} were promised`);
  return Object.fromEntries(infos.map(({ name }, i) => [name, all[i]!]));
}
