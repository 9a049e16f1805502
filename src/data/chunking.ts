// What every source shares: how many rows a chunk has, and which columns were asked for.
import { ElboError } from "../base/errors.ts";
import { nearest } from "../base/suggest.ts";
import type { ColumnInfo } from "../fields/columns.ts";

/** Larger chunks gain nothing, and two of them are held at a time. */
const chunkBytes = 4 << 20;
const mostRows = 4096;

/** Rows in a chunk whose rows take `rowBytes` bytes each. */
export const chunkRows = (rowBytes: number) =>
  Math.max(1, Math.min(mostRows, Math.floor(chunkBytes / Math.max(1, rowBytes))));

/** The places in `columns` of the names asked for, in their order; all without names. */
export function columnPlaces(
  columns: readonly ColumnInfo[],
  names: readonly string[] | undefined,
  source: string,
): number[] {
  if (names === undefined) return columns.map((_, place) => place);
  return names.map((name) => {
    const place = columns.findIndex((column) => column.name === name);
    if (place >= 0) return place;
    const known = columns.map((column) => column.name);
    const guess = nearest(name, known);
    throw new ElboError({
      code: "column-unknown",
      kind: "usage",
      message: `${source} has no column ${JSON.stringify(name)}`,
      hint: guess === undefined ? `its columns are ${known.join(", ")}` : `did you mean ${guess}?`,
      where: { file: source, column: name },
    });
  });
}
