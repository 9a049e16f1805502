// What is wrong with a column or a cell, as errors that name it.
import { ElboError } from "../../base/errors.ts";
import type { Origin } from "../columns.ts";

/** A column of a source, for messages. */
export interface Place extends Origin {
  column: string;
}

/** The row as its file counts. @param row of the source, from 1. */
export const fileRow = (place: Place, row: number) =>
  place.locate?.(row) ?? { file: place.source, row };

/** @param dataRow of the source, from 1. */
export function cellError(
  place: Place,
  dataRow: number,
  code: string,
  what: string,
  hint: string,
): ElboError {
  const { column } = place;
  const { file, row } = fileRow(place, dataRow);
  return new ElboError({
    code,
    message: `${file}, row ${row}, column ${JSON.stringify(column)}: ${what}`,
    hint,
    where: { file, row, column },
  });
}

/** A column that cannot be what the schema says. */
export function columnMismatch({ source, column }: Place, what: string): ElboError {
  return new ElboError({
    code: "data-mismatch",
    kind: "usage",
    message: `${source}, column ${JSON.stringify(column)}: ${what}`,
    hint: "give data of the kind that the run was trained on",
    where: { file: source, column },
  });
}

/** A cell of another type than its field. */
export function cellMismatch(place: Place, row: number, rule: string, received: string): ElboError {
  return cellError(
    place,
    row,
    "data-mismatch",
    `${rule}, received ${received}`,
    "correct the cell, or give data of the kind that the run was trained on",
  );
}

export function infiniteError(place: Place, row: number, value: number): ElboError {
  return cellError(
    place,
    row,
    "value-infinite",
    `${value} is not a finite float32 number`,
    "correct the value, or leave the cell empty",
  );
}

export function countError(place: Place, row: number, value: number): ElboError {
  return cellError(
    place,
    row,
    "count-invalid",
    `counts are whole numbers of at least 0, received ${value}`,
    "correct the value, or declare the column real",
  );
}

export const isoTime = (milliseconds: number): string => {
  const date = new Date(milliseconds);
  return Number.isNaN(date.getTime()) ? `${milliseconds} ms` : date.toISOString();
};
