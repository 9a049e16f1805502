// AnnData files (.h5ad) as sources of data: a matrix of cells by genes, and what is known of cells.
// Format: https://anndata.readthedocs.io/en/latest/fileformat-prose.html
import { ElboError } from "../../base/errors.ts";
import { nearest } from "../../base/suggest.ts";
import type { Chunk, ColumnInfo } from "../../fields/columns.ts";
import { columnPlaces } from "../chunking.ts";
import type { DataNote, DataSource, ExactRows } from "../source.ts";
import { type FrameColumn, frameColumns, frameNames, hasColumns } from "./frame.ts";
import { badHdf5, type Hdf5File, openHdf5 } from "./hdf5.ts";
import { type Matrix, matrixAt } from "./matrix.ts";

/** The names that `member` can have in this file. */
function members(file: Hdf5File): string[] {
  const layers = file.find("layers");
  const names = file.isGroup(layers) ? file.keys(layers).map((name) => `layers/${name}`) : [];
  const present = ["X", "raw/X"].filter((place) => file.find(place) !== undefined);
  return [...present, ...names];
}

function unknownMember(file: Hdf5File, member: string): ElboError {
  const known = members(file);
  const guess = nearest(member, known) ?? known[0];
  return new ElboError({
    code: "h5ad-member",
    kind: "usage",
    message: `${file.path} has no matrix ${JSON.stringify(member)}; it has ${known.join(", ") || "none"}`,
    hint: guess === undefined ? "name another file" : `did you mean ${file.path}#${guess}?`,
    where: { file: file.path },
  });
}

const renamed = (column: FrameColumn, name: string): FrameColumn => ({
  ...column,
  info: { ...column.info, name },
  exactInfo: { ...column.exactInfo, name },
});

interface Contents {
  matrix: Matrix;
  info: ColumnInfo;
  annotations: FrameColumn[];
  notes: DataNote[];
  /** What else the file holds. */
  beside: string[];
}

/** Parts of a file that are neither one of its matrices nor known of its cells. */
function partsBeside(file: Hdf5File, member: string): string[] {
  const matrices = members(file).filter((name) => name !== member && !name.startsWith("raw/"));
  const holds = (name: string) => {
    const group = file.find(name);
    return file.isGroup(group) && file.keys(group).length > 0;
  };
  const isNamed = hasColumns(file, "var") ? ["var"] : [];
  const groups = ["raw", "obsm", "varm", "obsp", "varp", "uns"].filter(holds);
  return [...matrices, ...isNamed, ...groups];
}

function describe(file: Hdf5File, member: string): Contents {
  const known = /^(X|raw\/X|layers\/[^/]+)$/.test(member);
  const matrix = known ? matrixAt(file, member) : undefined;
  if (matrix === undefined) throw unknownMember(file, member);
  const { rows, columns, sparse } = matrix;
  if (rows === 0 || columns === 0) {
    throw new ElboError({
      code: "data-empty",
      message: `${file.path}: ${member} is empty (${rows} × ${columns})`,
      hint: "give a file with at least one cell and one gene",
      where: { file: file.path },
    });
  }
  const frame = member.startsWith("raw/") ? "raw/var" : "var";
  const names = frameNames(file, frame);
  if (names.length !== columns) {
    throw badHdf5(file.path, `${frame} names ${names.length} genes, and ${member} has ${columns}`);
  }
  const name = member.replace(/^layers\//, "").replace(/^raw\//, "");
  const { columns: found, left } = frameColumns(file, "obs", rows);
  const annotations = found.map((column) =>
    column.info.name === name ? renamed(column, `obs.${name}`) : column,
  );
  const notes = left.map((column) => ({
    code: "columns-left-out",
    message: `column ${JSON.stringify(column)} of obs left out: it is of a type that is not read`,
  }));
  return {
    matrix,
    info: { name, type: "vector", size: columns, sparse, names },
    annotations,
    notes,
    beside: partsBeside(file, member),
  };
}

/** @param exact numbers as they stand. */
async function* contentChunks(
  path: string,
  { matrix, info, annotations }: Contents,
  places: readonly number[],
  exact: boolean,
): AsyncGenerator<Chunk> {
  const file = await openHdf5(path);
  try {
    // The matrix sets the pace, also where it is not asked for.
    for (const { start, rows, values } of matrix.parts(file, info)) {
      yield {
        rows,
        columns: places.map((place) =>
          place === 0
            ? values
            : annotations[place - 1]![exact ? "exact" : "read"](file, start, start + rows),
        ),
      };
    }
  } finally {
    file.close();
  }
}

/**
 * Opens an .h5ad file: the matrix `member` (`X`, `layers/NAME` or `raw/X`; default `X`), dense or
 * sparse, as a vector column with the genes' names, and the columns of `obs` (its index first) as
 * columns that are carried along. Dense and row-compressed matrices are read by slices, so that a
 * file may be larger than memory; a column-compressed one is held, 8 bytes an entry. Throws
 * `h5ad-invalid` for damaged files, `h5ad-type`, `h5ad-member`, `h5wasm-missing`, `data-empty`,
 * `value-infinite`.
 */
export async function openH5ad(path: string, member = "X"): Promise<DataSource> {
  const file = await openHdf5(path);
  let contents: Contents;
  try {
    contents = describe(file, member);
  } finally {
    file.close();
  }
  const columns = [contents.info, ...contents.annotations.map(({ info }) => info)];
  const { matrix, notes } = contents;
  return {
    source: path,
    rows: matrix.rows,
    columns,
    notes,
    chunks: (names) => contentChunks(path, contents, columnPlaces(columns, names, path), false),
    exact: () => exactRows(path, contents, member),
  };
}

function exactRows(path: string, contents: Contents, member: string): ExactRows {
  const { matrix, annotations, notes, beside } = contents;
  const info = { ...contents.info, element: matrix.element } as ColumnInfo;
  const columns = [info, ...annotations.map((column) => column.exactInfo)];
  const places = columns.map((_, i) => i);
  return {
    columns,
    beside,
    chunks: () => contentChunks(path, { ...contents, info }, places, true),
    async lost() {
      const file = await openHdf5(path);
      try {
        const lost = matrix.lost(file).map((what) => `${member} has ${what}`);
        return [...notes.map(({ message }) => message), ...lost];
      } finally {
        file.close();
      }
    },
  };
}
