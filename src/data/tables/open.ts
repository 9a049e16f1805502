// Tables by what a person calls them: a file, a pattern of files, or SQL.
import { extname } from "node:path";
import { ElboError } from "../../base/errors.ts";
import type { DataSource } from "../source.ts";
import { openCsv } from "./csv.ts";
import { filesOf, isGlob } from "./glob.ts";
import { openJson } from "./json.ts";
import { openParquet } from "./parquet.ts";
import { isQuery, openQuery } from "./query.ts";

export type TableFormat = "csv" | "parquet" | "json";

const formats: Record<string, TableFormat> = {
  ".csv": "csv",
  ".tsv": "csv",
  ".tab": "csv",
  ".parquet": "parquet",
  ".json": "json",
  ".ndjson": "json",
  ".jsonl": "json",
};

/** What kind of table a file is by its extension (`.gz` aside), if it is one. */
export function tableFormat(path: string): TableFormat | undefined {
  const plain = path.replace(/\.gz$/i, "");
  const format = formats[extname(plain).toLowerCase()];
  // Parquet is packed within.
  return format === "parquet" && plain !== path ? undefined : format;
}

const open = { csv: openCsv, parquet: openParquet, json: openJson };

function formatOf(path: string): TableFormat {
  const format = tableFormat(path);
  if (format !== undefined) return format;
  throw new ElboError({
    code: "format-unknown",
    kind: "usage",
    message: `${path} is no table by its extension; tables are .csv, .tsv, .json, .ndjson (also .gz) and .parquet`,
    hint: "give the file the extension of what it is, or name other files",
    where: { file: path },
  });
}

/**
 * Opens the files of a pattern (`sales/*.parquet`) as one table, in the order of their names.
 * @throws ElboError `file-missing` where there are none, `format-mixed` where they are of several
 * formats, `columns-differ` where their columns do, and what the format's opening throws.
 */
export async function openGlob(pattern: string): Promise<DataSource> {
  const paths = await filesOf(pattern);
  const format = formatOf(paths[0]!);
  const other = paths.find((path) => formatOf(path) !== format);
  if (other !== undefined) {
    throw new ElboError({
      code: "format-mixed",
      kind: "usage",
      message: `files read as one table are of one format: ${pattern} finds ${paths[0]} and ${other}`,
      hint: "end the pattern in the extension: folder/*.csv",
      where: { file: pattern },
    });
  }
  return open[format](paths, pattern);
}

/**
 * Opens a table: the path of a csv, tsv, json or ndjson file (also gzip) or of Parquet, a pattern
 * of such files, or SQL (`select * from 'sales/*.parquet' where year > 2020`).
 */
export async function openTable(data: string): Promise<DataSource> {
  if (isQuery(data)) return openQuery(data);
  if (isGlob(data)) return openGlob(data);
  return open[formatOf(data)]([data]);
}
