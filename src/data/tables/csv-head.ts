// The first row of a delimited text file: what separates its cells, and the columns' names.
import { ElboError } from "../../base/errors.ts";
import { concatenated, isUtf8 } from "../bytes.ts";
import type { UnpackedFile } from "../unpacked.ts";

export interface CsvHead {
  /** One character of ASCII. */
  delimiter: string;
  columns: string[];
  /** Whether the first row holds names; without, it is data. */
  hasHeader: boolean;
  /** Blank lines before it. */
  blankLines: number;
}

/** No row of names is longer; what is, is no table. */
const headLimit = 1 << 24;

export function encodingError(path: string, row: number, looksLike: string): ElboError {
  return new ElboError({
    code: "csv-encoding",
    message: `${path}, row ${row}: the text is not UTF-8 (it looks like ${looksLike})`,
    hint: `save it as UTF-8, for example: iconv -f ${looksLike.split(" ")[0]} -t utf-8 ${path} > utf8.csv`,
    where: { file: path, row },
  });
}

export function nulError(path: string, row: number): ElboError {
  return new ElboError({
    code: "csv-nul",
    message: `${path}, row ${row}: there is a NUL byte, which no text file holds`,
    hint: "the file is damaged or of another format; export it again as CSV",
    where: { file: path, row },
  });
}

export function openQuoteError(path: string, row: number): ElboError {
  return new ElboError({
    code: "csv-quote",
    message: `${path}, row ${row}: a quoted cell is never closed`,
    hint: 'add the missing ", or double a " that belongs to the text',
    where: { file: path, row },
  });
}

/** Where the first row's line ends, quoted line breaks not taken for it; -1 where it does not. */
function lineEnd(bytes: Uint8Array): number {
  let quoted = false;
  for (let i = 0; i < bytes.length; i++) {
    if (bytes[i] === 0x22) quoted = !quoted;
    else if (!quoted && (bytes[i] === 0x0a || bytes[i] === 0x0d)) return i;
  }
  return -1;
}

async function firstLine(file: UnpackedFile): Promise<{ line: string; blankLines: number }> {
  const { source: path } = file;
  let blankLines = 0;
  let bytes: Uint8Array = new Uint8Array(0);
  let ended = false;
  for await (const block of file.blocks()) {
    bytes = concatenated([bytes, block]);
    if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) bytes = bytes.subarray(3);
    let blank = 0;
    while (bytes[blank] === 0x0a || bytes[blank] === 0x0d) {
      const second = bytes[blank] === 0x0a && blank > 0 && bytes[blank - 1] === 0x0d;
      if (!second) blankLines++;
      blank++;
    }
    bytes = bytes.subarray(blank);
    const end = lineEnd(bytes);
    ended = end >= 0;
    if (ended) bytes = bytes.subarray(0, end);
    if (ended || bytes.length > headLimit) break;
  }
  const [first, second] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) {
    throw encodingError(path, 1, "UTF-16");
  }
  if (bytes.includes(0)) {
    const zeros = bytes.reduce((count, byte) => count + (byte === 0 ? 1 : 0), 0);
    throw zeros * 3 > bytes.length ? encodingError(path, 1, "UTF-16") : nulError(path, 1);
  }
  if (!isUtf8(bytes)) throw encodingError(path, 1, "ISO-8859-1 or Windows-1252");
  const text = new TextDecoder().decode(bytes);
  if (text.trim() === "") {
    throw new ElboError({
      code: "data-empty",
      message: `${path} is empty`,
      hint: "give a file with a header and at least one row",
      where: { file: path },
    });
  }
  if (!ended && bytes.reduce((count, byte) => count + (byte === 0x22 ? 1 : 0), 0) % 2 === 1) {
    throw openQuoteError(path, 1);
  }
  if (bytes.length > headLimit) {
    throw new ElboError({
      code: "csv-line-long",
      message: `${path}: its first line is longer than ${headLimit} bytes`,
      hint: "check that the file is a table with line breaks",
      where: { file: path, row: 1 },
    });
  }
  return { line: text, blankLines };
}

/** The cells of one row: quoted cells lose their quotes, all lose the space around them. */
function splitRow(line: string, delimiter: string): string[] {
  const cells: string[] = [];
  let cell = "";
  let quoted = false;
  for (let i = 0; i < line.length; i++) {
    const character = line[i]!;
    if (quoted && character === '"' && line[i + 1] === '"') {
      cell += '"';
      i++;
    } else if (character === '"' && (quoted || cell === "")) quoted = !quoted;
    else if (character === delimiter && !quoted) {
      cells.push(cell.trim());
      cell = "";
    } else cell += character;
  }
  return [...cells, cell.trim()];
}

/** A comma, unless the row has none and another usual delimiter has some. */
function findDelimiter(path: string, line: string): string {
  const usual = /[^/\\]\.(tsv|tab)(\.gz)?$/i.test(path) ? "\t" : ",";
  const candidates = [usual, ",", ";", "\t", "|"];
  return candidates.find((delimiter) => splitRow(line, delimiter).length > 1) ?? usual;
}

const isNumeral = (text: string) => /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text);

/**
 * Reads a file's first row. Where all of its cells are numbers it is data, and the columns are
 * called column0, column1, ...; a column without a name gets such a one, too.
 */
export async function readCsvHead(file: UnpackedFile): Promise<CsvHead> {
  const { source: path } = file;
  const { line, blankLines } = await firstLine(file);
  const delimiter = findDelimiter(path, line);
  const cells = splitRow(line, delimiter);
  const hasHeader = !cells.every(isNumeral);
  const columns = cells.map((name, i) => (hasHeader && name !== "" ? name : `column${i}`));
  const seen = new Set<string>();
  const twice = columns.find((name) => seen.size === seen.add(name).size);
  if (twice !== undefined) {
    throw new ElboError({
      code: "csv-duplicate-column",
      message: `${path}: two columns are called ${JSON.stringify(twice)}`,
      hint: "rename one of them",
      where: { file: path, row: 1, column: twice },
    });
  }
  return { delimiter, columns, hasHeader, blankLines };
}
