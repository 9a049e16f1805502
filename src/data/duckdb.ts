// The one door to DuckDB: loaded when first used (its import takes 100 ms), in memory, with
// nothing fetched from anywhere.
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";

/** Runs `use` with a connection to an empty database, and closes it whatever happens. */
export async function withDuckDB<Result>(
  use: (connection: DuckDBConnection) => Promise<Result>,
): Promise<Result> {
  const { DuckDBInstance } = await import("@duckdb/node-api");
  const instance = await DuckDBInstance.create(":memory:", {
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
    // Used only where memory runs out; the default is a folder in the person's working folder.
    temp_directory: join(tmpdir(), `elbo-duckdb-${process.pid}`),
  });
  try {
    const connection = await instance.connect();
    try {
      return await use(connection);
    } finally {
      connection.closeSync();
    }
  } finally {
    instance.closeSync();
  }
}

/** A string as SQL text. */
export const sqlText = (text: string) => `'${text.replaceAll("'", "''")}'`;

/** A column or table name as SQL. */
export const sqlName = (name: string) => `"${name.replaceAll('"', '""')}"`;

/** An existing file's path as SQL text, its own `*`, `?` and `[` not taken for patterns. */
export const sqlPath = (path: string) =>
  sqlText(resolve(path).replace(/[*?[]/g, (character) => `[${character}]`));
