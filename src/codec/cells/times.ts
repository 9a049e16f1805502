// Columns of moments, as texts in one of the usual forms: whole multiples of the largest unit that fits all.
import { readTime } from "../../data/tables/iso-time.ts";
import { dateText } from "../../data/write/times.ts";
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

/** Within what JavaScript's dates can be written with four digits of the year. */
const [EARLIEST, LATEST] = [Date.UTC(0, 0, 1) - 6e13, Date.UTC(9999, 11, 31)];

function momentOf(text: string): number {
  const bytes = new TextEncoder().encode(text);
  const ms = readTime(bytes, 0, bytes.length);
  return Number.isInteger(ms) && ms >= EARLIEST && ms <= LATEST ? ms : Number.NaN;
}

const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b));

function gridOf(present: Uint8Array, unit: number, low: number, count: number): FieldSymbols {
  const all = (value: number) => new Float64Array(present.length).fill(value);
  return { codes: all(0), present, lows: all(low), powers: all(unit), counts: all(count) };
}

export const timeCells: FieldCells = {
  encode(cells, rows, side) {
    if (cells.type !== "text") throw damaged();
    const moments = Float64Array.from(cells.texts, (text) =>
      text === null ? Number.NaN : momentOf(text),
    );
    const first = moments.findIndex((ms) => !Number.isNaN(ms));
    const form = Math.max(
      0,
      forms.findIndex((write) => first >= 0 && write(moments[first]!) === cells.texts[first]),
    );
    const present = new Uint8Array(rows);
    const places: number[] = [];
    let [unit, low, high] = [0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (let i = 0; i < rows; i++) {
      const text = cells.texts[i]!;
      if (text === null) continue;
      const ms = moments[i]!;
      if (Number.isNaN(ms) || forms[form]!(ms) !== text) {
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
    side.count(form);
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
    const form = forms[side.count()];
    if (known.type !== "text" || !form) throw damaged();
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
          return form(ms);
        }),
      }),
    };
  },
};
