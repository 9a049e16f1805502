// The compiled WebAssembly module that finds cells. Its functions take raw addresses and trust them;
// finder.ts is the checked face.
import { compiledOnce } from "../../../base/wasm.ts";
import { cellsBinary } from "./binary.ts";

export interface CellsExports {
  heapBase(): number;
  find(
    input: number,
    from: number,
    to: number,
    isLast: boolean,
    wasReturn: boolean,
    delimiter: number,
    width: number,
    mostRows: number,
    rowLimit: number,
    isTrimmed: boolean,
    offset: number,
    starts: number,
    ends: number,
    doubled: number,
  ): number;
  rowsFound(): number;
  nextStart(): number;
  cellsReceived(): number;
  isBeyondAscii(): number;
  isAfterReturn(): number;
  tableBytes(most: number): number;
  openTable(table: number, most: number): void;
  tableSize(table: number): number;
  cellStart(table: number, code: number): number;
  codeCells(
    table: number,
    bytes: number,
    starts: number,
    ends: number,
    doubled: number,
    codes: number,
    first: number,
    end: number,
    step: number,
  ): number;
  readCells(
    bytes: number,
    starts: number,
    ends: number,
    numbers: number,
    first: number,
    end: number,
    step: number,
  ): void;
  readCodes(table: number, first: number, numbers: number): void;
}

const compiled = compiledOnce(cellsBinary);

/** The module in a memory of its own, compiled at first use and kept. */
export function instantiateCells(memory: WebAssembly.Memory): CellsExports {
  const { exports } = new WebAssembly.Instance(compiled(), { env: { memory } });
  return exports as unknown as CellsExports;
}
