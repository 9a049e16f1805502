// Matrix Market files (.mtx, also gzip) as sources of sparse rows.

import { ElboError } from "../../base/errors.ts";
import type { Chunk, ColumnInfo } from "../../fields/columns.ts";
import { chunkRows, columnPlaces } from "../chunking.ts";
import type { DataNote, DataSource } from "../source.ts";
import type { UnpackedFile } from "../unpacked.ts";
import { type SparseBuilder, type SparseRows, sparseBuilder, sparseChunk } from "./csr.ts";
import {
  badMatrix,
  eachLine,
  type LineFaults,
  lineNumbers,
  type MatrixHeader,
  parseBanner,
  parseSizes,
} from "./matrix-market-parse.ts";

const exactSingles = 2 ** 24;

type Entry = (row: number, column: number, value: number, line: number) => void;

interface Reading {
  /** Whether zeros with a sign are entries, too. */
  exact: boolean;
  /** Told of integers that float64 does not hold. */
  rounded?: (text: string, line: number) => void;
}

/**
 * Reads the file once: `begin` is told the header, `entry` each entry (from 0, a symmetric
 * matrix's mirrored ones too). Everything is checked here.
 */
async function readEntries(
  file: UnpackedFile,
  begin: (header: MatrixHeader) => void,
  entry: Entry,
  { exact, rounded = () => undefined }: Reading,
): Promise<MatrixHeader> {
  const { source } = file;
  let banner: ReturnType<typeof parseBanner> | undefined;
  let header: MatrixHeader | undefined;
  let numbers = new Float64Array(0);
  let seen = 0;
  let row = 0;
  let column = 0;
  let line = 0;
  const fail = (message: string): never => {
    throw badMatrix(source, message, line);
  };
  const faults: LineFaults = { fail, rounded: (integer) => rounded(integer, line) };
  await eachLine(file.blocks(), source, (text, start, end, number) => {
    line = number;
    if (header === undefined) {
      const words = String.fromCharCode(...text.subarray(start, end));
      if (banner === undefined) banner = parseBanner(words, source);
      else if (!/^\s*(%|$)/.test(words)) {
        header = { ...banner, ...parseSizes(words, banner.coordinate, source, line) };
        if (header.symmetric && header.rows !== header.columns)
          fail("a symmetric matrix is square");
        numbers = new Float64Array(!header.coordinate ? 1 : header.field === "pattern" ? 2 : 3);
        begin(header);
      }
      return;
    }
    if (lineNumbers(text, start, end, numbers, faults) === 0) return;
    if (++seen > header.entries)
      fail(`more than the ${header.entries} entries of its header follow`);
    let value = 1;
    if (header.coordinate) {
      row = numbers[0]! - 1;
      column = numbers[1]! - 1;
      if (!(Number.isInteger(row) && row >= 0 && row < header.rows)) {
        fail(`row ${row + 1} is not one of 1 to ${header.rows}`);
      }
      if (!(Number.isInteger(column) && column >= 0 && column < header.columns)) {
        fail(`column ${column + 1} is not one of 1 to ${header.columns}`);
      }
      if (header.field !== "pattern") value = numbers[2]!;
    } else {
      row = (seen - 1) % header.rows;
      column = Math.floor((seen - 1) / header.rows);
      value = numbers[0]!;
    }
    if (header.field === "integer" && !Number.isInteger(value)) {
      fail(`an integer is expected, received ${value}`);
    }
    if (!Number.isFinite(Math.fround(value)) && !Number.isNaN(value)) {
      throw new ElboError({
        code: "value-infinite",
        message: `${source}, line ${line}: ${value} in row ${row + 1}, column ${column + 1} is not a finite float32 number`,
        hint: "correct the value, or leave the entry out",
        where: { file: source, row: line, column: String(column + 1) },
      });
    }
    if (header.field === "integer") value += 0;
    if (value === 0 && !(exact && (header.coordinate || Object.is(value, -0)))) return;
    entry(row, column, value, line);
    if (header.symmetric && row !== column) entry(column, row, value, line);
  });
  if (banner === undefined) throw badMatrix(source, "it is empty");
  if (header === undefined) throw badMatrix(source, "it ends before its sizes");
  if (seen < (header as MatrixHeader).entries) {
    throw badMatrix(
      source,
      `its header says ${(header as MatrixHeader).entries} entries, and ${seen} are there`,
    );
  }
  return header;
}

