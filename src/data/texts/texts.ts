// Text files as sources of data: one text a line, or windows of a running text. Also gzip.

import { ElboError } from "../../base/errors.ts";
import { grouped } from "../../base/words.ts";
import type { Chunk, ColumnInfo, ColumnValues } from "../../fields/columns.ts";
import { concatenated, isUtf8 } from "../bytes.ts";
import { columnPlaces } from "../chunking.ts";
import type { DataSource } from "../source.ts";
import type { UnpackedFile } from "../unpacked.ts";

const newline = 0x0a;
const rowsAtOnce = 4096;
/** A longer line is no text that a network reads, and a sign that `window` is wanted. */
const longestLine = 1 << 24;

export interface TextOptions {
  /** Cuts a running text in windows of so many characters (code points). Default: lines. */
  window?: number;
}

function notUtf8(path: string, row: number): ElboError {
  return new ElboError({
    code: "text-encoding",
    message: `${path}, row ${row} is not UTF-8`,
    hint: "save it as UTF-8 (from Latin-1: iconv -f latin1 -t utf-8 FILE)",
    where: { file: path, row },
  });
}

function withoutEnd(bytes: Uint8Array): Uint8Array {
  return bytes[bytes.length - 1] === 0x0d ? bytes.subarray(0, -1) : bytes;
}

function withoutMark(bytes: Uint8Array): Uint8Array {
  const marked = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  return marked ? bytes.subarray(3) : bytes;
}

/** The lines of a file, the empty ones too, without their line breaks or a byte-order mark. */
async function* lines(file: UnpackedFile): AsyncGenerator<string> {
  const { source: path } = file;
  // A marked line that is not the first keeps its mark.
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  let pieces: Uint8Array[] = [];
  let held = 0;
  let row = 0;
  const take = (last: Uint8Array): string => {
    const whole = concatenated([...pieces, last]);
    pieces = [];
    held = 0;
    row++;
    const bytes = withoutEnd(row === 1 ? withoutMark(whole) : whole);
    if (!isUtf8(bytes)) throw notUtf8(path, row);
    return decoder.decode(bytes);
  };
  for await (const block of file.blocks()) {
    let from = 0;
    for (let end = block.indexOf(newline); end >= 0; end = block.indexOf(newline, from)) {
      yield take(block.subarray(from, end));
      from = end + 1;
    }
    if (from === block.length) continue;
    pieces.push(block.slice(from));
    held += block.length - from;
    if (held > longestLine) {
      throw new ElboError({
        code: "text-line-long",
        message: `${path}, row ${row + 1} is longer than ${grouped(longestLine)} bytes`,
        hint: "give --window N to cut a running text in windows of N characters",
        where: { file: path, row: row + 1 },
      });
    }
  }
  if (held > 0) yield take(new Uint8Array(0));
}

interface Text {
  text: string;
  /** Where it starts in the running text, in characters from 0. */
  position: number;
}

async function* lineTexts(file: UnpackedFile): AsyncGenerator<Text> {
  for await (const text of lines(file)) if (text !== "") yield { text, position: 0 };
}

/** Blocks of characters of the running text; every line ends in one line feed. */
async function* windowTexts(file: UnpackedFile, window: number): AsyncGenerator<Text> {
  let rest = "";
  let position = 0;
  for await (const block of textBlocks(file)) {
    const characters = Array.from(rest + block);
    let start = 0;
    for (; start + window <= characters.length; start += window) {
      yield { text: characters.slice(start, start + window).join(""), position };
      position += window;
    }
    rest = characters.slice(start).join("");
  }
  if (rest !== "") yield { text: rest, position };
}

/** The running text in pieces that end between characters: CRLF as LF, no byte-order mark. */
async function* textBlocks(file: UnpackedFile): AsyncGenerator<string> {
  const { source: path } = file;
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let row = 1;
  let held = "";
  const decode = (block?: Uint8Array): string => {
    try {
      return block === undefined ? decoder.decode() : decoder.decode(block, { stream: true });
    } catch {
      throw notUtf8(path, row);
    }
  };
  for await (const block of file.blocks()) {
    // A line at a time where it fails, so that the error names the row.
    let text = "";
    for (let from = 0; from < block.length; ) {
      const end = block.indexOf(newline, from);
      const next = end < 0 ? block.length : end + 1;
      text += decode(block.subarray(from, next));
      if (end >= 0) row++;
      from = next;
    }
    text = held + text;
    held = text.endsWith("\r") ? "\r" : "";
    yield text.slice(0, text.length - held.length).replaceAll("\r\n", "\n");
  }
  yield held + decode();
}

async function* textChunks(
  texts: AsyncIterable<Text>,
  columns: readonly ColumnInfo[],
): AsyncGenerator<Chunk> {
  let part: Text[] = [];
  const chunk = (): Chunk => ({
    rows: part.length,
    columns: columns.map(
      ({ type }): ColumnValues =>
        type === "text"
          ? { type: "text", values: part.map(({ text }) => text) }
          : { type: "number", values: Float64Array.from(part, ({ position }) => position) },
    ),
  });
  let characters = 0;
  for await (const text of texts) {
    part.push(text);
    characters += text.text.length;
    if (part.length < rowsAtOnce && characters < 1 << 22) continue;
    yield chunk();
    part = [];
    characters = 0;
  }
  if (part.length > 0) yield chunk();
}

/**
 * Opens a text file (also gzip, UTF-8): a text column `text` of its lines, empty ones skipped. With
 * `window` a running text is cut in windows of so many characters, line breaks included and the
 * last one shorter, and the number column `position` says where each starts (from 0). Read once to
 * check and count. Throws `text-encoding`, `text-line-long`, `data-empty`, `option-value`.
 */
export async function textSource(
  file: UnpackedFile,
  options: TextOptions = {},
): Promise<DataSource> {
  const { source: path } = file;
  const { window } = options;
  if (window !== undefined && !(Number.isInteger(window) && window >= 1 && window <= 1 << 20)) {
    throw new ElboError({
      code: "option-value",
      kind: "usage",
      message: `window must be a whole number of 1 to ${1 << 20} characters, received ${window}`,
      hint: "for example --window 128",
    });
  }
  const texts = () => (window === undefined ? lineTexts(file) : windowTexts(file, window));
  let rows = 0;
  for await (const _ of texts()) rows++;
  if (rows === 0) {
    throw new ElboError({
      code: "data-empty",
      message: `${path} holds no text`,
      hint: "give a file with at least one line that is not empty",
      where: { file: path },
    });
  }
  const columns: ColumnInfo[] = [
    { name: "text", type: "text" },
    ...(window === undefined ? [] : [{ name: "position", type: "number", role: "id" } as const]),
  ];
  return {
    source: path,
    rows,
    columns,
    notes: [],
    chunks: (names) =>
      textChunks(
        texts(),
        columnPlaces(columns, names, path).map((place) => columns[place]!),
      ),
    exact: () => ({
      columns,
      chunks: () => textChunks(texts(), columns),
      async lost() {
        let blank = 0;
        if (window === undefined)
          for await (const line of lines(file)) blank += line === "" ? 1 : 0;
        return blank > 0 ? [`lines that are empty (${grouped(blank)})`] : [];
      },
    }),
  };
}
