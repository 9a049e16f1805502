// The matrices of AnnData files, dense or compressed by rows or columns, in chunks of rows.
import type { Dataset } from "h5wasm/node";
import { ElboError } from "../../base/errors.ts";
import {
  type ColumnInfo,
  type ColumnValues,
  type Element,
  isLong,
  isRounded,
} from "../../fields/columns.ts";
import { arrayConverter } from "../arrays/array-column.ts";
import { type SparseRows, sparseBuilder, sparseChunk } from "../arrays/csr.ts";
import { exactValues } from "../arrays/exact-values.ts";
import { chunkRows } from "../chunking.ts";
import { badHdf5, elementOf, type Hdf5File, isNumeric, type Numbers } from "./hdf5.ts";

export interface MatrixPart {
  /** The first row, from 0, and how many. */
  start: number;
  rows: number;
  values: ColumnValues;
}

export interface Matrix {
  rows: number;
  columns: number;
  sparse: boolean;
  element: Element;
  /** What rows do not say of it, each in words that go on "the matrix has". */
  lost(file: Hdf5File): string[];
  /** In order, from an open file; as they stand where the column names its element. */
  parts(file: Hdf5File, info: ColumnInfo): Iterable<MatrixPart>;
}

/** The most that is read at once where the file's own blocks are large. */
const slabBytes = 32 << 20;
/** Entries of a sparse matrix read at once. */
const entriesAtOnce = 1 << 19;

/** @throws ElboError `h5ad-type` for numbers of a type that is not read. */
function elementAt(file: Hdf5File, place: string, dataset: Dataset): Element {
  if (isNumeric(dataset)) return elementOf(dataset);
  throw new ElboError({
    code: "h5ad-type",
    message: `${file.path}: ${place} holds numbers of a type that is not read; integers, float32, float64 and booleans are, halves are not`,
    hint: "write it again with numbers of another type, for example adata.X.astype('float32')",
    where: { file: file.path },
  });
}

function dense(file: Hdf5File, place: string, dataset: Dataset): Matrix {
  const [rows, columns, ...more] = dataset.shape ?? [];
  if (rows === undefined || columns === undefined || more.length > 0) {
    throw badHdf5(file.path, `${place} does not have two dimensions`);
  }
  return {
    rows,
    columns,
    sparse: false,
    element: elementAt(file, place, dataset),
    lost: () => [],
    *parts(open, info) {
      const source = open.dataset(place);
      const exact = "element" in info;
      const converter = arrayConverter(open.path, info, elementOf(source));
      const some = chunkRows(4 * columns);
      // A block of the file is unpacked for every slice that touches it: take it whole.
      const block = source.metadata.chunks?.[0] ?? 1;
      const whole = Math.ceil(some / block) * block;
      const slab = whole * columns * source.metadata.size <= slabBytes ? whole : some;
      for (let from = 0; from < rows; from += slab) {
        const end = Math.min(rows, from + slab);
        const values = exact ? open.stored(source, from, end) : open.numbers(source, from, end);
        for (let start = from; start < end; start += some) {
          const count = Math.min(some, end - start);
          const part = values.slice((start - from) * columns, (start - from + count) * columns);
          const given = exact ? exactValues(info, part) : converter.convert(part as Numbers, start);
          yield { start, rows: count, values: given };
        }
      }
    },
  };
}

interface Compressed {
  /** Entries of line i are from `pointers[i]` to `pointers[i + 1]`. */
  pointers: Numbers;
  indices: Dataset;
  data: Dataset;
}

function compressed(file: Hdf5File, place: string, lines: number): Compressed {
  const indices = file.dataset(`${place}/indices`);
  const data = file.dataset(`${place}/data`);
  const pointerSet = file.dataset(`${place}/indptr`);
  const [entries] = data.shape ?? [];
  const wrong = (what: string) => badHdf5(file.path, `${place} is no sparse matrix: ${what}`);
  if (entries === undefined || indices.shape?.[0] !== entries) {
    throw wrong("its data and indices differ in number");
  }
  if (pointerSet.shape?.[0] !== lines + 1) throw wrong(`its indptr is not ${lines + 1} long`);
  const pointers = file.numbers(pointerSet, 0, lines + 1);
  const ascending = pointers.every((at, i) => i === 0 || at >= pointers[i - 1]!);
  if (!ascending || pointers[0] !== 0 || pointers[lines] !== entries) {
    throw wrong(`its indptr does not rise from 0 to ${entries}`);
  }
  return { pointers, indices, data };
}

