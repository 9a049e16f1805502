// The format that all dates of a column are written in, found from its texts.
import { formatOf, type Part, partsOf, readParts, written } from "./format.ts";
import { readTimeText } from "./iso-time.ts";

/** In the place of a format: ISO 8601, in any of its forms. */
export const ISO = "iso";

const month = "(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*";
const weekday = "(?<weekday>(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*)(?<after>,? +)";
const clock = String.raw`(?<hour>\d{1,2}):\d{2}(?<second>:\d{2})?(?<fraction>\.\d{1,9})?(?<half> ?[ap]m)?(?<zone> ?(?:Z|UTC|GMT|[+-]\d{2}:?\d{2}))?`;
const time = `(?:(?<between>,? +|T)${clock})?`;

/** Days as numbers, in the order of day, month and year, or of month, day and year. */
const numeric = new RegExp(
  String.raw`^(?<first>\d{1,2})(?<sign>[./-])\d{1,2}\k<sign>(?<year>\d{4}|\d{2})${time}$`,
  "i",
);
/** What is written in one order alone. */
const ordered: readonly (readonly [RegExp, (groups: Groups) => string])[] = [
  [
    new RegExp(String.raw`^\d{4}(?<sign>[./-])\d{1,2}\k<sign>\d{1,2}${time}$`, "i"),
    ({ sign }) => `%Y${sign}%m${sign}%d`,
  ],
  [
    new RegExp(
      String.raw`^(?:${weekday})?\d{1,2}(?<sign>[ -]|\. ?)${month}(?<sign2>[ -]|\. ?|, ?)(?<year>\d{4}|\d{2})${time}$`,
      "i",
    ),
    ({ sign, sign2, year }) => `%d${sign}%b${sign2}${yearCode(year!)}`,
  ],
  [
    new RegExp(
      String.raw`^(?:${weekday})?${month}(?<sign>[ -]|\. ?) *\d{1,2}(?<sign2>, ?| |-)(?<year>\d{4})${time}$`,
      "i",
    ),
    ({ sign, sign2 }) => `%b${sign}%d${sign2}%Y`,
  ],
];
/** As `ctime` writes it: the year at the end. */
const ctime = new RegExp(String.raw`^${weekday}${month} +\d{1,2} ${clock} (?<year>\d{4})$`, "i");

type Groups = Record<string, string | undefined>;

const yearCode = (year: string) => (year.length === 4 ? "%Y" : "%y");

/** Spaces are as many as there are. */
const literal = (text = "") => text.replaceAll("%", "%%").replace(/ +/g, " ");

function clockFormat({ between, hour, second, fraction, half, zone }: Groups): string {
  if (hour === undefined) return "";
  const parts = [
    literal(between),
    half === undefined ? "%H:%M" : "%I:%M",
    second === undefined ? "" : ":%S",
    fraction === undefined ? "" : fraction.length === 4 ? ".%g" : ".%f",
    half === undefined ? "" : half.replace(/[ap]m/i, "%p"),
    // The one that Python and Java write of UTC stands for itself.
    zone === undefined ? "" : zone === "+00:00" ? zone : zone.replace(/[+-].*$/, "%z"),
  ];
  return parts.join("");
}

const namedDay = ({ weekday: name, after }: Groups) =>
  name === undefined ? "" : `%a${literal(after)}`;

/** The formats that one text may have, the likelier first. */
function formatsOf(text: string): string[] {
  const days = numeric.exec(text)?.groups as Groups | undefined;
  if (days !== undefined) {
    const { sign, first, year } = days;
    // 1.2.10 is a version rather than a day.
    if (year!.length === 2 && sign !== "/" && first!.length === 1) return [];
    const clocked = clockFormat(days);
    return [`%d${sign}%m`, `%m${sign}%d`].map(
      (order) => `${order}${sign}${yearCode(year!)}${clocked}`,
    );
  }
  for (const [pattern, date] of ordered) {
    const groups = pattern.exec(text)?.groups as Groups | undefined;
    if (groups !== undefined) return [namedDay(groups) + date(groups) + clockFormat(groups)];
  }
  const groups = ctime.exec(text)?.groups as Groups | undefined;
  return groups === undefined ? [] : [`${namedDay(groups)}%b %d ${clockFormat(groups)} %Y`];
}

/** A format that all texts so far are written in. */
interface Candidate {
  parts: Part[];
  /** What each part was seen to write. */
  marks: Uint8Array;
}

/** Codes of names have a name in full, those of numbers no zero in front where some have none. */
function settled({ parts, marks }: Candidate): string {
  const codes: Record<string, string> = { b: "B", a: "A" };
  const days = parts.map((part) => "code" in part && (part.code === "d" || part.code === "m"));
  const short = days.some((day, i) => day && marks[i]! & written.single);
  return formatOf(
    parts.map((part, i) => {
      if (!("code" in part)) return part;
      const full = codes[part.code];
      if (full !== undefined) return marks[i]! & written.full ? { ...part, code: full } : part;
      // A day from 10 on tells nothing of its own, a month of one digit does of it.
      const other = days[i] && short && !(marks[i]! & written.padded);
      return marks[i]! & written.single || other ? { ...part, short: true } : part;
    }),
  );
}

/** What was found of the texts of a column. */
export interface FoundFormat {
  /** The format; two where days and months cannot be told apart; `iso` where ISO 8601 has several forms. */
  formats: [string] | [string, string];
  /** Days without a time. */
  date: boolean;
}

export interface FormatWatch {
  /** Whether the texts so far can all be dates, this one too. */
  add(text: string): boolean;
  /** Null where there are no texts, or they are not written in one format. */
  found(): FoundFormat | null;
}

/** Finds the format that all texts of a column are written in; one that is no date settles that there is none. */
export function watchFormat(): FormatWatch {
  let candidates: Candidate[] | undefined;
  let iso = true;
  let date = true;
  const reads = ({ parts, marks }: Candidate, text: string) =>
    !Number.isNaN(readParts(parts, text, marks));
  return {
    add(cell) {
      const text = cell.trim();
      candidates ??= formatsOf(text).map((format) => {
        const parts = partsOf(format) as Part[];
        return { parts, marks: new Uint8Array(parts.length) };
      });
      if (candidates.length > 0) candidates = candidates.filter((one) => reads(one, text));
      iso &&= !Number.isNaN(readTimeText(text));
      date &&= !text.includes(":");
      return iso || candidates.length > 0;
    },
    found() {
      if (candidates === undefined) return null;
      const [first, second] = candidates;
      if (first === undefined) return iso ? { formats: [ISO], date } : null;
      // Nobody writes the month first with points.
      const apart = second === undefined || /^%-?d\./.test(settled(first));
      const formats: FoundFormat["formats"] = apart
        ? [settled(first)]
        : [settled(first), settled(second)];
      return { formats, date };
    },
  };
}
