// Moments written in a format of strftime's codes: the format checked, texts read by it, moments written.
// Which format the texts of a column have is ./detect.ts's job.
import { days } from "./iso-time.ts";

/** A code of the format, or characters that stand for themselves. */
export type Part =
  | { code: string /** Written without zeros in front: `%-d`. */; short: boolean }
  | { text: string };

export interface TimeFormat {
  /** As it was given: `%d.%m.%Y %H:%M`. */
  format: string;
  /** Days without a time. */
  date: boolean;
  /** Milliseconds since 1970-01-01T00:00Z; NaN where the text is not written so. */
  read(text: string): number;
  /** The moment rounded to what the format says of it, in UTC. */
  write(milliseconds: number): string;
}

const monthNames =
  "January February March April May June July August September October November December".split(
    " ",
  );
const weekdayNames = "Sunday Monday Tuesday Wednesday Thursday Friday Saturday".split(" ");

/** Digits that a code takes, the fewest and the most. */
const digits: Record<string, readonly [number, number]> = {
  Y: [4, 4],
  y: [2, 2],
  m: [1, 2],
  d: [1, 2],
  H: [1, 2],
  I: [1, 2],
  M: [2, 2],
  S: [2, 2],
  g: [1, 9],
  f: [1, 9],
};
const words: Record<string, readonly string[]> = {
  b: monthNames,
  B: monthNames,
  a: weekdayNames,
  A: weekdayNames,
};
const shortable = "dmHI";

/** The codes of a format, as messages name them. */
export const timeCodes = "%Y %y %m %b %B %d %H %I %p %M %S %g %f %z %a %A";

/** What is written within a code: a year of two digits is one of 1969 to 2068. */
const century = (year: number) => (year < 69 ? 2000 : 1900);

/** The parts of a format, or what is wrong with it. */
export function partsOf(format: string): Part[] | string {
  const parts: Part[] = [];
  const seen = new Set<string>();
  for (const [piece, dash, code, text] of format.matchAll(/%(-?)(.)|([^%]+|%$)/gsu)) {
    if (code === undefined || code === "%") {
      if (piece === "%") return "a % at its end";
      parts.push({ text: code ?? text! });
      continue;
    }
    const known = code in digits || code in words || code === "p" || code === "z";
    if (!known || (dash !== "" && !shortable.includes(code))) return `the code ${piece}`;
    const sort = "bB".includes(code) ? "m" : code === "y" ? "Y" : code === "f" ? "g" : code;
    if (seen.has(sort)) return `${piece} beside another code of the same`;
    seen.add(sort);
    parts.push({ code, short: dash !== "" });
  }
  const lacks = ["Y", "m", "d"].find((code) => !seen.has(code));
  if (lacks !== undefined) return `no %${lacks}`;
  if (seen.has("I") !== seen.has("p")) return "%I without %p, or %p without %I";
  if (seen.has("H") && seen.has("I")) return "%H beside %I";
  const hour = seen.has("H") || seen.has("I");
  if (!hour && ["M", "S", "g", "z"].some((code) => seen.has(code))) return "minutes without hours";
  return parts;
}

/** What a text was seen to write in a part: a digit alone, a zero in front, a name in full. */
export const written = { single: 1, padded: 2, full: 4 } as const;

function wordAt(text: string, at: number): string {
  let end = at;
  while (end < text.length && /[a-z]/i.test(text[end]!)) end++;
  return text.slice(at, end).toLowerCase();
}

/** The place of a name, in full or by three letters (`sept` too), or −1. */
function placeOf(word: string, names: readonly string[]): number {
  return names.findIndex((name) => {
    const full = name.toLowerCase();
    return word === full || word === full.slice(0, 3) || (word === "sept" && full === "september");
  });
}

/** Minutes east of UTC at a place, and where they end. */
function zoneAt(text: string, at: number): [minutes: number, end: number] {
  const [zone, sign, hours, minutes = "0"] =
    /^(?:Z|UTC|GMT|([+-])(\d{2}):?(\d{2})?)/i.exec(text.slice(at, at + 6)) ?? [];
  if (zone === undefined) return [Number.NaN, at];
  const east = sign === undefined ? 0 : Number(hours) * 60 + Number(minutes);
  const fits = east <= 18 * 60 && Number(minutes) < 60;
  return [fits ? (sign === "-" ? -east : east) : Number.NaN, at + zone.length];
}

/**
 * Milliseconds of a text, NaN where it is not written so.
 * @param marks takes what each part was seen to write, by `written`.
 */
