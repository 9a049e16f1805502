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
  /** Of numbers `up` or `down` with the latent; of levels the one that comes with it most. */
  direction: string | null;
}

/** Columns with few values for their rows have levels; others are cut into places. */
const MOST_LEVELS = 50;
const ROWS_EACH = 5;

/** Of one column: its rows' level or place, and which way those go with a latent. */
interface Placed {
  field: string;
  places: Int32Array;
  cells: readonly (string | number | null)[];
}

/** By the sign of the covariance with the latent, of levels the largest of their indicators'. */
function directionOf({ cells, places }: Placed, latents: (row: number) => number): string | null {
  const there = [...places.keys()].filter((i) => places[i]! >= 0);
  const mean = (of: (i: number) => number) =>
    there.reduce((sum, i) => sum + of(i), 0) / there.length;
  const middle = mean(latents);
  if (there.every((i) => typeof cells[i] === "number")) {
    const center = mean((i) => cells[i] as number);
    const together = mean((i) => ((cells[i] as number) - center) * (latents(i) - middle));
    return together === 0 ? null : together < 0 ? "down" : "up";
  }
  const along = new Map<string, number>();
  for (const i of there) {
    const level = String(cells[i]);
    along.set(level, (along.get(level) ?? 0) + latents(i) - middle);
  }
  const [best] = [...along].sort(([, a], [, b]) => b - a);
  return best && best[1] > 0 ? `to ${best[0]}` : null;
}

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
  const placed = columns.flatMap((column): Placed[] => {
    const places = placesOf(column);
    if (!places) return [];
    const cells = column.values.values as Placed["cells"];
    return [{ field: column.info.name, places, cells }];
  });
  const rows = means.length / latent;
  return Array.from({ length: latent }, (_, j) =>
    placed.map((one) => {
      const { field, places } = one;
      const there = [...places.keys()].filter((i) => places[i]! >= 0);
      const own = equalShares(
        there.map((i) => means[i * latent + j]!),
        binsFor(rows),
      );
      return {
        field,
        direction: directionOf(one, (row) => means[row * latent + j]!),
        ...mutualInformation(
          own,
          there.map((i) => places[i]!),
        ),
      };
    }),
  );
}
