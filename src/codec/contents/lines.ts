// A file of lines, each a text, whose bytes come back.
import { damaged } from "../ans/coder.ts";
import type { ContentBlock, ContentReader } from "./content.ts";

/** How lines end in a block, and whether its last line does. */
const [LF, CRLF] = [0, 1];

/** Where the lines of a file end, its last one with it. */
function* lineEnds(bytes: Uint8Array): Generator<number> {
  for (let at = bytes.indexOf(0x0a); at >= 0; at = bytes.indexOf(0x0a, at + 1)) yield at + 1;
  if (bytes.length > 0 && bytes.at(-1) !== 0x0a) yield bytes.length;
}

/** A file cut into blocks of so many lines. */
export function* cutAtLines(bytes: Uint8Array, lines: number): Generator<Uint8Array> {
  let [start, count, end] = [0, 0, 0];
  for (end of lineEnds(bytes)) {
    if (++count < lines) continue;
    yield bytes.subarray(start, end);
    [start, count] = [end, 0];
  }
  if (start < end) yield bytes.subarray(start, end);
}

/** Whole lines as a block; null where they are not UTF-8. */
export function linesBlock(bytes: Uint8Array): ContentBlock | null {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
  const ended = text.endsWith("\n");
  const lines = (ended ? text.slice(0, -1) : text).split("\n");
  const closed = ended ? lines : lines.slice(0, -1);
  const carriage = closed.length > 0 && closed.every((line) => line.endsWith("\r"));
  const texts = carriage
    ? lines.map((line, i) => (i < closed.length ? line.slice(0, -1) : line))
    : lines;
  const frame = Uint8Array.of(carriage ? CRLF : LF, ended ? 1 : 0);
  return { rows: texts.length, cells: [{ type: "text", texts }], frame };
}

export const linesReader: ContentReader<Uint8Array> = {
  known: (_, rows) => [{ type: "text", present: new Uint8Array(rows).fill(1) }],
  restore(frame, [cells], rows) {
    if (cells?.type !== "text" || frame.length !== 2) throw damaged();
    const end = frame[0] === CRLF ? "\r\n" : "\n";
    const text = cells.texts.map((line, i) => (i + 1 < rows || frame[1] ? `${line}${end}` : line));
    return new TextEncoder().encode(text.join(""));
  },
  checked: (bytes) => bytes,
};
