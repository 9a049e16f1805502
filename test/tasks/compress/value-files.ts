// The same numbers in files of every format that rows are read from.
import { writeFileSync } from "node:fs";
import { rowsOf, withConnection, withDatabase } from "#elbo/data/duckdb.js";
import { npyHeader } from "#elbo/data/write/npy.js";
import { npzFile } from "#elbo/data/write/npz.js";
import type { Element } from "#elbo/fields/columns.js";
import { idxBytes } from "../../data/idx-bytes.ts";
import { type Layout, type Numbers, writeH5ad } from "./h5ad-files.ts";

/** A file of rows of `width` numbers; a width of 1 may be a column of its own. */
export interface ValueFormat {
  name: string;
  /** The end of the file's name. */
  ending: string;
  /** The array of the rows that come back. */
  column: string;
  width: number;
  elements: readonly Element[];
  /** Numbers that the format cannot say. */
  lacks?: (value: number | bigint) => boolean;
  write(path: string, numbers: Numbers, element: Element): Promise<void>;
}

const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView) =>
  new Uint8Array(buffer, byteOffset, byteLength);

export const sql = (text: string) =>
  withDatabase("memory", (database) =>
    withConnection(database, async (connection) => rowsOf(connection, text)),
  );

const floats = ["f4", "f8"] as const;
const longs = ["i8", "u8"] as const;
const all = [...floats, ...longs] as const;

/** A number's text, as C and Python write it. */
function textOf(value: number | bigint): string {
  if (Object.is(value, -0)) return "-0.0";
  if (Number.isNaN(value)) return "nan";
  return Math.abs(Number(value)) === Number.POSITIVE_INFINITY
    ? `${Number(value) < 0 ? "-" : ""}inf`
    : String(value);
}

const isBounded = (value: number | bigint) => Number.isFinite(Number(value));
const rowsAt = (numbers: Numbers, width: number) =>
  Array.from({ length: numbers.length / width }, (_, row) =>
    Array.from({ length: width }, (_, i) => numbers[row * width + i]!),
  );

async function writeNpz(path: string, inner: number[], numbers: Numbers, element: Element) {
  const output = await npzFile(path, [{ name: "v", description: `<${element}`, inner }]);
  await output.write([bytesOf(numbers)], numbers.length / (inner[0] ?? 1));
  await output.close();
}

const h5ad = (layout: Layout): ValueFormat => ({
  ...{ name: `h5ad, ${layout}`, ending: ".h5ad", column: "X", width: 3, elements: all },
  write: (path, values) =>
    writeH5ad(path, { rows: values.length / 3, columns: 3, values, layout, isStored: () => true }),
});

const duckTypes: Partial<Record<Element, string>> = {
  ...{ f4: "FLOAT", f8: "DOUBLE", i8: "BIGINT", u8: "UBIGINT" },
};
const parquet = (width: number): ValueFormat => ({
  ...{ name: `Parquet of ${width} in a row`, ending: ".parquet", column: "v", width },
  elements: all,
  async write(path, numbers, element) {
    const type = duckTypes[element]!;
    const cell = (value: number | bigint) => `'${textOf(value)}'::${type}`;
    const rows = rowsAt(numbers, width).map((row) =>
      width === 1 ? `(${cell(row[0]!)})` : `([${row.map(cell).join(", ")}])`,
    );
    // In a dictionary DuckDB takes −0 for 0.
    const options = "FORMAT parquet, DICTIONARY_SIZE_LIMIT 1";
    await sql(`COPY (SELECT v FROM (VALUES ${rows.join(", ")}) t(v)) TO '${path}' (${options})`);
  },
});

export const valueFormats: readonly ValueFormat[] = [
  {
    ...{ name: "npy", ending: ".npy", column: "v", width: 3, elements: [...all, "f2"] },
    async write(path, numbers, element) {
      const header = npyHeader(`<${element}`, [numbers.length / 3, 3]);
      writeFileSync(path, Buffer.concat([header, bytesOf(numbers)]));
    },
  },
  {
    ...{ name: "npz", ending: ".npz", column: "v", width: 3, elements: [...all, "f2"] },
    write: (path, numbers, element) => writeNpz(path, [3], numbers, element),
  },
  {
    ...{ name: "npz of one in a row", ending: ".npz", column: "v", width: 1 },
    elements: [...all, "f2"],
    write: (path, numbers, element) => writeNpz(path, [], numbers, element),
  },
  {
    ...{ name: "IDX", ending: "-idx2-ubyte", column: "v", width: 3, elements: floats },
    async write(path, numbers, element) {
      const bytes = Buffer.from(bytesOf(numbers.slice()));
      const swapped = element === "f4" ? bytes.swap32() : bytes.swap64();
      const type = element === "f4" ? 13 : 14;
      writeFileSync(path, idxBytes(type, [numbers.length / 3, 3], swapped));
    },
  },
  h5ad("dense"),
  h5ad("csr_matrix"),
  h5ad("csc_matrix"),
  {
    ...{ name: "h5ad, an annotation", ending: ".h5ad", column: "v", width: 1, elements: all },
    write: (path, v) =>
      writeH5ad(path, {
        rows: v.length,
        columns: 1,
        values: new Float32Array(v.length),
        obs: { v },
      }),
  },
  {
    ...{ name: "h5ad, categories", ending: ".h5ad", column: "v", width: 1, elements: all },
    async write(path, categories) {
      const codes = Int8Array.from(categories as Float64Array, (_, i) => i);
      const v = { codes, categories };
      const rows = categories.length;
      await writeH5ad(path, { rows, columns: 1, values: new Float32Array(rows), obs: { v } });
    },
  },
  parquet(1),
  parquet(3),
  {
    ...{ name: "Matrix Market", ending: ".mtx", column: "x", width: 3, elements: ["f8", "i8"] },
    async write(path, numbers, element) {
      const rows = numbers.length / 3;
      const field = element === "i8" ? "integer" : "real";
      const entries = rowsAt(numbers, 3).flatMap((row, i) =>
        row.map((value, j) => `${i + 1} ${j + 1} ${textOf(value)}`),
      );
      const head = `%%MatrixMarket matrix coordinate ${field} general\n${rows} 3 ${numbers.length}\n`;
      writeFileSync(path, `${head}${entries.join("\n")}\n`);
    },
  },
  {
    ...{ name: "csv", ending: ".csv", column: "v", width: 1, elements: ["f8", ...longs] },
    async write(path, numbers) {
      const cells = Array.from(numbers as Float64Array, textOf);
      writeFileSync(path, `v,word\n${cells.map((cell) => `${cell},a`).join("\n")}\n`);
    },
  },
  {
    ...{ name: "JSON", ending: ".ndjson", column: "v", width: 1, elements: ["f8", ...longs] },
    lacks: (value) => !isBounded(value),
    async write(path, numbers) {
      const cells = Array.from(numbers as Float64Array, textOf);
      writeFileSync(path, cells.map((cell) => `{"v": ${cell}}\n`).join(""));
    },
  },
];
