// Which of a table's columns a reader asks for.
import { ElboError } from "../../base/errors.ts";
import { nearest } from "../../base/suggest.ts";
import type { ColumnInfo } from "../../fields/columns.ts";
import { listed } from "../words.ts";

/** The places of the columns called `names`, in their order; default all. */
export function wantedColumns(
  source: string,
  columns: readonly ColumnInfo[],
  names?: readonly string[],
): number[] {
  if (names === undefined) return columns.map((_, i) => i);
  const places = new Map(columns.map(({ name }, i) => [name, i]));
  return names.map((name) => {
    const place = places.get(name);
    if (place !== undefined) return place;
    const known = columns.map((column) => column.name);
    const guess = nearest(name, known);
    throw new ElboError({
      code: "column-missing",
      kind: "usage",
      message: `${source} has no column ${JSON.stringify(name)}; its columns are ${listed(known)}`,
      hint: guess === undefined ? "name one of them" : `did you mean ${JSON.stringify(guess)}?`,
      where: { file: source, column: name },
    });
  });
}
