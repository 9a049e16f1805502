// What is wrong with the rows of a table, as errors that name the row.

import { ElboError } from "../../base/errors.ts";
import { counted } from "../../base/words.ts";
import type { DataNote } from "../source.ts";
import { listed } from "../words.ts";
import { type CellFault, rowLimit } from "./cells/finder.ts";
import { nulError, openQuoteError } from "./csv-head.ts";

/** @param row as the file counts: from 1, the header included, blank lines not. */
export function cellError(
  path: string,
  fault: CellFault,
  row: number,
  expected: number,
): ElboError {
  const at = { file: path, row };
  switch (fault.kind) {
    case "nul":
      return nulError(path, row);
    case "quote-open":
      return openQuoteError(path, row);
    case "quote-inside":
      return new ElboError({
        code: "csv-quote",
        message: `${path}, row ${row}: text follows the closing quote of a cell`,
        hint: 'double a " that belongs to the text',
        where: at,
      });
    case "ragged":
      return new ElboError({
        code: "csv-ragged",
        message: `${path}, row ${row}: expected ${counted(expected, "column")} as in the first row, received ${fault.received}`,
        hint: "correct that row; a cell that holds the delimiter must stand in quotes",
        where: at,
      });
    case "row-long":
      return new ElboError({
        code: "csv-line-long",
        message: `${path}, row ${row}: the row is longer than ${counted(rowLimit, "byte")}`,
        hint: "check that the file is a table with line breaks",
        where: at,
      });
    default:
      return fault.kind satisfies never;
  }
}

export function infiniteError(path: string, row: number, column: string, text: string): ElboError {
  return new ElboError({
    code: "value-infinite",
    message: `${path}, row ${row}, column ${JSON.stringify(column)}: ${text} is not a finite number`,
    hint: "correct the value, or leave the cell empty, which means that it is missing",
    where: { file: path, row, column },
  });
}

/** The file is no longer what it was when its columns were determined. */
export function changedError(path: string, row?: number): ElboError {
  return new ElboError({
    code: "file-changed",
    message: `${path} changed while it was in use${row === undefined ? "" : ` (row ${row})`}`,
    hint: "wait until no other program writes it, and start again",
    where: row === undefined ? { file: path } : { file: path, row },
  });
}

export function noRowsError(source: string): ElboError {
  return new ElboError({
    code: "data-empty",
    message: `${source} holds no data row`,
    hint: "give data with at least one row",
    where: { file: source },
  });
}

/** The note of columns that no field could take; where none is left, that is the error. */
export function leftOutNotes(
  source: string,
  kept: number,
  left: readonly { name: string; type: string }[],
): DataNote[] {
  const names = listed(left.map(({ name }) => name));
  if (kept === 0) {
    throw new ElboError({
      code: "columns-none",
      message: `${source} has no column of numbers, times or texts; its columns are ${names}`,
      hint: "choose parts of them by SQL: select a.b, c[1] from 'file.parquet'",
      where: { file: source },
    });
  }
  if (left.length === 0) return [];
  const kinds = [...new Set(left.map(({ type }) => type.replace(/[(\s].*$/s, "")))].slice(0, 5);
  const message = `${counted(left.length, "column")} left out, for ${kinds.join(", ")} is neither a number, a time, a text nor a list of numbers of one length: ${names}`;
  return [{ code: "columns-left-out", message }];
}

/** A list of another length than those that opening looked at. */
export function unequalLists(
  where: { file: string; row: number; column: string },
  expected: number,
  received: string,
): ElboError {
  return new ElboError({
    code: "vector-length",
    message: `${where.file}, row ${where.row}, column ${JSON.stringify(where.column)}: expected a list of ${expected} numbers as in the first rows, received ${received}`,
    hint: "make the lists of one length, or leave the column out by SQL: select * exclude (name) from 'file'",
    where,
  });
}