export function readParts(parts: readonly Part[], text: string, marks?: Uint8Array): number {
  let [year, month, day, hour, minute, second, fraction] = [0, 0, 0, 0, 0, 0, 0];
  let half = -1;
  let east = 0;
  let at = 0;
  const end = text.length;
  for (let place = 0; place < parts.length; place++) {
    const part = parts[place]!;
    if ("text" in part) {
      for (const character of part.text) {
        if (text[at] !== character) return Number.NaN;
        at++;
        // As `date` and mail pad days.
        if (character === " ") while (text[at] === " ") at++;
      }
      continue;
    }
    const { code } = part;
    const names = words[code];
    if (names !== undefined) {
      const word = wordAt(text, at);
      const found = placeOf(word, names);
      if (found < 0) return Number.NaN;
      if (names === monthNames) month = found + 1;
      if (marks && word.length > 3) marks[place]! |= written.full;
      at += word.length;
    } else if (code === "p") {
      half = ["am", "pm"].indexOf(text.slice(at, at + 2).toLowerCase());
      if (half < 0) return Number.NaN;
      at += 2;
    } else if (code === "z") {
      [east, at] = zoneAt(text, at);
      if (Number.isNaN(east)) return Number.NaN;
    } else {
      const [least, most] = digits[code]!;
      const start = at;
      let value = 0;
      for (; at < end && at - start < most; at++) {
        const digit = text.charCodeAt(at) - 0x30;
        if (!(digit >= 0 && digit <= 9)) break;
        value = value * 10 + digit;
      }
      const length = at - start;
      if (length < least) return Number.NaN;
      if (marks && least < most) {
        if (length === 1) marks[place]! |= written.single;
        else if (text[start] === "0") marks[place]! |= written.padded;
      }
      if (code === "Y") year = value;
      else if (code === "y") year = value + century(value);
      else if (code === "m") month = value;
      else if (code === "d") day = value;
      else if (code === "H" || code === "I") hour = value;
      else if (code === "M") minute = value;
      else if (code === "S") second = value;
      else fraction = (value * 1000) / 10 ** length;
    }
  }
  if (at < end) return Number.NaN;
  if (half >= 0) {
    if (!(hour >= 1 && hour <= 12)) return Number.NaN;
    hour = (hour % 12) + 12 * half;
  }
  if (!(hour <= 23 && minute <= 59 && second <= 59)) return Number.NaN;
  const minutes = hour * 60 + minute - east;
  return days(year, month, day) * 86_400_000 + (minutes * 60 + second) * 1000 + fraction;
}

/** Microseconds that the last digit of a format is worth. */
function unitOf(parts: readonly Part[]): number {
  const has = (code: string) => parts.some((part) => "code" in part && part.code === code);
  if (has("f")) return 1;
  if (has("g")) return 1e3;
  if (has("S")) return 1e6;
  if (has("M")) return 6e7;
  return has("H") || has("I") ? 3.6e9 : 8.64e10;
}

const padded = (value: number, length: number) => String(value).padStart(length, "0");

function writeParts(parts: readonly Part[], unit: number, milliseconds: number): string {
  const whole = Math.floor(milliseconds);
  const micros = Math.round((milliseconds - whole) * 1000);
  // Of a moment in two parts, since microseconds since 1970 are no whole numbers of float64 for ever.
  const ms = unit >= 1000 ? Math.round((whole + micros / 1000) / (unit / 1000)) * (unit / 1000) : 0;
  const moment = new Date(unit >= 1000 ? ms : whole + Math.floor(micros / 1000));
  const hour = moment.getUTCHours();
  const year = moment.getUTCFullYear();
  const two = (value: number, short: boolean) => (short ? String(value) : padded(value, 2));
  return parts
    .map((part): string => {
      if ("text" in part) return part.text;
      const { code, short } = part;
      switch (code) {
        case "Y":
          return padded(year, 4);
        case "y":
          return padded(((year % 100) + 100) % 100, 2);
        case "m":
          return two(moment.getUTCMonth() + 1, short);
        case "d":
          return two(moment.getUTCDate(), short);
        case "H":
          return two(hour, short);
        case "I":
          return two(((hour + 11) % 12) + 1, short);
        case "p":
          return hour < 12 ? "AM" : "PM";
        case "M":
          return padded(moment.getUTCMinutes(), 2);
        case "S":
          return padded(moment.getUTCSeconds(), 2);
        case "g":
          return padded(moment.getUTCMilliseconds(), 3);
        case "f":
          return padded(moment.getUTCMilliseconds() * 1000 + (micros % 1000), 6);
        case "z":
          return "+0000";
        case "b":
        case "B": {
          const name = monthNames[moment.getUTCMonth()]!;
          return code === "B" ? name : name.slice(0, 3);
        }
        default: {
          const name = weekdayNames[moment.getUTCDay()]!;
          return code === "A" ? name : name.slice(0, 3);
        }
      }
    })
    .join("");
}

const hourCodes = new Set(["H", "I"]);

/** The format, or what is wrong with it. */
export function timeFormat(format: string): TimeFormat | string {
  const parts = partsOf(format);
  if (typeof parts === "string") return parts;
  const unit = unitOf(parts);
  return {
    format,
    date: !parts.some((part) => "code" in part && hourCodes.has(part.code)),
    read: (text) => readParts(parts, text.trim()),
    write: (milliseconds) => writeParts(parts, unit, milliseconds),
  };
}

const known = new Map<string, TimeFormat>();

/** A format that has been checked before. */
export function knownFormat(format: string): TimeFormat {
  const found = known.get(format) ?? timeFormat(format);
  if (typeof found === "string") throw new Error(`the time format ${format} has ${found}`);
  known.set(format, found);
  return found;
}

/** The format of a part's codes again. */
export const formatOf = (parts: readonly Part[]): string =>
  parts
    .map((part) =>
      "text" in part ? part.text.replaceAll("%", "%%") : `%${part.short ? "-" : ""}${part.code}`,
    )
    .join("");
