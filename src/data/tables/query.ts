// Tables from SQL. SQL promises no order of rows, so that a query runs once, into a file.
import { createHash } from "node:crypto";
import { createReadStream, existsSync } from "node:fs";
import { ElboError } from "../../base/errors.ts";
import {
  type Database,
  openDatabase,
  readingMemory,
  sqlName,
  withConnection,
  withDatabase,
} from "../duckdb.ts";
import type { DataSource } from "../source.ts";
import { digits } from "./lost.ts";
import { parquetRelation } from "./parquet.ts";
import { precisionNote } from "./parquet-faults.ts";
import { checkQuery } from "./query-check.ts";
import { withMissingWords } from "./query-words.ts";
import { describe, type NamedType, relationSource } from "./relation.ts";
import { type Spool, spool } from "./spool.ts";
import { isHuge } from "./sql-types.ts";
import { largeColumns } from "./survey-sql.ts";

/** Whether `text` is SQL and not a path: it begins as a query does, and no file is called so. */
export const isQuery = (text: string) =>
  /^\s*(select|with|from)\s/i.test(text) && !existsSync(text);

/** A source that also knows what it holds. */
export interface QuerySource extends DataSource {
  /** SHA-256 of the rows as they were stored: of equal results in equal order, equal. */
  fingerprint: string;
  close(): Promise<void>;
}

function failed(text: string, cause: unknown): ElboError {
  const message = cause instanceof Error ? cause.message : String(cause);
  const lines = message.split("\n").map((line) => line.trim());
  if (/^Out of Memory/.test(message)) {
    return new ElboError({
      code: "memory-short",
      message: `the query needs more memory than this machine has: ${lines[0]}`,
      hint: "choose fewer columns or rows, or read the file itself by its path",
      where: { file: text },
      cause,
    });
  }
  const missing = /No files found that match the pattern "(.*)"/.exec(message)?.[1];
  return new ElboError({
    code: missing === undefined ? "query-failed" : "file-missing",
    kind: "usage",
    message: missing === undefined ? `the query failed: ${lines[0]}` : `${missing} does not exist`,
    hint:
      missing === undefined
        ? (lines.find((line) => /^(did you mean|candidate|hint)/i.test(line)) ??
          "columns are named as in the file; a file's name stands in single quotes")
        : "check the name in the query; it is taken from the folder you are in",
    where: { file: text },
    cause,
  });
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const block of createReadStream(path)) hash.update(block as Uint8Array);
  return hash.digest("hex");
}

const view = sqlName("elbo query");

async function store(
  database: Database,
  text: string,
): Promise<{ stored: Spool; huge: NamedType[] }> {
  try {
    await withConnection(database, async (connection) => {
      await checkQuery(connection, text);
      const worded = await withMissingWords(connection, text);
      await connection.run(`CREATE VIEW ${view} AS ${worded}`);
    });
    const types = await describe(database, view);
    const stored = await spool(database, view, types.length);
    return { stored, huge: types.filter(({ type }) => isHuge(type)) };
  } catch (cause) {
    throw cause instanceof ElboError ? cause : failed(text, cause);
  }
}

/**
 * Runs a query (one SELECT, which may read files) and opens its result. `close` removes the file
 * in which it is kept, as does the end of the process.
 * @throws ElboError `query-refused` for anything but one SELECT, `query-failed` with what DuckDB
 * says, `data-empty` where there are no rows.
 */
export async function openQuery(text: string): Promise<QuerySource> {
  const { stored, huge } = await withDatabase(text, (maker) => store(maker, text));
  let database: Database | undefined;
  try {
    const { path, remove } = stored;
    database = await openDatabase(text, readingMemory);
    const relation = await parquetRelation(database, [path], text);
    const large = await largeColumns(database, relation.from, huge);
    const source = relationSource({
      ...relation,
      notes: [...relation.notes, ...precisionNote(large)],
      lost: async () => digits(large),
      locate: (row) => ({ file: text, row: row + 1 }),
      broken: (rows, cause) => failed(text, cause ?? `its stored result ended after ${rows} rows`),
      remove,
    });
    return { ...source, close: source.close!, fingerprint: await hashOf(path) };
  } catch (cause) {
    database?.close();
    await stored.remove();
    throw cause;
  }
}
