// Columns of moments, as texts in one of the usual forms: whole multiples of the largest unit that fits all.

import { dateText } from "../../data/write/times.ts";
import { knownFormat, timeFormat } from "../../fields/times/format.ts";
import { readTimeText } from "../../fields/times/iso-time.ts";
import { damaged } from "../ans/coder.ts";
import {
  type Cells,
  type FieldCells,
  type FieldSymbols,
  readPlaces,
  writePlaces,
} from "./cells.ts";

const iso = (ms: number) => new Date(ms).toISOString();

/** The forms that are told apart; new ones stand at the end, for archives name them by their place. */
const forms: readonly ((ms: number) => string)[] = [
  dateText,
  (ms) => iso(ms).slice(0, 19).replace("T", " "),
  (ms) => iso(ms).slice(0, 19),
  (ms) => `${iso(ms).slice(0, 19)}Z`,
  (ms) => iso(ms).slice(0, 23).replace("T", " "),
  (ms) => iso(ms).slice(0, 23),
  iso,
  (ms) => iso(ms).slice(0, 16).replace("T", " "),
  (ms) => iso(ms).slice(0, 16),
];

const isoForms: readonly Form[] = forms.map((write) => ({ write, read: readTimeText }));

/** Within what JavaScript's dates can be written with four digits of the year. */
const [EARLIEST, LATEST] = [Date.UTC(0, 0, 1) - 6e13, Date.UTC(9999, 11, 31)];

/** A form, and how it is read: those of ISO 8601 all in one way. */
interface Form {
  write(ms: number): string;
  read(text: string): number;
}

/** What stands in an archive in the place of a form's number, where the field's own format follows. */
const OWN = 255;

function momentOf(text: string, { read }: Form): number {
  const ms = read(text);
  return Number.isInteger(ms) && ms >= EARLIEST && ms <= LATEST ? ms : Number.NaN;
}

const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b));

function gridOf(present: Uint8Array, unit: number, low: number, count: number): FieldSymbols {
  const all = (value: number) => new Float64Array(present.length).fill(value);
  return { codes: all(0), present, lows: all(low), powers: all(unit), counts: all(count) };
}

/** The ISO form of the first text that has one. */
function isoPlace(texts: readonly (string | null)[]): number {
  for (const text of texts) {
    const ms = text === null ? Number.NaN : momentOf(text, isoForms[0]!);
    if (Number.isNaN(ms)) continue;
    const place = forms.findIndex((write) => write(ms) === text);
    return Math.max(0, place);
  }
  return 0;
}

/** @param format of the field, where its texts have one. */
export const timeCells = (format?: string): FieldCells => ({
  encode(cells, rows, side) {
    if (cells.type !== "text") throw damaged();
    const iso = isoPlace(cells.texts);
    const own = format === undefined ? undefined : knownFormat(format);
    const fits = (form: Form) =>
      cells.texts.filter((text) => {
        const ms = text === null ? Number.NaN : momentOf(text, form);
        return !Number.isNaN(ms) && form.write(ms) === text;
      }).length;
    const form = own && fits(own) > fits(isoForms[iso]!) ? own : isoForms[iso]!;
    const moments = Float64Array.from(cells.texts, (text) =>
      text === null ? Number.NaN : momentOf(text, form),
    );
    const present = new Uint8Array(rows);
    const places: number[] = [];
    let [unit, low, high] = [0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (let i = 0; i < rows; i++) {
      const text = cells.texts[i]!;
      if (text === null) continue;
      const ms = moments[i]!;
      if (Number.isNaN(ms) || form.write(ms) !== text) {
        places.push(i);
        continue;
      }
      present[i] = 1;
      unit = divisor(unit, Math.abs(ms));
      low = Math.min(low, ms);
      high = Math.max(high, ms);
    }
    if (unit === 0) unit = 1;
    const begin = Number.isFinite(low) ? low / unit : 0;
    const count = Number.isFinite(low) ? (high - low) / unit + 1 : 1;
    side.count(form === own ? OWN : iso);
    if (form === own) side.text(format!);
    side.count(unit);
    side.whole(begin);
    side.count(count);
    writePlaces(side, places);
    for (const place of places) side.text(cells.texts[place]!);
    const symbols = gridOf(present, unit, begin, count);
    for (let i = 0; i < rows; i++) if (present[i]) symbols.codes[i] = moments[i]! / unit - begin;
    return symbols;
  },
  prepare(known, rows, side) {
    const place = side.count();
    const form = place === OWN ? timeFormat(side.text()) : isoForms[place];
    if (known.type !== "text" || !form || typeof form === "string") throw damaged();
    const [unit, begin, count] = [side.count(), side.whole(), side.count()];
    const escapes = new Map(readPlaces(side, rows).map((place) => [place, side.text()]));
    const present = known.present.map((there, i) => (there && !escapes.has(i) ? 1 : 0));
    return {
      symbols: gridOf(present, unit, begin, count),
      restore: (codes): Cells => ({
        type: "text",
        texts: Array.from(codes, (code, i) => {
          if (!present[i]) return escapes.get(i) ?? null;
          const ms = (begin + code) * unit;
          if (!(ms >= EARLIEST && ms <= LATEST)) throw damaged();
          return form.write(ms);
        }),
      }),
    };
  },
});
