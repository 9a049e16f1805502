// Puts the parts of a delimited text file together again.
import { ByteWriter } from "../bytes.ts";
import { readFrame } from "./frame.ts";
import { writeNumber } from "./number-cells.ts";
import { type DelimitedColumn, type DelimitedParts, damagedParts } from "./parts.ts";
import { textWriter } from "./text-cells.ts";

/** Writes a column's cells one after the other. */
type CellWriter = (row: ByteWriter, place: number) => void;

function cellWriter(column: DelimitedColumn, rows: number, delimiter: string): CellWriter {
  const { forms, formTable, mantissas, texts, exceptions } = column;
  const bad = (reason: string) => damagedParts(`column ${JSON.stringify(column.name)}: ${reason}`);
  if (forms.length !== rows || (mantissas ?? texts)?.length !== rows) {
    throw bad(`it has not the ${rows} rows of the table`);
  }
  const writeText = textWriter(delimiter);
  let exception = 0;
  return (row, place) => {
    const form = formTable[forms[place]!];
    if (form === undefined) throw bad("a cell has a form that is not in the table");
    if (form.kind === "missing") return row.plain(form.text);
    if (form.kind === "exception") {
      const bytes = exceptions[exception++];
      if (bytes === undefined) throw bad("it has more exceptions than it keeps");
      return row.raw(bytes);
    }
    if (form.kind === "number") {
      const mantissa = mantissas?.[place];
      if (!Number.isSafeInteger(mantissa)) throw bad("a number is not whole, or too large");
      return writeNumber(row, form, mantissa!);
    }
    const text = texts?.[place];
    if (typeof text !== "string") throw bad("a text is none");
    writeText(row, form, text);
  };
}

/**
 * The bytes that were taken apart.
 * @throws ElboError `delimited-damaged` where the parts do not belong together.
 */
export function joinDelimited({ rows, frame, columns }: DelimitedParts): Uint8Array {
  const { delimiter, gaps } = readFrame(frame, rows);
  const writers = columns.map((column) => cellWriter(column, rows, delimiter));
  const separator = delimiter.charCodeAt(0);
  const row = new ByteWriter();
  for (let place = 0; place < rows; place++) {
    row.raw(gaps[place]!);
    for (const [i, write] of writers.entries()) {
      if (i > 0) row.byte(separator);
      write(row, place);
    }
  }
  row.raw(gaps[rows]!);
  return row.finish();
}
