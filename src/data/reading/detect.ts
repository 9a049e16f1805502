// How the columns of texts are best read, found by one look at their cells: dates in whatever format
// they are written, and numbers that words stood among which a person says are missing.
import { isNumeral } from "../../fields/packing/numbers.ts";
import { type FormatWatch, watchFormat } from "../../fields/times/detect.ts";
import type { DataSource } from "../source.ts";
import { isMissingWord } from "./missing.ts";
import type { ColumnReading, Readings } from "./read-as.ts";

interface Watched {
  name: string;
  formats: FormatWatch;
  isMissing: (text: string) => boolean;
  /** Numbers alone but for missing words; a code with zeros in front is none. */
  numerals: boolean;
  dates: boolean;
  seen: boolean;
}

function look(column: Watched, texts: readonly (string | null)[]): void {
  let last: string | null = null;
  for (const text of texts) {
    if (text === null || text === last || column.isMissing(text)) continue;
    last = text;
    column.seen = true;
    column.dates &&= column.formats.add(text);
    column.numerals &&= isNumeral(text) && !/^0\d+$/.test(text.trim());
    if (!column.dates && !column.numerals) return;
  }
}

/**
 * The readings with what the texts of the other columns tell. Reads them until none can be dates, which
 * the first rows settle of most.
 * @param settled columns that a person has called something else than times.
 */
export async function detectReadings(
  source: DataSource,
  readings: Readings,
  settled: ReadonlySet<string>,
): Promise<Readings> {
  const watched = source.columns.flatMap(({ name, type, role }): Watched[] => {
    const { missing = [], format } = readings.get(name) ?? {};
    const dates = !settled.has(name);
    const numerals = missing.length > 0;
    // Labels and annotations are what they are.
    if (type !== "text" || role === "id" || format !== undefined) return [];
    if (!dates && !numerals) return [];
    const isMissing = isMissingWord(missing);
    return [{ name, formats: watchFormat(), isMissing, numerals, dates, seen: false }];
  });
  let open = watched;
  if (open.length > 0) {
    const names = open.map(({ name }) => name);
    for await (const { columns } of source.chunks(names)) {
      for (const column of open) {
        const { values } = columns[names.indexOf(column.name)]!;
        look(column, values as readonly (string | null)[]);
      }
      open = open.filter(({ dates, numerals }) => dates || numerals);
      if (open.length === 0) break;
    }
  }
  const found = new Map<string, ColumnReading>(readings);
  for (const { name, seen, numerals, dates, formats } of open) {
    if (!seen) continue;
    const known = found.get(name);
    const format = dates ? formats.found() : null;
    if (numerals) found.set(name, { ...known, numbers: true });
    else if (format?.formats.length === 1) {
      found.set(name, { ...known, format: format.formats[0], date: format.date });
    }
  }
  return found;
}
