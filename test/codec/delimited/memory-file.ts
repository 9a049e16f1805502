// A delimited file that is in memory, for the project's own reader.

import type { CellKind } from "#elbo/codec/delimited/parts.js";
import { csvSource } from "#elbo/data/tables/csv.js";
import { type CsvHead, readCsvHead } from "#elbo/data/tables/csv-head.js";
import type { UnpackedFile } from "#elbo/data/unpacked.js";
import type { ColumnValues } from "#elbo/fields/columns.js";

export interface ReadTable {
  head: CsvHead;
  rows: number;
  kinds: Map<string, CellKind>;
  columns: ColumnValues["values"][];
}

/** The table that the bytes are to the project's reader. */
export async function readTable(bytes: Uint8Array): Promise<ReadTable> {
  const file: UnpackedFile = {
    source: "t.csv",
    bound: bytes.length,
    holds: async (length) => length === bytes.length,
    async *blocks() {
      yield bytes;
    },
  };
  const head = await readCsvHead(file);
  const { rows, columns: infos, chunks } = await csvSource([file]);
  const kinds = new Map(
    infos.map((column): [string, CellKind] => {
      const isNumber = column.type === "number" && column.boolean !== true;
      return [column.name, isNumber ? "number" : "text"];
    }),
  );
  const parts: ColumnValues["values"][][] = infos.map(() => []);
  for await (const chunk of chunks()) {
    chunk.columns.forEach(({ values }, i) => {
      parts[i]!.push(values);
    });
  }
  const columns = parts.map((pieces) => pieces.flatMap((values) => [...values]));
  return { head, rows, kinds, columns: columns as ColumnValues["values"][] };
}
