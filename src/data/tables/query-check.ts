// What SQL from a person may do: read, by one SELECT.
import type { DuckDBConnection } from "@duckdb/node-api";
import { ElboError } from "../../base/errors.ts";
import { rowsOf, sqlText } from "../duckdb.ts";

/** Functions in FROM that only read. Others (`enable_logging`) write files, whatever is locked. */
const readers = new Set([
  ...["read_csv", "read_csv_auto", "sniff_csv", "read_text", "read_blob", "glob"],
  ...["read_parquet", "parquet_scan", "parquet_metadata", "parquet_schema"],
  ...["parquet_file_metadata", "parquet_kv_metadata"],
  ...["read_json", "read_json_auto", "read_json_objects", "read_json_objects_auto"],
  ...["read_ndjson", "read_ndjson_auto", "read_ndjson_objects", "read_ndjson_objects_auto"],
  ...["json_each", "json_tree", "unnest", "range", "generate_series", "repeat", "repeat_row"],
]);

function refused(text: string, what: string): ElboError {
  return new ElboError({
    code: "query-refused",
    kind: "usage",
    message: `a query is one SELECT, which reads and changes nothing; received ${what}`,
    hint: "give a single SELECT; run other statements in DuckDB and name the file they write",
    where: { file: text },
  });
}

/** The functions in FROM, anywhere in a statement's syntax tree. */
function* tableFunctions(node: unknown): Generator<string> {
  if (typeof node !== "object" || node === null) return;
  if ("type" in node && node.type === "TABLE_FUNCTION" && "function" in node) {
    const call = node.function as { function_name?: unknown };
    yield String(call.function_name).toLowerCase();
  }
  for (const part of Object.values(node)) yield* tableFunctions(part);
}

/** Refuses what is not one SELECT statement that only reads; DuckDB's own errors pass. */
export async function checkQuery(connection: DuckDBConnection, text: string): Promise<void> {
  const { StatementType } = await import("@duckdb/node-api");
  const statements = await connection.extractStatements(text);
  if (statements.count !== 1) throw refused(text, `${statements.count} statements`);
  // Preparing binds, and binding already calls functions: the syntax is judged before.
  const [row] = await rowsOf(connection, `SELECT json_serialize_sql(${sqlText(text)}) AS tree`);
  const tree = JSON.parse(String(row!["tree"])) as { error?: boolean; error_message?: string };
  if (tree.error) throw refused(text, `another statement (${tree.error_message})`);
  for (const name of tableFunctions(tree)) {
    if (!readers.has(name)) throw refused(text, `the function ${name} in FROM`);
  }
  const statement = await statements.prepare(0);
  try {
    if (statement.statementType !== StatementType.SELECT) throw refused(text, "another statement");
    if (statement.parameterCount > 0) throw refused(text, "a parameter ($1, ?) without a value");
  } finally {
    statement.destroySync();
  }
}
