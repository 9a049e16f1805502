// What codes the cells of a block of rows; one block at once.
import type { Cells, Known } from "./cells/cells.ts";

export interface CellCodec {
  encode(cells: readonly Cells[], rows: number): Uint8Array;
  /** @throws ElboError `archive-damaged`. */
  decode(bytes: Uint8Array, known: readonly Known[], rows: number): Cells[];
}
