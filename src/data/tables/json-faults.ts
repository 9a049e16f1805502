// What is wrong with files of JSON records, whoever reads them: DuckDB in Node, or a web page.
import { ElboError } from "../../base/errors.ts";

/** One record, and with an array the text between two of them, is not longer. */
export const recordLimit = 1 << 26;

export const notObjects = "it holds values where objects are needed";

/** @param place as it is said, `, line 3`; empty where it is not known. */
export function damagedJson(
  path: string,
  place: string,
  row: number | undefined,
  reason: string,
  cause?: unknown,
): ElboError {
  return new ElboError({
    code: "json-damaged",
    message: `${path}${place}: no JSON of records could be read: ${reason}`,
    hint: "give an array of objects, or one object a line; check the file around that place",
    where: row === undefined ? { file: path } : { file: path, row },
    ...(cause === undefined ? {} : { cause }),
  });
}

export function noRecords(path: string): ElboError {
  return new ElboError({
    code: "data-empty",
    message: `${path} holds no record`,
    hint: "give an array of objects, or one object a line",
    where: { file: path },
  });
}