/** Refuses an index that no column (or row) has. */
function checkIndices(file: Hdf5File, place: string, indices: Numbers, size: number): void {
  const bad = indices.find((index) => !(index >= 0 && index < size));
  if (bad !== undefined) throw badHdf5(file.path, `${place} holds the index ${bad} of ${size}`);
}

/** Values that are not asked for as they stand must be finite or missing. */
function checkValues(
  file: Hdf5File,
  values: Numbers,
  info: ColumnInfo,
  placeOf: (entry: number) => [row: number, column: number],
): void {
  if ("element" in info) return;
  const bad = values.findIndex(
    (value) => !Number.isFinite(Math.fround(value)) && !Number.isNaN(value),
  );
  if (bad < 0) return;
  const [row, column] = placeOf(bad);
  const one: ColumnInfo = { ...info, name: `${info.name}[${column}]`, type: "number" };
  arrayConverter(file.path, one, "f8").convert(Float64Array.of(Math.fround(values[bad]!)), row);
}

/** Zeros that stand in a file are what is between entries, but for those with a sign. */
const isOmitted = (value: number, exact: boolean) =>
  value === 0 && !(exact && Object.is(value, -0));

/** Whether a column's sparse rows are asked for as they stand, and are other than float32. */
const isWide = (info: ColumnInfo) =>
  info.type === "vector" && info.element !== undefined && isRounded(info, info.element);

/** Sparse values are held as float64; those of integers of eight bytes are given as such. */
function stored(info: ColumnInfo, values: ColumnValues): ColumnValues {
  if (info.type !== "vector" || values.type !== "sparse" || !values.wide) return values;
  const { wide } = values;
  if (!(wide instanceof Float64Array)) return values;
  if (info.element === "i8") return { ...values, wide: BigInt64Array.from(wide, BigInt) };
  return info.element === "u8" ? { ...values, wide: BigUint64Array.from(wide, BigInt) } : values;
}

/** Lines that follow each other, as many as have so many entries together; one has more at times. */
function* lineBatches(pointers: Numbers, lines: number, most: number) {
  for (let start = 0; start < lines; ) {
    const first = pointers[start]!;
    let end = start + 1;
    while (end < lines && end - start < most && pointers[end + 1]! - first <= entriesAtOnce) end++;
    yield { start, end, first, last: pointers[end]! };
    start = end;
  }
}

/** Whether a line has two entries at one place. */
function hasTwice(places: Numbers): boolean {
  const ascending = places.every((place, i) => i === 0 || place > places[i - 1]!);
  return !ascending && new Set(places).size < places.length;
}

const isBeyond = (value: number | bigint) => Math.abs(Number(value)) > Number.MAX_SAFE_INTEGER;

/** What two layouts of sparse rows have in common. */
function sparse(file: Hdf5File, place: string, rows: number, columns: number, lines: number) {
  const { pointers, data } = compressed(file, place, lines);
  const element = elementAt(file, `${place}/data`, data);
  return {
    ...{ rows, columns, pointers, element, sparse: true },
    lost(open: Hdf5File): string[] {
      const own = compressed(open, place, lines);
      let [beyond, twice] = [false, false];
      for (const { start, end, first, last } of lineBatches(pointers, lines, lines)) {
        if (last === first) continue;
        const places = open.numbers(own.indices, first, last);
        for (let line = start; line < end; line++) {
          twice ||= hasTwice(places.subarray(pointers[line]! - first, pointers[line + 1]! - first));
        }
        // Others' sums are float64 at most.
        if (isLong(element)) beyond ||= open.stored(own.data, first, last).some(isBeyond);
      }
      return [
        ...(beyond ? ["integers beyond those that float64 holds"] : []),
        ...(twice ? ["several entries at one place, which rows give as their sum"] : []),
      ];
    },
  };
}

