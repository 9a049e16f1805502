// How much a latent tells of each column of the data: mutual information of places of equal shares.
import type { ColumnInfo, ColumnValues } from "../../fields/columns.ts";
import {
  binsFor,
  equalShares,
  type MutualInformation,
  mutualInformation,
} from "../../metrics/mutual-information.ts";

export interface ColumnInformation extends MutualInformation {
  field: string;
}

/** Columns with few values for their rows have levels; others are cut into places. */
const MOST_LEVELS = 50;
const ROWS_EACH = 5;

/** Each row's level or place, −1 where it is missing; null of a column that names its rows. */
function placesOf({ values }: { info: ColumnInfo; values: ColumnValues }): Int32Array | null {
  if (values.type !== "text" && values.type !== "number" && values.type !== "time") return null;
  const cells = values.values as readonly (string | number | null)[];
  const known = new Map<string | number, number>();
  const missing = (cell: string | number | null) => cell === null || Number.isNaN(cell);
  for (const cell of cells) {
    if (!missing(cell) && !known.has(cell!)) known.set(cell!, known.size);
  }
  const few = known.size <= MOST_LEVELS && known.size * ROWS_EACH <= cells.length;
  if (few) return Int32Array.from(cells, (cell) => known.get(cell ?? "") ?? -1);
  if (values.type === "text") return null;
  const there = [...cells.keys()].filter((i) => !missing(cells[i]!));
  const bins = binsFor(there.length);
  const own = equalShares(
    there.map((i) => cells[i] as number),
    bins,
  );
  const places = new Int32Array(cells.length).fill(-1);
  for (const [k, i] of there.entries()) places[i] = own[k]!;
  return places;
}

/** Of each latent, what it tells of each column that has values to be told; missing cells are left out. */
export function columnInformation(
  columns: readonly { info: ColumnInfo; values: ColumnValues }[],
  means: Float32Array,
  latent: number,
): ColumnInformation[][] {
  const placed = columns.flatMap((column) => {
    const places = placesOf(column);
    return places ? [{ field: column.info.name, places }] : [];
  });
  const rows = means.length / latent;
  return Array.from({ length: latent }, (_, j) =>
    placed.map(({ field, places }) => {
      const there = [...places.keys()].filter((i) => places[i]! >= 0);
      const own = equalShares(
        there.map((i) => means[i * latent + j]!),
        binsFor(rows),
      );
      return {
        field,
        ...mutualInformation(
          own,
          there.map((i) => places[i]!),
        ),
      };
    }),
  );
}
