// Tables as Parquet, written by DuckDB from columns that are appended in chunks.
import { resolve } from "node:path";
import type { DuckDBDataChunk, DuckDBValue } from "@duckdb/node-api";
import { fileError } from "../../base/file-errors.ts";
import { sqlName, sqlText, withDuckDB } from "../duckdb.ts";
import type { ColumnKind, TypedColumn } from "./columns.ts";

const sqlTypes: Record<ColumnKind, string> = {
  float32: "FLOAT",
  float64: "DOUBLE",
  int32: "INTEGER",
  uint8: "UTINYINT",
  text: "VARCHAR",
  boolean: "BOOLEAN",
};

/** DuckDB tells system errors in words only. */
const systemWords: [RegExp, string][] = [
  [/no space left/i, "ENOSPC"],
  [/file too large/i, "EFBIG"],
  [/permission denied/i, "EACCES"],
  [/read-only file system/i, "EROFS"],
  [/no such file/i, "ENOENT"],
  [/not a directory/i, "ENOTDIR"],
];

function systemError(cause: unknown, path: string): unknown {
  const message = cause instanceof Error ? cause.message : "";
  const code = systemWords.find(([words]) => words.test(message))?.[1];
  if (code === undefined) return cause;
  return fileError(Object.assign(new Error(message, { cause }), { code }), path);
}

function fill(chunk: DuckDBDataChunk, columns: readonly TypedColumn[], start: number): void {
  columns.forEach((column, i) => {
    const values = Array.from(
      { length: chunk.rowCount },
      (_, row): DuckDBValue => column.at(start + row),
    );
    chunk.setColumnValues(i, values);
  });
}

/** Writes `file`; missing values (NaN too) are nulls. `path` is what errors call it. */
export async function writeParquet(
  file: string,
  columns: readonly TypedColumn[],
  path: string,
): Promise<void> {
  await withDuckDB(path, async (connection) => {
    const { DuckDBDataChunk } = await import("@duckdb/node-api");
    const fields = columns.map(({ name, kind }) => `${sqlName(name)} ${sqlTypes[kind]}`);
    await connection.run(`CREATE TABLE output (${fields.join(", ")})`);
    const appender = await connection.createAppender("output");
    const types = columns.map((_, i) => appender.columnType(i));
    const rows = columns[0]!.rows;
    const chunkRows = 2048;
    for (let start = 0; start < rows; start += chunkRows) {
      const chunk = DuckDBDataChunk.create(types, Math.min(chunkRows, rows - start));
      fill(chunk, columns, start);
      appender.appendDataChunk(chunk);
    }
    appender.closeSync();
    try {
      const to = sqlText(resolve(file));
      await connection.run(`COPY output TO ${to} (FORMAT parquet, USE_TMP_FILE false)`);
    } catch (cause) {
      throw systemError(cause, path);
    }
  });
}
