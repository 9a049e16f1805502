// Columns that latents are measured by, which the model need not know: labels, batches, factors.
import { ElboError } from "../../base/errors.ts";
import { columnPlaces } from "../../data/chunking.ts";
import type { DataSource } from "../../data/source.ts";
import type { ColumnInfo, ColumnValues } from "../../fields/columns.ts";

/** Values that are classes: so many different ones at most, of numbers fewer. */
const MOST_CLASSES = 200;
const MOST_NUMBERED = 50;

export interface Label {
  name: string;
  /** Of each row; null where it is missing. */
  values: (string | number | null)[];
  /** Whether values are classes, and not amounts. */
  classes: boolean;
}

/** @throws ElboError `column-unknown`, and `label-column` for a column of more than one value a row. */
export function labelColumns(source: DataSource, names: readonly string[]): ColumnInfo[] {
  return columnPlaces(source.columns, names, source.source).map((place) => {
    const info = source.columns[place]!;
    if (info.type === "number" || info.type === "text") return info;
    throw new ElboError({
      code: "label-column",
      kind: "usage",
      message: `latents are measured by columns of texts or numbers; ${JSON.stringify(info.name)} of ${source.source} holds ${info.type}s`,
      hint: "Name another column.",
    });
  });
}

/** Whole numbers of few different values are classes, and all texts are. */
export function labelOf(name: string, column: ColumnValues): Label {
  const raw: (string | number | null)[] = [...(column.values as Iterable<string | number | null>)];
  const values = raw.map((value) => (Number.isNaN(value) ? null : value));
  const distinct = new Set(values.filter((value) => value !== null));
  const whole = [...distinct].every(
    (value) => typeof value === "string" || Number.isInteger(value),
  );
  const classes = column.type === "text" || (whole && distinct.size <= MOST_NUMBERED);
  if (distinct.size < 2 || (classes && distinct.size > MOST_CLASSES)) {
    throw new ElboError({
      code: "label-column",
      message: `a label has 2 to ${MOST_CLASSES} classes, or numbers; ${JSON.stringify(name)} has ${distinct.size} different values in the rows that are looked at`,
      hint: "Name another column.",
    });
  }
  return { name, values, classes };
}
