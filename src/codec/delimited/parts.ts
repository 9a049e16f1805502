// A delimited text file taken apart: what its columns hold, how each cell is written, and all that is
// no cell. Together they give the file's bytes again.
import { ElboError } from "../../base/errors.ts";
import { stepped } from "./ulps.ts";

/** Whether cells are taken for numbers or for texts. */
export type CellKind = "number" | "text";

/** A number as it is written: digits with so many decimals, and what stands around them. */
export interface NumberForm {
  kind: "number";
  /** Space before and after, within the quotes. */
  before: string;
  after: string;
  quoted: boolean;
  /** Shown though the mantissa is not negative; a minus only before zero. */
  sign: "" | "+" | "-";
  /** The least digits before the point, filled with zeros: 1, but 0 for `.5` and 3 for `007`. */
  digits: number;
  decimals: number;
  /** Behind the digits: an exponent, or the point of `5.`. */
  suffix: string;
  /**
   * How many float64 the number stands behind mantissa / 10^decimals, away from 0. Where it stands
   * beside, it is written with the digits that float64 needs (`ulps.ts`).
   */
  ulps: number;
}

/** A text as it is written; `needed` means in quotes where a delimiter, quote or line end asks for them. */
export interface TextForm {
  kind: "text";
  before: string;
  after: string;
  quotes: "needed" | "always" | "never";
}

/** A cell that means "missing", as it stands in the file. */
export interface MissingForm {
  kind: "missing";
  text: string;
}

/** A cell that fits no other form: its bytes are kept. */
export interface ExceptionForm {
  kind: "exception";
}

export type Form = NumberForm | TextForm | MissingForm | ExceptionForm;

export interface DelimitedColumn {
  name: string;
  /** For each row the place of its form in the table. */
  forms: Uint8Array;
  /** In the order of their first rows. */
  formTable: Form[];
  /** Of a column of numbers: whole numbers, NaN where a cell is missing or an exception. */
  mantissas: Float64Array | null;
  /** Of a column of texts: null where a cell is missing or an exception. */
  texts: (string | null)[] | null;
  /** The bytes of the cells that are exceptions, in the order of rows. */
  exceptions: Uint8Array[];
}

export interface DelimitedParts {
  rows: number;
  /** All that is no cell: see `frame.ts`. */
  frame: Uint8Array;
  columns: DelimitedColumn[];
}

/** Forms of a column, at most; cells of further ones are exceptions. */
export const mostForms = 250;

/** How far the point may stand from the end of a mantissa: powers of ten that float64 holds. */
export const mostScale = 22;

const powers = Float64Array.from({ length: mostScale + 1 }, (_, power) => Number(`1e${power}`));

/** The power of ten that the mantissa of a number is divided by. */
export function scaleOf({ decimals, suffix }: Pick<NumberForm, "decimals" | "suffix">): number {
  const exponent = /[eE](.*)$/.exec(suffix)?.[1];
  return decimals - (exponent === undefined ? 0 : Number(exponent));
}

/** The number that a mantissa is in its form: what the reader of tables makes of the cell. */
export function numberOf(form: NumberForm, mantissa: number): number {
  const scale = scaleOf(form);
  const size = Math.abs(mantissa);
  const decimal = scale < 0 ? size * powers[-scale]! : size / powers[scale]!;
  const value = form.ulps === 0 ? decimal : stepped(decimal, form.ulps);
  return mantissa < 0 || form.sign === "-" ? -value : value;
}

export function damagedParts(reason: string): ElboError {
  return new ElboError({
    code: "delimited-damaged",
    message: `The parts of a table give it back whole; these do not: ${reason}`,
    hint: "the file is damaged or was cut short; take another copy of it",
  });
}
