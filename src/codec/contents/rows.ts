// Rows of any source: their values, whatever file they stood in.

import { timeText } from "../../data/write/times.ts";
import {
  type ColumnInfo,
  type ColumnValues,
  isRounded,
  type WideNumbers,
  wideArrays,
} from "../../fields/columns.ts";
import { readTimeText } from "../../fields/times/iso-time.ts";
import { damaged } from "../ans/coder.ts";
import { ByteReader, ByteWriter } from "../bytes.ts";
import { type Cells, type Known, type NumberCells, POWERS } from "../cells/cells.ts";
import { packBytes, unpackBytes } from "../side/pack.ts";
import type { ContentBlock, ContentReader } from "./content.ts";
import { type NearNumbers, readWide, wideBytes } from "./wide.ts";

/** In the place of a number's decimals: there is none, or it stands in the frame as it is. */
const [MISSING, AS_IT_IS] = [254, 255];

/** A number as a whole one over a power of ten, by the shortest decimals that give it again; null: too long. */
export function decimal(value: number): { mantissa: number; decimals: number } | null {
  if (Object.is(value, -0)) return null;
  if (Number.isSafeInteger(value)) return { mantissa: value, decimals: 0 };
  const text = String(value);
  const point = text.indexOf(".");
  if (point < 0 || text.includes("e")) return null;
  const decimals = text.length - point - 1;
  const mantissa = Number(text.slice(0, point) + text.slice(point + 1));
  const power = POWERS[decimals];
  if (power === undefined || !Number.isSafeInteger(mantissa)) return null;
  return mantissa / power === value ? { mantissa, decimals } : null;
}

function numberCells(values: Float64Array, frame: ByteWriter): NumberCells {
  const mantissas = new Float64Array(values.length).fill(Number.NaN);
  const decimals = new Uint8Array(values.length);
  const others = new ByteWriter();
  values.forEach((value, i) => {
    const found = Number.isNaN(value) ? null : decimal(value);
    if (found) {
      mantissas[i] = found.mantissa;
      decimals[i] = found.decimals;
      return;
    }
    decimals[i] = Number.isNaN(value) ? MISSING : AS_IT_IS;
    if (decimals[i] === AS_IT_IS) others.float64(value);
  });
  frame.block(packBytes(decimals));
  frame.block(packBytes(others.finish(), { stride: 8 }));
  return { type: "number", mantissas, decimals };
}

/** How a text column's cell is told: it is missing, a text, or a moment that no text gives again. */
const [NO_TEXT, TEXT, MOMENT] = [0, 1, 2];

function textCells(texts: (string | null)[], frame: ByteWriter): Cells {
  frame.block(packBytes(Uint8Array.from(texts, (text) => (text === null ? NO_TEXT : TEXT))));
  return { type: "text", texts };
}

/** Moments as texts, but those whose text would lose something. */
function timeCells(moments: Float64Array, frame: ByteWriter): Cells {
  const others = new ByteWriter();
  const marks = new Uint8Array(moments.length);
  const texts = Array.from(moments, (ms, i) => {
    if (Number.isNaN(ms)) return null;
    const text = Math.abs(ms) < 8e15 ? timeText(ms) : "";
    marks[i] = readTimeText(text) === ms ? TEXT : MOMENT;
    if (marks[i] === TEXT) return text;
    others.float64(ms);
    return null;
  });
  frame.block(packBytes(marks));
  frame.block(packBytes(others.finish(), { stride: 8 }));
  return { type: "text", texts };
}

/** What a column's cells are in an archive. */
export function cellsType(info: ColumnInfo): Cells["type"] {
  if (info.type === "time") return "text";
  // Pixels that are no bytes name their element.
  return info.type === "image" && (info.element ?? "u1") !== "u1" ? "vector" : info.type;
}

/** Whether numbers stand beside a column's values, which round them. */
const hasWide = (info: ColumnInfo) =>
  info.type !== "text" &&
  info.type !== "time" &&
  info.element !== undefined &&
  isRounded(info, info.element);

/** Vectors with their zeros, and the numbers beside them. */
export function denseRows(info: ColumnInfo, values: ColumnValues): ColumnValues {
  if (values.type !== "sparse" || info.type !== "vector") return values;
  const { offsets, indices } = values;
  const { size } = info;
  const rows = offsets.length - 1;
  function dense<Numbers extends Float32Array | WideNumbers>(numbers: Numbers): Numbers {
    const out = new (numbers.constructor as new (length: number) => Numbers)(rows * size);
    for (let row = 0; row < rows; row++) {
      for (let k = offsets[row]!; k < offsets[row + 1]!; k++) {
        out[row * size + indices[k]!] = numbers[k]!;
      }
    }
    return out;
  }
  const wide = values.wide && { wide: dense(values.wide) };
  return { type: "vector", values: dense(values.values), ...wide };
}

function cellsOf(values: ColumnValues, frame: ByteWriter): Cells {
  switch (values.type) {
    case "number":
      return numberCells(values.values, frame);
    case "time":
      return timeCells(values.values, frame);
    case "text":
      return textCells([...values.values], frame);
    case "image":
      if (values.values instanceof Uint8Array) return { type: "image", pixels: values.values };
      return { type: "vector", numbers: values.values };
    case "vector":
      return { type: "vector", numbers: values.values };
    default:
      throw damaged();
  }
}

