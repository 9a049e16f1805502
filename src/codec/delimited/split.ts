// Takes a delimited text file apart into columns, so that joining them gives the same bytes.
import { ElboError } from "../../base/errors.ts";
import { type Cell, moveTo } from "./form-table.ts";
import { Gaps } from "./frame.ts";
import { NumberCells } from "./number-cells.ts";
import type { CellKind, DelimitedParts } from "./parts.ts";
import { placedRows, type TableBeginning } from "./rows.ts";
import { TextCells } from "./text-cells.ts";

/**
 * The parts of a table, or of some of its rows (`cutAtRows`). Any bytes have some: what is no row of
 * it is part of the frame.
 * @param kinds of all columns by their names, in the order of the file.
 * @param delimiter one character of ASCII.
 * @param beginning of a file with a row of names, unless said otherwise.
 * @throws ElboError `delimited-columns` without a column, `delimiter-invalid`.
 */
export function splitDelimited(
  bytes: Uint8Array,
  kinds: ReadonlyMap<string, CellKind>,
  delimiter: string,
  beginning: TableBeginning = "header",
): DelimitedParts {
  checkDelimiter(delimiter);
  if (kinds.size === 0) {
    throw new ElboError({
      code: "delimited-columns",
      kind: "usage",
      message: "a table is taken apart into at least one column; received none",
      hint: "name the columns of the file in their order",
    });
  }
  const names = [...kinds.keys()];
  const columns = names.map((name) =>
    kinds.get(name) === "number" ? new NumberCells() : new TextCells(delimiter),
  );
  const width = columns.length;
  const gaps = new Gaps();
  const cell: Cell = {
    ...{ bytes, outerStart: 0, outerEnd: 0, innerStart: 0, innerEnd: 0, start: 0, end: 0 },
    ...{ quoted: false, doubled: false },
  };
  let rows = 0;
  let rowEnd = 0;
  let first = beginning === "header" ? 1 : 0;
  for (const places of placedRows(bytes, delimiter, width, beginning)) {
    const { starts, ends, doubled } = places;
    for (let row = first; row < places.rows; row++, rows++) {
      const base = row * width;
      for (let i = 0; i < width; i++) {
        moveTo(cell, starts[base + i]!, ends[base + i]!, doubled[base + i] === 1);
        if (i === 0) gaps.add(bytes, rowEnd, cell.outerStart);
        columns[i]!.add(cell);
      }
      rowEnd = cell.outerEnd;
    }
    first = 0;
  }
  gaps.add(bytes, rowEnd, bytes.length);
  const frame = gaps.frame(delimiter);
  return { rows, frame, columns: columns.map((column, i) => column.finish(names[i]!)) };
}

function checkDelimiter(delimiter: string): void {
  if (
    delimiter.length === 1 &&
    delimiter > "\0" &&
    delimiter < "\x7f" &&
    !/["\r\n]/.test(delimiter)
  ) {
    return;
  }
  throw new ElboError({
    code: "delimiter-invalid",
    kind: "usage",
    message: `cells are separated by one character of ASCII, no quote and no line end; received ${JSON.stringify(delimiter)}`,
    hint: "give a comma, a semicolon, a tab or a bar",
  });
}
