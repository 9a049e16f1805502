// Tables by what a person calls them: a file, a pattern of files, or SQL.
import { openCsv } from "../by-path.ts";
import { commonTableFormat } from "../formats.ts";
import type { DataSource } from "../source.ts";
import { filesOf, isGlob } from "./glob.ts";
import { openJson } from "./json.ts";
import { openParquet } from "./parquet.ts";
import { isQuery, openQuery } from "./query.ts";

const open = { csv: openCsv, parquet: openParquet, json: openJson };

/**
 * Opens the files of a pattern (`sales/*.parquet`) as one table, in the order of their names.
 * @throws ElboError `file-missing` where there are none, `format-mixed` where they are of several
 * formats, `columns-differ` where their columns do, and what the format's opening throws.
 */
export async function openGlob(pattern: string): Promise<DataSource> {
  const paths = await filesOf(pattern);
  const format = commonTableFormat(paths, pattern);
  return open[format](paths, pattern);
}

/**
 * Opens a table: the path of a csv, tsv, json or ndjson file (also gzip) or of Parquet, a pattern
 * of such files, or SQL (`select * from 'sales/*.parquet' where year > 2020`).
 */
export async function openTable(data: string): Promise<DataSource> {
  if (isQuery(data)) return openQuery(data);
  if (isGlob(data)) return openGlob(data);
  return open[commonTableFormat([data], data)]([data]);
}
