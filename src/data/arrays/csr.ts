// Sparse rows: entries that come in any order, as compressed rows.
import { ElboError } from "../../base/errors.ts";
import { allocate } from "../../base/read-part.ts";
import type { ColumnValues } from "../../fields/columns.ts";

/** Row i holds `values[starts[i]]` to `values[starts[i + 1] − 1]`, at `indices`, ascending. */
export interface SparseRows {
  rows: number;
  starts: Uint32Array;
  indices: Int32Array;
  /** float64 where they were asked for as they stand. */
  values: Float32Array | Float64Array;
  /** Whether entries were summed. */
  summed: boolean;
}

/** Takes entries twice: counted first, so that no memory is taken on trust, then placed. */
export interface SparseBuilder {
  count(row: number): void;
  /** Between the two passes. */
  allocate(): void;
  place(row: number, column: number, value: number): void;
  finish(): SparseRows;
}

/**
 * Entries at the same place are summed.
 * @param path for messages.
 * @param wide whether values are float64.
 */
export function sparseBuilder(rows: number, path: string, wide = false): SparseBuilder {
  const starts = new Uint32Array(allocate(4 * (rows + 1), path).buffer);
  let indices = new Int32Array(0);
  const Numbers = wide ? Float64Array : Float32Array;
  let values: SparseRows["values"] = new Numbers(0);
  let summed = false;

  /** Sorts a row by column and sums what lies at one place; returns where the row now ends. */
  function settle(from: number, end: number, to: number): number {
    let ascending = true;
    for (let i = from + 1; i < end; i++) {
      if (indices[i]! <= indices[i - 1]!) ascending = false;
    }
    if (ascending) {
      if (to !== from) {
        indices.copyWithin(to, from, end);
        values.copyWithin(to, from, end);
      }
      return to + end - from;
    }
    const order = Array.from({ length: end - from }, (_, i) => from + i).sort(
      (a, b) => indices[a]! - indices[b]! || a - b,
    );
    const columns = order.map((i) => indices[i]!);
    const sorted = order.map((i) => values[i]!);
    let last = to - 1;
    for (let i = 0; i < columns.length; i++) {
      if (last >= to && indices[last] === columns[i]) {
        values[last]! += sorted[i]!;
        summed ||= sorted[i] !== 0;
      } else {
        last++;
        indices[last] = columns[i]!;
        values[last] = sorted[i]!;
      }
    }
    return last + 1;
  }

  return {
    count(row) {
      starts[row]!++;
    },
    allocate() {
      let total = 0;
      for (let row = 0; row <= rows; row++) {
        const count = starts[row]!;
        starts[row] = total;
        total += count;
      }
      if (total >= 2 ** 31) {
        throw new ElboError({
          code: "memory-short",
          message: `${path} holds ${total} entries; fewer than 2,147,483,648 are held at once`,
          hint: "split the matrix by rows",
          where: { file: path },
        });
      }
      indices = new Int32Array(allocate(4 * total, path).buffer);
      const bytes = allocate(Numbers.BYTES_PER_ELEMENT * total, path);
      values = new Numbers(bytes.buffer as ArrayBuffer);
    },
    place(row, column, value) {
      const at = starts[row]!++;
      indices[at] = column;
      values[at] = value;
    },
    finish() {
      // Placing moved every start to its row's end.
      let from = 0;
      let to = 0;
      for (let row = 0; row < rows; row++) {
        const end = starts[row]!;
        starts[row] = to;
        to = settle(from, end, to);
        from = end;
      }
      starts[rows] = to;
      const own = { indices: indices.subarray(0, to), values: values.subarray(0, to) };
      return { rows, starts, ...own, summed };
    },
  };
}

/** Rows `start` to `end` as a column's values, in memory of their own. */
export function sparseChunk(sparse: SparseRows, start: number, end: number): ColumnValues {
  const first = sparse.starts[start]!;
  const last = sparse.starts[end]!;
  const offsets = Int32Array.from(sparse.starts.subarray(start, end + 1), (at) => at - first);
  const indices = sparse.indices.slice(first, last);
  const values = sparse.values.slice(first, last);
  if (values instanceof Float32Array) return { type: "sparse", offsets, indices, values };
  return { type: "sparse", offsets, indices, values: Float32Array.from(values), wide: values };
}
