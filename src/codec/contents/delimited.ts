// A delimited file, whose bytes come back: its cells as columns, and how each is written beside.

import { damaged } from "../ans/coder.ts";
import { ByteReader, ByteWriter } from "../bytes.ts";
import type { Cells, Known } from "../cells/cells.ts";
import type { CodedColumn } from "../columns.ts";
import { formBytes, readFormBytes } from "../delimited/form-bytes.ts";
import { joinDelimited } from "../delimited/join.ts";
import { type CellKind, type DelimitedColumn, scaleOf } from "../delimited/parts.ts";
import type { TableBeginning } from "../delimited/rows.ts";
import { splitDelimited } from "../delimited/split.ts";
import { packBytes, unpackBytes } from "../side/pack.ts";
import type { ContentBlock, ContentReader } from "./content.ts";

/** In the place of decimals: the number is written with an exponent, and no such thing. */
const NONE = 255;

/** The decimals that a row's form gives its mantissa. */
function decimalsOf({
  forms,
  formTable,
}: Pick<DelimitedColumn, "forms" | "formTable">): Uint8Array {
  const each = formTable.map((form) => {
    const scale = form.kind === "number" ? scaleOf(form) : NONE;
    return scale < 0 || scale > NONE ? NONE : scale;
  });
  return forms.map((form) => each[form]!);
}

function cellsOf(column: DelimitedColumn): Cells {
  const { mantissas, texts } = column;
  if (!mantissas) return { type: "text", texts: texts! };
  return { type: "number", mantissas, decimals: decimalsOf(column) };
}

/** @param bytes whole rows of the file, and what stands between them. */
export function delimitedBlock(
  bytes: Uint8Array,
  kinds: ReadonlyMap<string, CellKind>,
  delimiter: string,
  beginning: TableBeginning,
): ContentBlock {
  const { rows, frame, columns } = splitDelimited(bytes, kinds, delimiter, beginning);
  const writer = new ByteWriter();
  writer.block(frame);
  for (const column of columns) {
    writer.count(column.exceptions.length);
    writer.block(formBytes(column));
    writer.block(packBytes(column.forms));
  }
  return { rows, cells: columns.map(cellsOf), frame: writer.finish() };
}

/** What a frame says: the file's own, and of each column how its cells are written. */
function framed(bytes: Uint8Array, columns: readonly CodedColumn[], rows: number) {
  const reader = new ByteReader(bytes);
  const frame = reader.block();
  const written = columns.map(({ name }) => {
    const exceptions = reader.count(rows);
    const table = readFormBytes(reader.block(), exceptions);
    const forms = unpackBytes(reader.block(), rows);
    if (forms.length !== rows || forms.some((form) => form >= table.formTable.length)) {
      throw damaged();
    }
    return { name, forms, ...table };
  });
  return { frame, written };
}

export function delimitedReader(columns: readonly CodedColumn[]): ContentReader<Uint8Array> {
  return {
    known(frame, rows) {
      const { written } = framed(frame, columns, rows);
      return written.map((column, i): Known => {
        const { forms, formTable } = column;
        const { type } = columns[i]!;
        const present = forms.map((form) => (formTable[form]!.kind === type ? 1 : 0));
        if (type !== "number") return { type: "text", present };
        return { type: "number", present, decimals: decimalsOf(column) };
      });
    },
    restore(bytes, cells, rows) {
      const { frame, written } = framed(bytes, columns, rows);
      return joinDelimited({
        rows,
        frame,
        columns: written.map((column, i) => {
          const own = cells[i]!;
          return {
            ...column,
            mantissas: own.type === "number" ? own.mantissas : null,
            texts: own.type === "text" ? own.texts : null,
          };
        }),
      });
    },
    checked: (bytes) => bytes,
  };
}
