// Tables as text: CSV (RFC 4180), JSON and NDJSON, made piece by piece so that a million rows
// never stand in memory as one string.
import type { TypedColumn } from "./columns.ts";
import { float32Text, float64Text } from "./numbers.ts";

/** Characters of a piece. */
const pieceLength = 1 << 16;

/** Joins rows to pieces of a useful size. */
function* pieces(rows: number, rowText: (row: number) => string): Generator<string> {
  let piece = "";
  for (let row = 0; row < rows; row++) {
    piece += rowText(row);
    if (piece.length < pieceLength) continue;
    yield piece;
    piece = "";
  }
  if (piece !== "") yield piece;
}

function numberText({ kind }: TypedColumn): (value: number) => string {
  return kind === "float32" ? float32Text : float64Text;
}

const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;

/** Quotes what CSV needs quoted; space at the ends too, which readers trim. */
const csvText = (text: string) =>
  /[",\r\n]|^\s|\s$/.test(text) || text === "" ? quoted(text) : text;

function csvCell(column: TypedColumn): (row: number) => string {
  const asText = numberText(column);
  return (row) => {
    const value = column.at(row);
    if (value === null) return "";
    if (typeof value === "string") return csvText(value);
    if (typeof value === "boolean") return String(value);
    return Number.isFinite(value) ? asText(value) : value > 0 ? "inf" : "-inf";
  };
}

/**
 * Lines end in LF, as other tools expect. Missing values are empty cells, an empty string is `""`,
 * infinities are `inf` and `-inf`.
 */
export function* csvPieces(columns: readonly TypedColumn[]): Generator<string> {
  const cells = columns.map(csvCell);
  yield `${columns.map(({ name }) => csvText(name)).join(",")}\n`;
  yield* pieces(columns[0]!.rows, (row) => {
    const line = cells.map((cell) => cell(row)).join(",");
    // A blank line would be no row.
    return `${line === "" ? '""' : line}\n`;
  });
}

/** A row as a JSON object; missing and infinite numbers, which JSON has not, are null. */
function jsonRow(columns: readonly TypedColumn[]): (row: number) => string {
  const cells = columns.map((column) => {
    const key = `${JSON.stringify(column.name)}:`;
    const asText = numberText(column);
    return (row: number) => {
      const value = column.at(row);
      const isNumber = typeof value === "number" && Number.isFinite(value);
      if (isNumber) return key + asText(value);
      return key + (typeof value === "number" ? "null" : JSON.stringify(value));
    };
  });
  return (row) => `{${cells.map((cell) => cell(row)).join(",")}}`;
}

/** One array of objects, a row a line. */
export function* jsonPieces(columns: readonly TypedColumn[]): Generator<string> {
  const text = jsonRow(columns);
  yield "[";
  yield* pieces(columns[0]!.rows, (row) => `${row === 0 ? "\n" : ",\n"}${text(row)}`);
  yield "\n]\n";
}

/** One object a line. */
export function ndjsonPieces(columns: readonly TypedColumn[]): Generator<string> {
  const text = jsonRow(columns);
  return pieces(columns[0]!.rows, (row) => `${text(row)}\n`);
}
