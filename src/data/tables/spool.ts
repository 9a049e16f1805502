// A query's result in a temporary Parquet file, so that every reading gives the same rows.
import { rmSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileError } from "../../base/file-errors.ts";
import { type Database, sqlText, withConnection } from "../duckdb.ts";

/** What is removed at the latest when the process ends. */
const folders = new Set<string>();

function removeAll(): void {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
}

export interface Spool {
  path: string;
  remove(): Promise<void>;
}

/** Cells of a row group: what the writer holds at once. */
const groupCells = 1 << 22;

/**
 * Writes the rows of a table expression, in its order.
 * @param columns how many it has.
 */
export async function spool(database: Database, from: string, columns: number): Promise<Spool> {
  const base = tmpdir();
  let folder: string;
  try {
    folder = await mkdtemp(join(base, "elbo-table-"));
  } catch (cause) {
    throw fileError(cause, base);
  }
  if (folders.size === 0) process.once("exit", removeAll);
  folders.add(folder);
  const remove = async () => {
    folders.delete(folder);
    if (folders.size === 0) process.off("exit", removeAll);
    await rm(folder, { recursive: true, force: true });
  };
  const path = join(folder, "rows.parquet");
  // A multiple of DuckDB's vectors.
  const groupRows = 2048 * Math.max(1, Math.min(60, Math.floor(groupCells / columns / 2048)));
  const options = `FORMAT parquet, ROW_GROUP_SIZE ${groupRows}, PRESERVE_ORDER true`;
  try {
    await withConnection(database, (connection) =>
      connection.run(`COPY (SELECT * FROM ${from}) TO ${sqlText(path)} (${options})`),
    );
  } catch (cause) {
    await remove();
    const message = cause instanceof Error ? cause.message : "";
    if (/no space left/i.test(message)) {
      throw fileError(Object.assign(new Error(message, { cause }), { code: "ENOSPC" }), base);
    }
    throw cause;
  }
  return { path, remove };
}
