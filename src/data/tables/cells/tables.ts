// The different cells of a file's columns, by their bytes: what comes again is looked up, not read again.
// WebAssembly keeps them (./assembly/codes.ts).
import { growTo } from "../../../base/wasm.ts";
import type { ScannedRows } from "../csv-columns.ts";
import { type CellsExports, instantiateCells } from "./module.ts";

/** Codes are whole numbers of 16 bits. */
const mostKept = 1 << 12;
/** Fewer are not worth looking for. */
const fewestKept = 1 << 6;
/** Of all columns together: some 10 MB where there are so many. */
const mostInAll = 1 << 18;

/** How many different cells of each of `columns` are kept: a power of two, or none. */
function keptOf(columns: number): number {
  const kept = Math.min(mostKept, 2 ** Math.floor(Math.log2(mostInAll / columns)));
  return kept < fewestKept ? 0 : kept;
}

/** Bytes behind a cell that may be read. */
const padding = 8;

export class CellTables {
  readonly #memory: WebAssembly.Memory;
  readonly #module: CellsExports;
  readonly #tables: readonly number[];
  /** Bytes from here on are those of a call. */
  readonly #rest: number;

  /** One empty table for each column; where there are very many columns, none of any. */
  constructor(columns: number) {
    this.#memory = new WebAssembly.Memory({ initial: 1 });
    this.#module = instantiateCells(this.#memory);
    const most = keptOf(columns);
    const count = most === 0 ? 0 : columns;
    const bytes = Math.ceil(this.#module.tableBytes(most) / 4) * 4;
    const base = this.#module.heapBase();
    this.#rest = base + count * bytes;
    growTo(this.#memory, this.#rest);
    this.#tables = Array.from({ length: count }, (_, i) => base + i * bytes);
    for (const table of this.#tables) this.#module.openTable(table, most);
  }

  /**
   * Codes the cells of some columns of a scan: a code is the place of a cell among the different ones of its column
   * in order of appearance. One that is long, holds doubled quotes, or that there is no room for has none, nor have
   * all that follow where most cells come once.
   * @param order where the file has each column, of `order.length`.
   * @param wanted the columns to code.
   */
  code(scanned: ScannedRows, order: readonly number[], wanted: readonly number[]): void {
    if (this.#tables.length === 0) return;
    const { bytes, places, first } = scanned;
    const width = order.length;
    const cells = places.rows * width;
    const rows = places.rows - first;
    const atNumbers = Math.ceil(this.#rest / 8) * 8;
    const atStarts = atNumbers + 8 * rows * wanted.length;
    const atEnds = atStarts + 4 * cells;
    const atCodes = atEnds + 4 * cells;
    const atDoubled = atCodes + 2 * rows * wanted.length;
    const atBytes = atDoubled + cells;
    growTo(this.#memory, atBytes + bytes.length + padding);
    const { buffer } = this.#memory;
    new Int32Array(buffer, atStarts, cells).set(places.starts.subarray(0, cells));
    new Int32Array(buffer, atEnds, cells).set(places.ends.subarray(0, cells));
    new Uint8Array(buffer, atDoubled, cells).set(places.doubled.subarray(0, cells));
    new Uint8Array(buffer, atBytes, bytes.length).set(bytes);
    const at = [atBytes, atStarts, atEnds] as const;
    let read = 0;
    const found = wanted.map((i, k) => {
      const table = this.#tables[i]!;
      const column = order[i]!;
      const own = [first * width + column, cells, width] as const;
      const before = this.#module.tableSize(table);
      const codes = atCodes + 2 * rows * k;
      const without = this.#module.codeCells(table, ...at, atDoubled, codes, ...own);
      const size = this.#module.tableSize(table);
      const isNew = without > 0 || size > before;
      if (isNew) this.#module.readCells(...at, atNumbers + 8 * rows * read, ...own);
      return { column, without, size, numbers: isNew ? read++ : -1 };
    });
    // Of all columns at once: arrays are dear where there are many of few rows.
    const codes = new Int16Array(buffer, atCodes, rows * wanted.length).slice();
    const numbers = new Float64Array(buffer, atNumbers, rows * read).slice();
    for (const [k, { column, without, size, numbers: place }] of found.entries()) {
      scanned.cells[column] = {
        codes: codes.subarray(k * rows, (k + 1) * rows),
        without,
        size,
        numbers: place < 0 ? null : numbers.subarray(place * rows, (place + 1) * rows),
      };
    }
  }

  /** How many different cells of a column are kept. */
  size(column: number): number {
    const table = this.#tables[column];
    return table === undefined ? 0 : this.#module.tableSize(table);
  }

  /** The numbers of a column's cells from a code on; NaN where that is for JavaScript to say. */
  numbers(column: number, from: number): Float64Array {
    const table = this.#tables[column];
    const count = this.size(column) - from;
    if (table === undefined || count === 0) return new Float64Array(0);
    const at = Math.ceil(this.#rest / 8) * 8;
    growTo(this.#memory, at + 8 * count);
    this.#module.readCodes(table, from, at);
    return new Float64Array(this.#memory.buffer, at, count).slice();
  }

  /** The bytes of a cell that is kept. */
  bytes(column: number, code: number): Uint8Array {
    const [start, end] = [code, code + 1].map((each) =>
      this.#module.cellStart(this.#tables[column]!, each),
    );
    return new Uint8Array(this.#memory.buffer).slice(start, end);
  }
}
