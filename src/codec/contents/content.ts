// What is compressed, as blocks of rows with what stands around their cells, and put together again.
import type { Cells, Known } from "../cells/cells.ts";
import type { CodedColumn } from "../columns.ts";
import type { Content } from "../header.ts";

/** Some rows of what is compressed. */
export interface ContentBlock {
  rows: number;
  /** In the order of the archive's columns. */
  cells: Cells[];
  /** All that cells do not say: how they are written, and what stands between them. */
  frame: Uint8Array;
}

/** How the blocks of one kind of content are read back. */
export interface ContentReader<Piece> {
  /** What a frame says of its block's cells before they are decoded. */
  known(frame: Uint8Array, rows: number): Known[];
  /** The block as it was. */
  restore(frame: Uint8Array, cells: readonly Cells[], rows: number): Piece;
  /** The bytes that a piece's checksum is of. */
  checked(piece: Piece): Uint8Array;
}

/** A block, and the bytes that decoding must give again, which a checksum tells. */
export interface CodedBlock {
  block: ContentBlock;
  original: Uint8Array;
}

/** What is compressed, as often as it is asked for. */
export interface CodedContent {
  content: Content;
  columns: CodedColumn[];
  blocks(rowsPerBlock: number): AsyncIterable<CodedBlock> | Iterable<CodedBlock>;
}
