// Tables as Parquet, written by DuckDB from columns that are appended in chunks. What does not fit
// its memory waits in its temporary folder.
import { resolve } from "node:path";
import { setImmediate } from "node:timers/promises";
import type { DuckDBDataChunk, DuckDBValue } from "@duckdb/node-api";
import { fileError } from "../../base/file-errors.ts";
import { beginReplacement } from "../../base/files.ts";
import { openDatabase, sqlName, sqlText, writingMemory } from "../duckdb.ts";
import {
  type Cell,
  cellsOf,
  type TableColumn,
  type TableColumnType,
  type TableValues,
  usageError,
} from "./columns.ts";
import { daysOf, microsOf } from "./times.ts";
import type { Output } from "./writer.ts";

const sqlTypes: Record<TableColumnType, string> = {
  float32: "FLOAT",
  float64: "DOUBLE",
  int32: "INTEGER",
  uint8: "UTINYINT",
  text: "VARCHAR",
  boolean: "BOOLEAN",
  time: "TIMESTAMP",
  date: "DATE",
};

/** DuckDB's own. */
const mostChunkRows = 2048;

/** Rows of a row group, which is held as a whole: DuckDB's own number, of wide tables fewer. */
const [MOST_GROUP_ROWS, MOST_GROUP_CELLS] = [122_880, 4e6];

function groupRows(columns: number): number {
  const rows = Math.min(MOST_GROUP_ROWS, MOST_GROUP_CELLS / columns);
  return Math.max(mostChunkRows, Math.floor(rows / mostChunkRows) * mostChunkRows);
}

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

/** DuckDB's names are not empty, and differ in more than capitals. */
function checkNames(columns: readonly TableColumn[], path: string): void {
  const seen = new Map<string, string>();
  for (const { name } of columns) {
    const twin = seen.get(name.toLowerCase());
    if (name !== "" && twin === undefined) {
      seen.set(name.toLowerCase(), name);
      continue;
    }
    throw usageError(
      "column-duplicate",
      twin === undefined
        ? `${path}: a column of Parquet needs a name, received ""`
        : `${path}: columns of Parquet differ in more than capitals, received ${JSON.stringify(twin)} and ${JSON.stringify(name)}`,
      "rename the column in the data, or write .csv or .json",
    );
  }
}

/**
 * Numbers that DuckDB holds as they stand are copied as one, where its vector shows its array, which its
 * interface does not promise, and none is missing. Returns whether that was so.
 */
export function setNumbers(
  vector: object & { flush(): void },
  values: TableValues,
  start: number,
  rows: number,
): boolean {
  const items: unknown = Reflect.get(vector, "items");
  const fits =
    ((items instanceof Float64Array && values instanceof Float64Array) ||
      (items instanceof Float32Array && values instanceof Float32Array)) &&
    items.length === rows;
  if (!fits) return false;
  const own = values.subarray(start, start + rows);
  if (own.some(Number.isNaN)) return false;
  items.set(own);
  vector.flush();
  return true;
}

/** Missing values, NaN among them, are nulls. */
export async function parquetTable(
  path: string,
  columns: readonly TableColumn[],
): Promise<Output<[readonly TableValues[], number]>> {
  checkNames(columns, path);
  const { temporary, commit, discard } = await beginReplacement(path);
  const database = await openDatabase(path, writingMemory(columns.length));
  const { DuckDBDataChunk, DuckDBDateValue, DuckDBTimestampValue } = await import(
    "@duckdb/node-api"
  );
  const connection = await database.connect();
  const fields = columns.map(({ name, type }) => `${sqlName(name)} ${sqlTypes[type]}`);
  await connection.run(`CREATE TABLE output (${fields.join(", ")})`);
  const appender = await connection.createAppender("output");
  const types = columns.map((_, i) => appender.columnType(i));
  let open = true;

  function toValue({ type }: TableColumn, cell: Cell): DuckDBValue {
    if (typeof cell !== "number") return cell;
    if (type === "time") return new DuckDBTimestampValue(microsOf(cell));
    return type === "date" ? new DuckDBDateValue(daysOf(cell)) : cell;
  }

  function fill(chunk: DuckDBDataChunk, values: readonly TableValues[], start: number): void {
    columns.forEach((column, i) => {
      const own = values[i]!;
      if (setNumbers(chunk.getColumnVector(i), own, start, chunk.rowCount)) return;
      const cell = cellsOf(column, own);
      chunk.setColumnValues(
        i,
        Array.from({ length: chunk.rowCount }, (_, row) => toValue(column, cell(start + row))),
      );
    });
  }

  function closeDatabase(): void {
    if (!open) return;
    open = false;
    connection.closeSync();
    database.close();
  }

  return {
    async write(values, rows) {
      for (let start = 0; start < rows; start += mostChunkRows) {
        const chunk = DuckDBDataChunk.create(types, Math.min(mostChunkRows, rows - start));
        fill(chunk, values, start);
        appender.appendDataChunk(chunk);
        // Chunks that are no longer used are freed between turns of the event loop alone.
        await setImmediate();
      }
    },
    async close() {
      try {
        appender.closeSync();
        const to = sqlText(resolve(temporary));
        const size = groupRows(columns.length);
        await connection.run(
          `COPY output TO ${to} (FORMAT parquet, USE_TMP_FILE false, ROW_GROUP_SIZE ${size})`,
        );
      } catch (cause) {
        throw systemError(cause, path);
      }
      closeDatabase();
      await commit();
    },
    async abort() {
      closeDatabase();
      await discard();
    },
  };
}
