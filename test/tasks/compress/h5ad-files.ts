// AnnData files as tests want them: a matrix in one of its layouts, and annotations of its rows.
import { File, type Group, ready } from "h5wasm/node";

export type Numbers =
  | (Int8Array | Uint8Array | Int16Array | Uint16Array | Int32Array | Uint32Array)
  | (Float32Array | Float64Array | BigInt64Array | BigUint64Array);

export type Layout = "dense" | "csr_matrix" | "csc_matrix";

export interface H5ad {
  rows: number;
  columns: number;
  /** Row-major. */
  values: Numbers;
  layout?: Layout;
  /** Of sparse layouts, which values stand in the file. Default: those that are not 0. */
  isStored?: (value: number | bigint, place: number) => boolean;
  /** Annotations of rows: their numbers, or codes into those of categories. */
  obs?: Record<string, Numbers | { codes: Int8Array; categories: Numbers }>;
}

function frame(file: File, name: string, length: number, columns: readonly string[]): Group {
  const group = file.create_group(name) as Group;
  group.create_attribute("_index", "_index");
  group.create_attribute("column-order", [...columns]);
  const names = Array.from({ length }, (_, i) => `${name}${i}`);
  group.create_dataset({ name: "_index", data: names });
  return group;
}

function writeSparse(file: File, layout: Layout, given: H5ad): void {
  const { rows, columns, values, isStored = (value) => Number(value) !== 0 } = given;
  const group = file.create_group("X") as Group;
  group.create_attribute("encoding-type", layout);
  group.create_attribute("shape", new BigInt64Array([BigInt(rows), BigInt(columns)]));
  const [lines, across] = layout === "csr_matrix" ? [rows, columns] : [columns, rows];
  const [places, indices, pointers]: number[][] = [[], [], [0]];
  for (let line = 0; line < lines; line++) {
    for (let at = 0; at < across; at++) {
      const place = layout === "csr_matrix" ? line * columns + at : at * columns + line;
      if (!isStored(values[place]!, place)) continue;
      places!.push(place);
      indices!.push(at);
    }
    pointers!.push(places!.length);
  }
  const data = values.slice(0, places!.length);
  places!.forEach((place, i) => {
    data[i] = values[place]!;
  });
  group.create_dataset({ name: "data", data });
  group.create_dataset({ name: "indices", data: Int32Array.from(indices!) });
  group.create_dataset({ name: "indptr", data: Int32Array.from(pointers!) });
}

export async function writeH5ad(path: string, given: H5ad): Promise<void> {
  await ready;
  const { rows, columns, values, layout = "dense", obs = {} } = given;
  const file = new File(path, "w");
  if (layout === "dense") file.create_dataset({ name: "X", data: values, shape: [rows, columns] });
  else writeSparse(file, layout, given);
  const annotations = frame(file, "obs", rows, Object.keys(obs));
  for (const [name, column] of Object.entries(obs)) {
    if (!("codes" in column)) {
      annotations.create_dataset({ name, data: column });
      continue;
    }
    const group = annotations.create_group(name) as Group;
    group.create_attribute("encoding-type", "categorical");
    group.create_dataset({ name: "codes", data: column.codes });
    group.create_dataset({ name: "categories", data: column.categories });
  }
  frame(file, "var", columns, []);
  file.close();
}
