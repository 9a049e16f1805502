// The one door to DuckDB: loaded when first used (its import takes 100 ms), in memory, with
// nothing fetched from anywhere.
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import { ElboError } from "../base/errors.ts";

/** DuckDB's native part is a package of its own for each platform, and npm may leave it out. */
async function loadDuckDB(path: string): Promise<typeof import("@duckdb/node-api")> {
  try {
    return await import("@duckdb/node-api");
  } catch (cause) {
    throw new ElboError({
      code: "duckdb-missing",
      message: `${path} needs DuckDB, whose part for ${process.platform}-${process.arch} is not installed`,
      hint: "run npm install --include=optional; without DuckDB, use .npy or IDX files",
      where: { file: path },
      cause,
    });
  }
}

/** A database in memory, through which files are read and written. */
export interface Database {
  /** Connections are closed by their takers. */
  connect(): Promise<DuckDBConnection>;
  close(): void;
}

/** Two databases that used one folder would overwrite each other's files. */
let databases = 0;

/** What a source may let DuckDB hold while its rows are read; beyond it, it uses the disk. */
export const readingMemory = "512MB";

/**
 * An empty database, nothing in whose settings a query can change.
 * @param path the file that it is for.
 * @param memory what it may hold; default most of the machine's.
 */
export async function openDatabase(path: string, memory?: string): Promise<Database> {
  const { DuckDBInstance } = await loadDuckDB(path);
  const instance = await DuckDBInstance.create(":memory:", {
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
    ...(memory === undefined ? {} : { memory_limit: memory }),
    // Used only where memory runs out; the default is a folder in the person's working folder.
    temp_directory: join(tmpdir(), `elbo-duckdb-${process.pid}-${++databases}`),
  });
  try {
    const connection = await instance.connect();
    try {
      // A time without a zone means the same on every machine.
      await connection.run("SET GLOBAL TimeZone = 'UTC'");
      await connection.run("SET lock_configuration = true");
    } finally {
      connection.closeSync();
    }
  } catch (cause) {
    instance.closeSync();
    throw cause;
  }
  return { connect: () => instance.connect(), close: () => instance.closeSync() };
}

/** Runs `use` with a connection of a database, and closes it whatever happens. */
export async function withConnection<Result>(
  database: Database,
  use: (connection: DuckDBConnection) => Promise<Result>,
): Promise<Result> {
  const connection = await database.connect();
  try {
    return await use(connection);
  } finally {
    connection.closeSync();
  }
}

/** Runs `use` with an empty database, and closes it whatever happens. */
export async function withDatabase<Result>(
  path: string,
  use: (database: Database) => Promise<Result>,
): Promise<Result> {
  const database = await openDatabase(path);
  try {
    return await use(database);
  } finally {
    database.close();
  }
}

/**
 * Runs `use` with a connection to an empty database, and closes it whatever happens.
 * @param path the file that it is for.
 */
export const withDuckDB = <Result>(
  path: string,
  use: (connection: DuckDBConnection) => Promise<Result>,
): Promise<Result> => withDatabase(path, (database) => withConnection(database, use));

/** The rows of a query that has few. */
export async function rowsOf(
  connection: DuckDBConnection,
  sql: string,
): Promise<Record<string, unknown>[]> {
  return (await connection.runAndReadAll(sql)).getRowObjectsJS();
}

/** A string as SQL text. */
export const sqlText = (text: string) => `'${text.replaceAll("'", "''")}'`;

/** A column or table name as SQL. */
export const sqlName = (name: string) => `"${name.replaceAll('"', '""')}"`;

/** An existing file's path as SQL text, its own `*`, `?` and `[` not taken for patterns. */
export const sqlPath = (path: string) =>
  sqlText(resolve(path).replace(/[*?[]/g, (character) => `[${character}]`));