function byRows(file: Hdf5File, place: string, rows: number, columns: number): Matrix {
  const { pointers, ...matrix } = sparse(file, place, rows, columns, rows);
  return {
    ...matrix,
    *parts(open, info) {
      const { indices, data } = compressed(open, place, rows);
      const exact = "element" in info;
      for (const { start, end, first, last } of lineBatches(pointers, rows, chunkRows(1))) {
        const places = last > first ? open.numbers(indices, first, last) : new Int32Array(0);
        const values = last > first ? open.numbers(data, first, last) : new Float32Array(0);
        checkIndices(open, place, places, columns);
        const builder = sparseBuilder(end - start, open.path, isWide(info));
        for (let pass = 0; pass < 2; pass++) {
          for (let row = start; row < end; row++) {
            for (let at = pointers[row]!; at < pointers[row + 1]!; at++) {
              const value = values[at - first]!;
              if (isOmitted(value, exact)) continue;
              if (pass === 0) builder.count(row - start);
              else builder.place(row - start, places[at - first]!, value);
            }
          }
          if (pass === 0) builder.allocate();
        }
        checkValues(open, values, info, (entry) => {
          let row = start;
          while (pointers[row + 1]! <= first + entry) row++;
          return [row, places[entry]!];
        });
        const chunk = stored(info, sparseChunk(builder.finish(), 0, end - start));
        yield { start, rows: end - start, values: chunk };
      }
    },
  };
}

/** Columns scatter a row over the whole file: the matrix is held, 8 bytes an entry. */
function byColumns(file: Hdf5File, place: string, rows: number, columns: number): Matrix {
  const { pointers, ...matrix } = sparse(file, place, rows, columns, columns);
  let held: { exact: boolean; entries: SparseRows } | undefined;
  function hold(open: Hdf5File, info: ColumnInfo): SparseRows {
    const { indices, data } = compressed(open, place, columns);
    const total = pointers[columns]!;
    const exact = "element" in info;
    const builder = sparseBuilder(rows, open.path, isWide(info));
    for (let pass = 0; pass < 2; pass++) {
      let column = 0;
      for (let from = 0; from < total; from += entriesAtOnce) {
        const end = Math.min(total, from + entriesAtOnce);
        const places = open.numbers(indices, from, end);
        const values = open.numbers(data, from, end);
        if (pass === 0) checkIndices(open, place, places, rows);
        for (let at = from; at < end; at++) {
          while (pointers[column + 1]! <= at) column++;
          const value = values[at - from]!;
          if (isOmitted(value, exact)) continue;
          if (pass === 0) builder.count(places[at - from]!);
          else builder.place(places[at - from]!, column, value);
        }
        checkValues(open, values, info, (entry) => [
          places[entry]!,
          pointers.findIndex((pointer) => pointer > from + entry) - 1,
        ]);
      }
      if (pass === 0) builder.allocate();
    }
    return builder.finish();
  }
  return {
    ...matrix,
    *parts(open, info) {
      const exact = "element" in info;
      if (held?.exact !== exact) held = { exact, entries: hold(open, info) };
      const { entries } = held;
      const some = chunkRows((8 * entries.values.length) / rows + 4);
      for (let start = 0; start < rows; start += some) {
        const end = Math.min(rows, start + some);
        const values = stored(info, sparseChunk(entries, start, end));
        yield { start, rows: end - start, values };
      }
    },
  };
}

/** The matrix at a place of the file; undefined where there is none. */
export function matrixAt(file: Hdf5File, place: string): Matrix | undefined {
  const node = file.find(place);
  if (file.isDataset(node)) return dense(file, place, node);
  if (node === undefined || file.find(`${place}/indptr`) === undefined) return undefined;
  // Attributes before anndata 0.7 have the names of h5sparse.
  const encoding = String(
    file.attribute(node, "encoding-type") ?? file.attribute(node, "h5sparse_format"),
  );
  const shape = file.attribute(node, "shape") ?? file.attribute(node, "h5sparse_shape");
  const sizes = ArrayBuffer.isView(shape) ? Array.from(shape as BigInt64Array, Number) : [];
  const [rows = -1, columns = -1] = sizes;
  if (sizes.length !== 2 || !(rows >= 0) || !(columns >= 0)) {
    throw badHdf5(file.path, `${place} does not say its shape`);
  }
  if (encoding.startsWith("csr")) return byRows(file, place, rows, columns);
  if (encoding.startsWith("csc")) return byColumns(file, place, rows, columns);
  throw badHdf5(file.path, `${place} is a matrix of type ${encoding.slice(0, 40)}`);
}