/** Refuses sizes that the file cannot account for, before memory is taken for them. */
function checkSizes({ rows, columns, entries, coordinate }: MatrixHeader, file: UnpackedFile) {
  const { source, bound } = file;
  if (rows === 0 || columns === 0) {
    throw new ElboError({
      code: "data-empty",
      message: `${source} holds no value: it is ${rows} × ${columns}`,
      hint: "give a matrix with at least one row and one column",
      where: { file: source },
    });
  }
  // The shortest lines of entries are "1 1" and "0".
  if (entries * (coordinate ? 4 : 2) > bound + 1 || rows > bound / 2) {
    throw badMatrix(
      source,
      `its header says ${rows} rows and ${entries} entries, more than the file can hold`,
    );
  }
}

/** A matrix in memory, and what was noticed while it was read. */
export interface SparseMatrix {
  header: MatrixHeader;
  sparse: SparseRows;
  /** Whether all values are integers of 0 and more. */
  counts: boolean;
  notes: DataNote[];
  /** What is not as it is written, each in words. */
  lost: string[];
}

/**
 * Reads the file twice: to check and count, then to place. No memory is taken for what the header
 * says alone: rows beyond half the bytes that the file can hold are refused, and entries are those
 * that were seen.
 * @param exact values as they stand: as float64, and zeros with a sign.
 */
export async function readMatrixMarket(file: UnpackedFile, exact = false): Promise<SparseMatrix> {
  const { source } = file;
  let counts = true;
  let inexact: string | undefined;
  let beyond: string | undefined;
  let builder: SparseBuilder | undefined;
  const header = await readEntries(
    file,
    (header) => {
      checkSizes(header, file);
      builder = sparseBuilder(header.rows, source, exact);
    },
    (row, column, value, line) => {
      builder!.count(row);
      if (!(value >= 0 && Number.isInteger(value))) counts = false;
      if (inexact === undefined && Math.abs(value) > exactSingles && Number.isInteger(value)) {
        if (Math.fround(value) !== value) {
          inexact = `line ${line}, column ${column + 1}: ${value} became ${Math.fround(value)}`;
        }
      }
    },
    {
      exact,
      rounded(text, line) {
        beyond ??= `an integer that float64 does not hold (line ${line}: ${text})`;
      },
    },
  );
  builder!.allocate();
  await readEntries(file, () => undefined, builder!.place, { exact });
  const sparse = builder!.finish();
  const twice = sparse.summed ? ["several entries at one place, which rows give as their sum"] : [];
  const lost = [...(beyond === undefined ? [] : [beyond]), ...twice];
  const notes =
    inexact === undefined
      ? []
      : [
          {
            code: "precision-lost",
            message: `${source} holds integers too large for float32 (${inexact})`,
          },
        ];
  return { header, sparse, counts, notes, lost };
}

/** Sparse rows in memory as a source of one vector column. */
export function sparseSource(
  source: string,
  info: ColumnInfo,
  sparse: SparseRows,
  notes: DataNote[],
): DataSource {
  async function* chunks(names?: readonly string[]): AsyncGenerator<Chunk> {
    const places = columnPlaces([info], names, source);
    const perRow = (8 * sparse.values.length) / sparse.rows + 4;
    const rows = chunkRows(perRow);
    for (let start = 0; start < sparse.rows; start += rows) {
      const end = Math.min(sparse.rows, start + rows);
      yield { rows: end - start, columns: places.map(() => sparseChunk(sparse, start, end)) };
    }
  }
  return { source, rows: sparse.rows, columns: [info], notes, chunks };
}

/**
 * Opens a Matrix Market file (also gzip): coordinate (general or symmetric) and array matrices of
 * integer, real and pattern. One sparse vector column, `counts` where all values are integers of 0
 * and more, else `x`; its rows are the matrix's. Entries may come in any order; those at the same
 * place are summed. Held in memory, 8 bytes an entry. Throws `mtx-invalid`, `mtx-unsupported`,
 * `value-infinite`, `data-empty` and `gzip-damaged`.
 */
export async function matrixMarketSource(file: UnpackedFile): Promise<DataSource> {
  const { header, sparse, counts, notes, lost } = await readMatrixMarket(file);
  const info = {
    name: counts ? "counts" : "x",
    type: "vector",
    size: header.columns,
    sparse: true,
  } as const;
  const { source } = file;
  const columns: ColumnInfo[] = [{ ...info, element: "f8" }];
  async function* exactChunks() {
    const exact = await readMatrixMarket(file, true);
    yield* sparseSource(source, info, exact.sparse, []).chunks();
  }
  return {
    ...sparseSource(source, info, sparse, notes),
    exact: () => ({
      columns,
      chunks: exactChunks,
      lost: async () => lost,
    }),
  };
}
