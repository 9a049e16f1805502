// Tables as text: CSV and TSV (RFC 4180), JSON and NDJSON, and texts a line each, a chunk of rows at a time.
import { counted } from "../../base/words.ts";
import { knownFormat } from "../../fields/times/format.ts";
import { type Cell, cellsOf, type TableColumn, type TableValues, usageError } from "./columns.ts";
import { float32Text, float64Text } from "./numbers.ts";
import { openSink } from "./sink.ts";
import { dateText, timeText } from "./times.ts";
import type { Output } from "./writer.ts";

/** Characters of a piece that is handed on. */
const pieceLength = 1 << 16;

export type TextStyle = "csv" | "tsv" | "json" | "ndjson" | "txt";

/** The text of the rows of a chunk, one by one; `first` is the number of rows before them. */
type RowText = (values: readonly TableValues[], first: number) => (row: number) => string;

interface Style {
  head: string;
  rows: RowText;
  foot: string;
}

const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;

/** Quotes what CSV needs quoted; space at the ends too, which readers trim. */
export const csvText = (text: string, delimiter: string) =>
  /["\r\n]|^\s|\s$/.test(text) || text === "" || text.includes(delimiter) ? quoted(text) : text;

/** A number of a column, which is no infinity where the column holds times. */
function numberText({ type, format }: TableColumn): (value: number) => string {
  if (format !== undefined) return knownFormat(format).write;
  if (type === "time") return timeText;
  if (type === "date") return dateText;
  return type === "float16" || type === "float32" ? float32Text : float64Text;
}

/** How a cell of a column is written. */
export function csvCell(column: TableColumn, delimiter: string): (value: Cell) => string {
  const asText = numberText(column);
  return (value) => {
    if (value === null) return "";
    if (typeof value === "string") return csvText(value, delimiter);
    if (typeof value === "boolean" || typeof value === "bigint") return String(value);
    if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
    return column.format === undefined ? asText(value) : csvText(asText(value), delimiter);
  };
}

/**
 * Lines end in LF, as other tools expect. Missing values are empty cells, an empty string is `""`,
 * infinities are `inf` and `-inf`.
 */
function csv(columns: readonly TableColumn[], delimiter: string): Style {
  const texts = columns.map((column) => csvCell(column, delimiter));
  return {
    head: `${columns.map(({ name }) => csvText(name, delimiter)).join(delimiter)}\n`,
    rows(values) {
      const cells = columns.map((column, i) => cellsOf(column, values[i]!));
      return (row) => {
        const line = texts.map((text, i) => text(cells[i]!(row))).join(delimiter);
        // A blank line would be no row.
        return `${line === "" ? '""' : line}\n`;
      };
    },
    foot: "",
  };
}

function jsonCell(column: TableColumn): (value: Cell) => string {
  const asText = numberText(column);
  const isTime = column.type === "time" || column.type === "date";
  return (value) => {
    if (typeof value === "bigint") return String(value);
    if (typeof value !== "number") return JSON.stringify(value);
    // JSON has no infinity.
    if (!Number.isFinite(value)) return "null";
    return isTime ? JSON.stringify(asText(value)) : asText(value);
  };
}

/** A row as a JSON object; missing and infinite numbers are null. */
function jsonRows(columns: readonly TableColumn[]) {
  const keys = columns.map(({ name }) => `${JSON.stringify(name)}:`);
  const texts = columns.map(jsonCell);
  return (values: readonly TableValues[]) => {
    const cells = columns.map((column, i) => cellsOf(column, values[i]!));
    return (row: number) => `{${keys.map((key, i) => key + texts[i]!(cells[i]!(row))).join(",")}}`;
  };
}

/** One array of objects, a row a line. */
function json(columns: readonly TableColumn[]): Style {
  const objects = jsonRows(columns);
  return {
    head: "[",
    rows(values, first) {
      const text = objects(values);
      return (row) => `${first + row === 0 ? "\n" : ",\n"}${text(row)}`;
    },
    foot: "\n]\n",
  };
}

/** One object a line. */
function ndjson(columns: readonly TableColumn[]): Style {
  const objects = jsonRows(columns);
  return {
    head: "",
    rows(values) {
      const text = objects(values);
      return (row) => `${text(row)}\n`;
    },
    foot: "",
  };
}

/** The one column's texts, a line each; a missing one is a blank line. */
function txt(columns: readonly TableColumn[]): Style {
  const [column] = columns;
  const elsewhere = "write .csv or .json";
  if (columns.length !== 1 || column!.type !== "text") {
    const { name, type } = columns.find(({ type }) => type !== "text") ?? columns[1]!;
    throw usageError(
      "format-text",
      `a .txt file holds one column of texts, received ${counted(columns.length, "column")} with ${name} (${type})`,
      elsewhere,
    );
  }
  return {
    head: "",
    rows(values) {
      const cell = cellsOf(column!, values[0]!);
      return (row) => {
        const text = (cell(row) ?? "") as string;
        if (!/[\r\n]/.test(text)) return `${text}\n`;
        throw usageError(
          "column-values",
          `a .txt file holds a text in each line, received ${JSON.stringify(text)}`,
          elsewhere,
        );
      };
    },
    foot: "",
  };
}

const styles: Record<TextStyle, (columns: readonly TableColumn[]) => Style> = {
  csv: (columns) => csv(columns, ","),
  tsv: (columns) => csv(columns, "\t"),
  json,
  ndjson,
  txt,
};

export async function textTable(
  path: string,
  columns: readonly TableColumn[],
  style: TextStyle,
  gzipped: boolean,
): Promise<Output<[readonly TableValues[], number]>> {
  const { head, rows: rowText, foot } = styles[style](columns);
  const sink = await openSink(path, gzipped);
  let written = 0;
  let begun = false;
  const begin = async () => {
    if (!begun) await sink.write(head);
    begun = true;
  };
  return {
    async write(values, rows) {
      await begin();
      const text = rowText(values, written);
      let piece = "";
      for (let row = 0; row < rows; row++) {
        piece += text(row);
        if (piece.length < pieceLength) continue;
        await sink.write(piece);
        piece = "";
      }
      await sink.write(piece);
      written += rows;
    },
    async close() {
      await begin();
      await sink.write(foot);
      await sink.close();
    },
    abort: () => sink.abort(),
  };
}
