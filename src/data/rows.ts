// Gathers the rows of a table as they arrive: rows with gaps are left out and counted, infinite
// values are refused, and integers that float32 cannot hold are noticed.
import { ElboError } from "../base/errors.ts";
import type { DataNote, DataSet } from "./dataset.ts";
import { counted } from "./words.ts";

/** Above it, float32 no longer holds every integer. */
const exactIntegers = 2 ** 24;

/** How many row numbers a note lists. */
const listed = 5;

export interface RowCollector {
  /** Adds the next row; `cell` gives its value in a column. */
  add(cell: (column: number) => number): void;
  finish(notes: readonly DataNote[]): DataSet;
}

/**
 * Collects rows of `columns`; NaN marks a missing cell. `headerRows` (0 or 1) is what stands before
 * the first data row in the file, so that errors name the file's own rows; `expectedRows` sizes the memory at the start.
 */
export function collectRows(
  source: string,
  columns: readonly string[],
  headerRows: number,
  expectedRows = 1024,
): RowCollector {
  const width = columns.length;
  let values = new Float32Array(Math.max(1, expectedRows) * width);
  let kept = 0;
  let seen = 0;
  const missing: number[] = [];
  let missingCount = 0;
  const keptNumbers: number[] = [];
  const inexact = new Map<number, { row: number; value: number }>();

  const refuseInfinite = (value: number, column: number) =>
    new ElboError({
      code: "value-infinite",
      message: `${source}, row ${seen + headerRows}, column ${JSON.stringify(columns[column])}: ${value} is not a finite float32 number`,
      hint: "correct the value, or leave the cell empty so that the row is left out",
      where: { file: source, row: seen + headerRows, column: columns[column]! },
    });

  return {
    add(cell) {
      seen++;
      if ((kept + 1) * width > values.length) {
        const larger = new Float32Array(values.length * 2);
        larger.set(values);
        values = larger;
      }
      const start = kept * width;
      let gap = false;
      for (let column = 0; column < width; column++) {
        const value = cell(column);
        const single = Math.fround(value);
        if (Number.isNaN(value)) gap = true;
        else if (!Number.isFinite(single)) throw refuseInfinite(value, column);
        else if (single !== value && Math.abs(value) > exactIntegers && Number.isInteger(value)) {
          if (!inexact.has(column)) inexact.set(column, { row: seen + headerRows, value });
        }
        values[start + column] = single;
      }
      if (gap) {
        missingCount++;
        if (missing.length < listed) missing.push(seen + headerRows);
        // From the first gap on, kept rows need their numbers.
        if (missingCount === 1) for (let row = 1; row < seen; row++) keptNumbers.push(row);
        return;
      }
      if (missingCount > 0) keptNumbers.push(seen);
      kept++;
    },

    finish(notes) {
      if (seen === 0 || kept === 0) {
        throw new ElboError({
          code: seen === 0 ? "data-empty" : "rows-all-incomplete",
          message:
            seen === 0
              ? `${source} holds no data row`
              : `${source}: each of its ${counted(seen, "row")} has a missing value in a numeric column`,
          hint:
            seen === 0
              ? "give a file with at least one row below the header"
              : "fill the gaps, or remove the columns that hold most of them",
          where: { file: source },
        });
      }
      const all = [...notes];
      if (missingCount > 0) {
        const more = missingCount > listed ? ", ..." : "";
        all.push({
          code: "rows-left-out",
          message: `${counted(missingCount, "row")} of ${seen.toLocaleString("en")} with missing values left out (row ${missing.join(", ")}${more})`,
        });
      }
      for (const [column, { row, value }] of inexact) {
        all.push({
          code: "precision-lost",
          message: `column ${JSON.stringify(columns[column])} holds integers too large for float32 (row ${row}: ${value} became ${Math.fround(value)})`,
        });
      }
      return {
        source,
        kind: "table",
        values: values.length === kept * width ? values : values.slice(0, kept * width),
        rows: kept,
        shape: [width],
        columns: [...columns],
        ...(missingCount > 0 ? { rowNumbers: Int32Array.from(keptNumbers) } : {}),
        notes: all,
      };
    },
  };
}
