// What is wrong with Parquet files, and what is worth a note, whoever reads them: DuckDB in Node,
// hyparquet in a web page.

import { ElboError } from "../../base/errors.ts";
import { counted, grouped } from "../../base/words.ts";
import type { ByteSource } from "../bytes.ts";
import type { DataNote } from "../source.ts";
import { listed } from "../words.ts";

function damaged(path: string, what: string, cause?: unknown): ElboError {
  return new ElboError({
    code: "parquet-damaged",
    message: `${path} is no whole Parquet file: ${what}`,
    hint: "fetch or write the file again; it was probably cut short",
    where: { file: path },
    ...(cause === undefined ? {} : { cause }),
  });
}

const firstLine = (cause: unknown) =>
  (cause instanceof Error ? cause.message : String(cause)).split("\n")[0]!;

export const noFooter = (path: string, cause: unknown) =>
  damaged(path, `its table of contents cannot be read (${firstLine(cause)})`, cause);

/** @param row of the file, from 1. */
export const endedEarly = (path: string, row: number, cause?: unknown) =>
  damaged(path, `reading ended near its row ${grouped(row)}`, cause);

const shortest = 12;

/** A file cut short lacks the mark at its end, where its table of contents stands. */
export async function checkParquetEnds(bytes: ByteSource): Promise<void> {
  const { source, size } = bytes;
  const mark = async (position: number) =>
    size < shortest ? "" : String.fromCharCode(...(await bytes.read(position, 4)));
  const [first, last] = [await mark(0), await mark(size - 4)];
  if (first === "PARE" || last === "PARE") throw damaged(source, "it is encrypted");
  if (first !== "PAR1") throw damaged(source, "it does not begin as one");
  if (last !== "PAR1") throw damaged(source, "its end is missing");
}

interface Typed {
  path: string;
  type: string;
}

/** A column that is of one sort in one file and of another in the next. */
export function sortsDiffer(name: string, first: Typed, other: Typed): ElboError {
  return new ElboError({
    code: "columns-differ",
    message: `files read as one table have the same columns: ${JSON.stringify(name)} is ${other.type} in ${other.path} and ${first.type} in ${first.path}`,
    hint: "name fewer files, or convert the column by SQL",
    where: { file: other.path, column: name },
  });
}

/** The note that columns of these names are rounded. */
export function precisionNote(names: readonly string[]): DataNote[] {
  if (names.length === 0) return [];
  const message = `${counted(names.length, "column")} of integers too large for float64, which are rounded: ${listed(names)}`;
  return [{ code: "precision-lost", message }];
}
