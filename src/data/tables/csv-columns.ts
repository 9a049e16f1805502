// What the columns of a delimited file hold, decided over all of their cells, and their values.
import type { ColumnType, ColumnValues } from "../../fields/columns.ts";
import { ISO, watchFormat } from "../../fields/times/detect.ts";
import { isDate, isoForm, readTime } from "../../fields/times/iso-time.ts";
import { decode, readWord, type TextReader, textReader, trimEnd, trimStart } from "./cell-text.ts";
import type { CellPlaces } from "./cells.ts";
import { isPadded, losesPrecision, readNumber } from "./numerals.ts";

/** A cell worth naming: what it says, cut to a line, and where it stands. */
export interface CellExample {
  text: string;
  /** The file's place among those read, and the row as that file counts. */
  part: number;
  row: number;
}

/** What the cells of a column are, counted. */
export interface ColumnSurvey {
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
  numbers: 0,
  infinityWords: 0,
  texts: 0,
  booleans: 0,
  times: 0,
  padded: false,
  dates: 0,
});

/** The rows that a scan stands at: those from `first` on are data. */
export interface ScannedRows {
  bytes: Uint8Array;
  places: CellPlaces;
  first: number;
  /** The file's place among those read, and its rows before these. */
  part: number;
  before: number;
}

const exampleLength = 40;

/** The bytes of a moment that is told to less than a microsecond, at least. */
const shortestNanos = "2020-01-01 00:00:00.0000001".length;

function isBetweenMicros(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < shortestNanos) return false;
  return /\.\d{6}\d*[1-9]/.test(decode(bytes, start, end, false));
}

/** Adds the cells of a column of `width` to its survey. */
export function surveyColumn(
  survey: ColumnSurvey,
  { bytes, places, first, part, before }: ScannedRows,
  column: number,
  width: number,
): void {
  const { starts, ends, doubled, rows } = places;
  const exampleAt = (row: number): CellExample => {
    const cell = row * width + column;
    const start = trimStart(bytes, starts[cell]!, ends[cell]!);
    const text = decode(bytes, start, trimEnd(bytes, start, ends[cell]!), doubled[cell] === 1);
    return { text: text.slice(0, exampleLength), part, row: before + row + 1 };
  };
  for (let row = first; row < rows; row++) {
    const cell = row * width + column;
    const start = trimStart(bytes, starts[cell]!, ends[cell]!);
    const end = trimEnd(bytes, start, ends[cell]!);
    const value = readNumber(bytes, start, end);
    if (!Number.isNaN(value)) {
      if (Number.isFinite(value)) {
        survey.numbers++;
        survey.padded ||= isPadded(bytes, start, end);
        if (survey.firstInexact === undefined && losesPrecision(bytes, start, end, value)) {
          survey.firstInexact = exampleAt(row);
        }
        continue;
      }
      const last = bytes[end - 1]!;
      if (last >= 0x30 && last <= 0x39) survey.numbers++;
      else survey.infinityWords++;
      survey.firstInfinite ??= exampleAt(row);
      continue;
    }
    const word = readWord(bytes, start, end);
    if (word === "missing") continue;
    survey.texts++;
    if (word !== undefined) survey.booleans++;
    else if (!Number.isNaN(readTime(bytes, start, end))) {
      survey.times++;
      if (survey.firstBetween === undefined && isBetweenMicros(bytes, start, end)) {
        survey.firstBetween = exampleAt(row);
      }
      if (isDate(start, end)) survey.dates++;
      const form = isoForm(bytes, start, end);
      survey.firstTime ??= decode(bytes, start, end, false);
      survey.form ??= form;
      if (form !== survey.form) survey.form = -1;
    }
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

/** A cell that is not what the survey found all cells of its column to be. */
export interface ChangedCell {
  changedRow: number;
}

/** Gives the values of a column in the rows that a scan stands at. */
export type ColumnReader = (rows: ScannedRows) => ColumnValues | ChangedCell;

/** A reader of column `column` of `width`. */
export function columnReader(type: ColumnType, column: number, width: number): ColumnReader {
  if (type.type === "text") return readTexts(textReader(), column, width);
  const read =
    type.type === "time"
      ? readTime
      : type.type === "number" && type.boolean
        ? readBoolean
        : readNumber;
  const sort = type.type === "time" ? "time" : "number";
  return ({ bytes, places, first, before }) => {
    const { starts, ends, rows } = places;
    const values = new Float64Array(rows - first);
    for (let row = first; row < rows; row++) {
      const cell = row * width + column;
      const start = trimStart(bytes, starts[cell]!, ends[cell]!);
      const end = trimEnd(bytes, start, ends[cell]!);
      const value = read(bytes, start, end);
      if (!Number.isFinite(value)) {
        const missing = Number.isNaN(value) && readWord(bytes, start, end) === "missing";
        if (!missing) return { changedRow: before + row + 1 };
      }
      values[row - first] = value;
    }
    return { type: sort, values };
  };
}

function readBoolean(bytes: Uint8Array, start: number, end: number): number {
  const word = readWord(bytes, start, end);
  return word === "true" ? 1 : word === "false" ? 0 : Number.NaN;
}

function readTexts(read: TextReader, column: number, width: number): ColumnReader {
  return ({ bytes, places, first }) => {
    const { starts, ends, doubled, rows } = places;
    const values = new Array<string | null>(rows - first);
    for (let row = first; row < rows; row++) {
      const cell = row * width + column;
      const start = trimStart(bytes, starts[cell]!, ends[cell]!);
      const end = trimEnd(bytes, start, ends[cell]!);
      const missing = readWord(bytes, start, end) === "missing";
      values[row - first] = missing ? null : read(bytes, start, end, doubled[cell] === 1);
    }
    return { type: "text", values };
  };
}
