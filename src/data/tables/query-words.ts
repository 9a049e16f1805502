// Files of delimited text in a query, read with the words for "missing" that they have by their path.
import type { DuckDBConnection } from "@duckdb/node-api";
import { rowsOf, sqlName, sqlText } from "../duckdb.ts";
import { missingWords } from "./cell-text.ts";

const capitalized = (word: string) => word.replace(/[a-z]/, (letter) => letter.toUpperCase());

/** DuckDB compares them with their case. */
const words = [
  "",
  ...new Set(missingWords.flatMap((word) => [word, word.toUpperCase(), capitalized(word)])),
  ...["NaN", "-NaN"],
];

interface NamedFile {
  path: string;
  /** Where the query names it, in bytes. */
  at: number;
  /** Whether the query gives it a name of its own. */
  named: boolean;
}

/** What DuckDB opens as delimited text, anywhere in a statement's syntax tree. */
function* namedFiles(node: unknown): Generator<NamedFile> {
  if (typeof node !== "object" || node === null) return;
  if ("type" in node && node.type === "BASE_TABLE") {
    const { table_name, schema_name, query_location, alias } = node as Record<string, unknown>;
    const path = String(table_name);
    if (schema_name === "" && /\.[ct]sv(\.gz)?$/i.test(path)) {
      yield { path, at: Number(query_location), named: alias !== "" };
    }
  }
  for (const part of Object.values(node)) yield* namedFiles(part);
}

/**
 * The query with each `'file.csv'` that it names read so that what means "missing" there means it here:
 * NA, N/A, null and the like. Calls of `read_csv` stay as they are.
 */
export async function withMissingWords(
  connection: DuckDBConnection,
  text: string,
): Promise<string> {
  const [row] = await rowsOf(connection, `SELECT json_serialize_sql(${sqlText(text)}) AS tree`);
  let bytes = Buffer.from(text);
  const files = [...namedFiles(JSON.parse(String(row!["tree"])))].sort((a, b) => b.at - a.at);
  for (const { path, at, named } of files) {
    const spelled = Buffer.from(
      [sqlText(path), sqlName(path)].find((of) => bytes.indexOf(of, at) === at) ?? "",
    );
    if (spelled.length === 0) continue;
    // As DuckDB itself calls a table that is a file.
    const alias = named ? "" : ` AS ${sqlName(path.split(/[/\\]/).at(-1)!.split(".")[0]!)}`;
    const nulls = words.map(sqlText).join(", ");
    const call = Buffer.from(`read_csv(${sqlText(path)}, nullstr = [${nulls}])${alias}`);
    bytes = Buffer.concat([bytes.subarray(0, at), call, bytes.subarray(at + spelled.length)]);
  }
  return bytes.toString();
}
