// What the columns of a delimited file hold, decided over all of their cells.
import type { ColumnType } from "../../fields/columns.ts";
import { ISO, watchFormat } from "../../fields/times/detect.ts";
import { isDate, isoForm, readTime } from "../../fields/times/iso-time.ts";
import { decode, readWord } from "./cell-text.ts";
import type { ScannedRows } from "./csv-columns.ts";
import { isPadded, losesPrecision, readNumber } from "./numerals.ts";

/** A cell worth naming: what it says, cut to a line, and where it stands. */
export interface CellExample {
  text: string;
  /** The file's place among those read, and the row as that file counts. */
  part: number;
  row: number;
}

/** What the cells of a column are: those that have a code counted once, all others each time. */
export interface ColumnSurvey {
  /** Those whose cells have been counted. */
  codes: number;
  /** Numerals, infinite ones too. */
  numbers: number;
  /** Cells that say `inf`: numbers among numbers, words among words. */
  infinityWords: number;
  texts: number;
  booleans: number;
  times: number;
  /** Times of day 0 written as a date alone. */
  dates: number;
  /** The form of the first time, and that text; −1 where another has another form. */
  form?: number;
  firstTime?: string;
  /** Digits that begin with a 0, as of codes: `00501`. */
  padded: boolean;
  firstInfinite?: CellExample;
  /** An integer that float64 cannot hold. */
  firstInexact?: CellExample;
  /** A moment between microseconds. */
  firstBetween?: CellExample;
}

export const emptySurvey = (): ColumnSurvey => ({
  codes: 0,
  numbers: 0,
  infinityWords: 0,
  texts: 0,
  booleans: 0,
  times: 0,
  padded: false,
  dates: 0,
});

const exampleLength = 40;

/** The bytes of a moment that is told to less than a microsecond, at least. */
const shortestNanos = "2020-01-01 00:00:00.0000001".length;

function isBetweenMicros(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < shortestNanos) return false;
  return /\.\d{6}\d*[1-9]/.test(decode(bytes, start, end, false));
}

/** Adds the cells of a column of `width` to its survey: those that have a code once. */
export function surveyColumn(
  survey: ColumnSurvey,
  { bytes, places, cells, first, part, before }: ScannedRows,
  column: number,
  width: number,
): void {
  const { codes, without, size, numbers } = cells[column] ?? {};
  const { starts, ends, doubled } = places;
  const rows = places.rows - first;
  for (let i = 0, cell = first * width + column; i < rows; i++, cell += width) {
    // All that follow are known.
    if (without === 0 && size === survey.codes) return;
    const code = codes === undefined ? -1 : codes[i]!;
    if (code >= 0) {
      if (code < survey.codes) continue;
      survey.codes++;
    }
    if (numbers && !Number.isNaN(numbers[i]!)) {
      survey.numbers++;
      continue;
    }
    const [start, end] = [starts[cell]!, ends[cell]!];
    surveyCell(survey, bytes, start, end, () => {
      const text = decode(bytes, start, end, doubled[cell] === 1).slice(0, exampleLength);
      return { text, part, row: before + first + i + 1 };
    });
  }
}

function surveyCell(
  survey: ColumnSurvey,
  bytes: Uint8Array,
  start: number,
  end: number,
  example: () => CellExample,
): void {
  const value = readNumber(bytes, start, end);
  if (Number.isFinite(value)) {
    survey.numbers++;
    survey.padded ||= isPadded(bytes, start, end);
    if (survey.firstInexact === undefined && losesPrecision(bytes, start, end, value)) {
      survey.firstInexact = example();
    }
    return;
  }
  if (!Number.isNaN(value)) {
    const last = bytes[end - 1]!;
    if (last >= 0x30 && last <= 0x39) survey.numbers++;
    else survey.infinityWords++;
    survey.firstInfinite ??= example();
    return;
  }
  const word = readWord(bytes, start, end);
  if (word === "missing") return;
  survey.texts++;
  if (word !== undefined) survey.booleans++;
  else if (!Number.isNaN(readTime(bytes, start, end))) {
    survey.times++;
    if (survey.firstBetween === undefined && isBetweenMicros(bytes, start, end)) {
      survey.firstBetween = example();
    }
    if (isDate(start, end)) survey.dates++;
    const form = isoForm(bytes, start, end);
    survey.firstTime ??= decode(bytes, start, end, false);
    survey.form ??= form;
    if (form !== survey.form) survey.form = -1;
  }
}

/** The format of a time in ISO 8601, where strftime has one. */
function formatOf(text: string): { format?: string } {
  const watch = watchFormat();
  watch.add(text);
  const [format] = watch.found()!.formats;
  return format === ISO ? {} : { format };
}

/** What a survey found a column to be. */
export function surveyedType(survey: ColumnSurvey): ColumnType {
  const { numbers, infinityWords, texts, booleans, times, dates, padded } = survey;
  // A code without its zeros is another code.
  if (texts === 0) return { type: padded && infinityWords === 0 ? "text" : "number" };
  if (numbers + infinityWords > 0) return { type: "text" };
  if (booleans === texts) return { type: "number", boolean: true };
  if (times === texts) {
    if (dates === texts) return { type: "time", date: true };
    return { type: "time", ...(survey.form === -1 ? {} : formatOf(survey.firstTime!)) };
  }
  return { type: "text" };
}