/** Rows of a source's columns, none of them sparse, as a block. */
export function rowsBlock(
  columns: readonly ColumnInfo[],
  values: readonly ColumnValues[],
  rows: number,
): ContentBlock {
  const frame = new ByteWriter();
  const cells = values.map((each, i): Cells => {
    const own = cellsOf(each, frame);
    if (!hasWide(columns[i]!)) return own;
    if (each.type === "text" || !each.wide) throw damaged();
    frame.block(wideBytes(each.values as NearNumbers, each.wide));
    return own;
  });
  return { rows, cells, frame: frame.finish() };
}

/** What a frame says of a column: which cells are there, and its numbers that are no decimals. */
interface CellsFrame {
  known: Known;
  marks: Uint8Array;
  others: Float64Array;
}

/** The same, and the bytes of the numbers that its values round; null: they round none. */
interface Framed extends CellsFrame {
  wide: Uint8Array | null;
}

function cellsFrame(info: ColumnInfo, reader: ByteReader, rows: number): CellsFrame {
  const none = { marks: new Uint8Array(), others: new Float64Array() };
  if (info.type === "image" || info.type === "vector") {
    return { known: { type: cellsType(info) as "image" | "vector" }, ...none };
  }
  const marks = unpackBytes(reader.block(), rows);
  if (marks.length !== rows) throw damaged();
  const present = marks.map((mark) =>
    (info.type === "number" ? mark < MISSING : mark === TEXT) ? 1 : 0,
  );
  const known: Known =
    info.type === "number"
      ? { type: "number", present, decimals: marks }
      : { type: "text", present };
  if (info.type === "text") return { known, marks, others: none.others };
  const raw = unpackBytes(reader.block(), 8 * rows);
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  const others = Float64Array.from({ length: Math.floor(raw.length / 8) }, (_, i) =>
    view.getFloat64(8 * i, true),
  );
  return { known, marks, others };
}

function frames(columns: readonly ColumnInfo[], frame: Uint8Array, rows: number): Framed[] {
  const reader = new ByteReader(frame);
  return columns.map((info) => ({
    ...cellsFrame(info, reader, rows),
    wide: hasWide(info) ? reader.block() : null,
  }));
}

/** A column's values from its cells, and the numbers that they round. */
function valuesOf(info: ColumnInfo, cells: Cells, framed: Framed): ColumnValues {
  const values = nearValues(info, cells, framed);
  if (framed.wide === null || info.type === "text" || info.type === "time") return values;
  const near = values.values as NearNumbers;
  const Wide = wideArrays(info.element);
  const wide = readWide(framed.wide, near, new Wide(near.length));
  return Object.assign(values, { wide });
}

function nearValues(info: ColumnInfo, cells: Cells, { marks, others }: Framed): ColumnValues {
  let next = 0;
  switch (cells.type) {
    case "number": {
      const values = cells.mantissas.map((mantissa, i) => {
        if (marks[i] === MISSING) return Number.NaN;
        if (marks[i] === AS_IT_IS) return others[next++] ?? Number.NaN;
        return mantissa / (POWERS[marks[i]!] ?? 1);
      });
      return { type: "number", values };
    }
    case "text": {
      if (info.type !== "time") return { type: "text", values: cells.texts };
      const moments = Float64Array.from(cells.texts, (text, i) => {
        if (marks[i] === MOMENT) return others[next++] ?? Number.NaN;
        return text === null ? Number.NaN : readTimeText(text);
      });
      return { type: "time", values: moments };
    }
    case "image":
      return { type: "image", values: cells.pixels };
    case "vector":
      if (info.type === "image") return { type: "image", values: cells.numbers };
      return { type: "vector", values: cells.numbers };
    default:
      return cells satisfies never;
  }
}

/** The rows of a block: a source's columns again. */
export function rowsReader(columns: readonly ColumnInfo[]): ContentReader<ColumnValues[]> {
  return {
    known: (frame, rows) => frames(columns, frame, rows).map(({ known }) => known),
    restore(frame, cells, rows) {
      const parts = frames(columns, frame, rows);
      return cells.map((each, i) => valuesOf(columns[i]!, each, parts[i]!));
    },
    checked: checkedValues,
  };
}

const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView) =>
  new Uint8Array(buffer, byteOffset, byteLength);

/** What a missing number comes back as: whose bits a NaN has is the engine's own affair. */
const NAN = Uint8Array.of(0, 0, 0, 0, 0, 0, 0xf8, 0x7f);

/** Integers of eight bytes have no value that means missing: which are there is told behind them. */
const tellsGaps = (wide: WideNumbers) => !(wide instanceof Float64Array);

/** The bytes of values, by which they are known to have come back. */
export function checkedValues(values: readonly ColumnValues[]): Uint8Array {
  const writer = new ByteWriter();
  for (const each of values) {
    if (each.type === "text") {
      for (const text of each.values) {
        if (text === null) writer.byte(0);
        else {
          writer.byte(1);
          writer.text(text);
        }
      }
    } else if (each.type === "sparse") throw damaged();
    else if (each.wide) {
      writer.raw(bytesOf(each.wide));
      if (!tellsGaps(each.wide)) continue;
      for (const value of each.values) writer.byte(Number.isNaN(value) ? 0 : 1);
    } else if (each.type === "number" || each.type === "time") {
      for (const value of each.values) {
        if (Number.isNaN(value)) writer.raw(NAN);
        else writer.float64(value);
      }
    } else writer.raw(bytesOf(each.values));
  }
  return writer.finish();
}
