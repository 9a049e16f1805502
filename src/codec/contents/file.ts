// A file in memory as what is compressed, byte for byte. What it is, others have found out.

import { elementBytes } from "../../data/arrays/elements.ts";
import { base64Of } from "../base64.ts";
import { plainBytes } from "../bytes.ts";
import type { CellKind } from "../delimited/parts.ts";
import { cutAtRows, type TableBeginning } from "../delimited/rows.ts";
import { type ArrayElement, arrayBlock } from "./array.ts";
import type { CodedBlock, CodedContent } from "./content.ts";
import { delimitedBlock } from "./delimited.ts";
import { cutAtLines, linesBlock } from "./lines.ts";

/** What a file is, and whose columns it has: those of the model's fields of the same name are coded by it. */
export type FileContent =
  /** Cells between delimiters, under a header or without one; numbers are cells that numbers are written in. */
  | {
      kind: "delimited";
      delimiter: string;
      header: boolean;
      columns: readonly { name: string; type: CellKind }[];
    }
  /**
   * `size` elements a row, behind a header of `head` bytes: IDX and npy files of images or vectors. Elements
   * have NumPy's names; those whose high byte comes first are `swapped`. Bytes are pixels of an image.
   */
  | {
      kind: "array";
      name: string;
      head: number;
      element: ArrayElement;
      size: number;
      swapped?: true;
      /** Bytes that are numbers, and no pixels. */
      vector?: true;
    }
  /** A text a line, of one text field. UTF-8. */
  | { kind: "lines"; name: string }
  /** Anything, without a model. */
  | { kind: "bytes" };

/** Blocks of bytes that no model is asked about. */
const BYTES = 1 << 20;

export function fileContent(given: Uint8Array, file: FileContent): CodedContent {
  const bytes = plainBytes(given);
  switch (file.kind) {
    case "delimited": {
      const { delimiter, header, columns } = file;
      const kinds = new Map(columns.map(({ name, type }) => [name, type]));
      return {
        content: { kind: "delimited", delimiter },
        columns: columns.map(({ name, type }) => ({ name, type })),
        *blocks(rows) {
          let beginning: TableBeginning = header ? "header" : "rows";
          for (const original of cutAtRows(bytes, delimiter, columns.length, rows, beginning)) {
            yield { block: delimitedBlock(original, kinds, delimiter, beginning), original };
            beginning = "continued";
          }
        },
      };
    }
    case "array":
      return arrayContent(bytes, file);
    case "lines":
      return {
        content: { kind: "lines" },
        columns: [{ name: file.name, type: "text" }],
        *blocks(rows) {
          for (const original of cutAtLines(bytes, rows)) {
            yield { block: linesBlock(original)!, original };
          }
        },
      };
    case "bytes":
      return { content: { kind: "bytes" }, columns: [], blocks: () => byteBlocks(bytes) };
    default:
      return file satisfies never;
  }
}

function arrayContent(
  bytes: Uint8Array,
  { name, head, element, size, swapped, vector }: Extract<FileContent, { kind: "array" }>,
): CodedContent {
  const width = elementBytes(element) * size;
  const count = (bytes.length - head) / width;
  const image = element === "u1" && !vector;
  const layout = { element, ...(swapped ? { swapped } : {}) };
  const file = { head: bytes.subarray(0, head), ...layout, size, image };
  return {
    content: { kind: "array", head: base64Of(file.head), ...layout },
    columns: [{ name, type: image ? "image" : "vector", size }],
    *blocks(rows) {
      for (let from = 0; from < count; from += rows) {
        const to = Math.min(from + rows, count);
        const original = bytes.subarray(head + from * width, head + to * width);
        yield { block: arrayBlock(bytes, file, from, to), original };
      }
    },
  };
}

function* byteBlocks(bytes: Uint8Array): Generator<CodedBlock> {
  for (let at = 0; at < bytes.length; at += BYTES) {
    const original = bytes.subarray(at, at + BYTES);
    yield { block: { rows: original.length, cells: [], frame: new Uint8Array() }, original };
  }
}
