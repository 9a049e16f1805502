// Cells of numbers as whole numbers and the ways in which they are written.
import type { ByteWriter } from "../bytes.ts";
import { alike, mostDigits } from "./alike-forms.ts";
import { ascii, type Cell, FormTable, isFarOut } from "./form-table.ts";
import { type DelimitedColumn, mostScale, type NumberForm, numberOf, scaleOf } from "./parts.ts";
import { nearDecimal } from "./ulps.ts";

const zero = 0x30;
const isDigit = (byte: number | undefined) => byte !== undefined && byte >= zero && byte <= 0x39;

/** The digits of a number at the places of a cell. */
interface Numeral {
  sign: "" | "+" | "-";
  mantissa: number;
  digits: number;
  decimals: number;
  suffix: string;
  ulps: number;
}

const exponent = /^([eE][+-]?\d+)?$/;
const pointAndExponent = /^\.?([eE][+-]?\d+)?$/;

function numeral(bytes: Uint8Array, start: number, end: number): Numeral | undefined {
  let i = start;
  const first = bytes[i];
  const negative = first === 0x2d;
  if (negative || first === 0x2b) i++;
  const whole = i;
  let mantissa = 0;
  for (; i < end && isDigit(bytes[i]); i++) mantissa = mantissa * 10 + (bytes[i]! - zero);
  const written = i - whole;
  let decimals = 0;
  let suffixStart = i;
  if (i < end && bytes[i] === 0x2e) {
    i++;
    for (; i < end && isDigit(bytes[i]); i++) mantissa = mantissa * 10 + (bytes[i]! - zero);
    decimals = i - suffixStart - 1;
    if (decimals > 0) suffixStart = i;
  }
  if (written + decimals === 0 || written > mostDigits || decimals > mostDigits) return undefined;
  if (end - suffixStart > 8) return undefined;
  const suffix = suffixStart === end ? "" : ascii(bytes, suffixStart, end);
  if (!(decimals > 0 ? exponent : pointAndExponent).test(suffix)) return undefined;
  const padded = written > 1 && bytes[whole] === zero;
  const digits = padded || written === 0 ? written : 1;
  const sign = first === 0x2b ? "+" : negative && mantissa === 0 ? "-" : "";
  const signed = (size: number) => (negative && size > 0 ? -size : size);
  if (mantissa > leastStray && decimals > 0 && sign === "" && digits === 1 && suffix === "") {
    const near = stray(ascii(bytes, whole, end), decimals);
    if (near) return { ...near, mantissa: signed(near.mantissa), sign, digits, suffix };
  }
  if (mantissa > Number.MAX_SAFE_INTEGER) return undefined;
  return { sign, mantissa: signed(mantissa), digits, decimals, suffix, ulps: 0 };
}

/** Fewer digits do not come of a computation that went astray. */
const leastStray = 1e14;

/** The decimal beside the number, where the text is how float64 is written. */
function stray(text: string, decimals: number) {
  const value = Number(text);
  return String(value) === text ? nearDecimal(value, decimals) : undefined;
}

/** Reads the cells of a column of numbers. */
export class NumberCells {
  readonly #table = new FormTable();
  readonly #mantissas: number[] = [];

  add(cell: Cell): void {
    const { bytes, start, end, innerStart, innerEnd, quoted } = cell;
    const found = isFarOut(cell) ? undefined : numeral(bytes, start, end);
    if (found === undefined) {
      this.#mantissas.push(Number.NaN);
      if (!this.#table.missing(cell)) this.#table.exception(cell);
      return;
    }
    const { sign, mantissa, digits, decimals, suffix, ulps } = found;
    const bare = !quoted && innerStart === start && innerEnd === end;
    const simple = bare && sign === "" && digits === 1 && suffix === "" && ulps === 0;
    const form = (): NumberForm => {
      const before = ascii(bytes, innerStart, start);
      const after = ascii(bytes, end, innerEnd);
      return { kind: "number", before, after, quoted, sign, digits, decimals, suffix, ulps };
    };
    const key = simple ? decimals : JSON.stringify(form());
    const fits =
      Math.abs(scaleOf({ decimals, suffix })) <= mostScale && this.#table.note(key, form);
    this.#mantissas.push(fits ? mantissa : Number.NaN);
    if (!fits) this.#table.exception(cell);
  }

  finish(name: string): DelimitedColumn {
    const mantissas = Float64Array.from(this.#mantissas);
    const { forms, codes, exceptions } = this.#table;
    const { formTable, codes: merged } = alike(forms, Uint8Array.from(codes), mantissas);
    return { name, forms: merged, formTable, mantissas, texts: null, exceptions };
  }
}

/** Writes a number in its form. */
export function writeNumber(row: ByteWriter, form: NumberForm, mantissa: number): void {
  const { before, after, quoted } = form;
  const text = before + numeralText(form, mantissa) + after;
  row.plain(quoted ? `"${text}"` : text);
}

function numeralText(form: NumberForm, mantissa: number): string {
  const { sign, digits, decimals, suffix, ulps } = form;
  if (ulps !== 0) return String(numberOf(form, mantissa));
  const all = String(Math.abs(mantissa)).padStart(digits + decimals, "0");
  const point = all.length - decimals;
  const fraction = decimals > 0 ? `.${all.slice(point)}` : "";
  const shown = mantissa < 0 ? "-" : sign;
  return shown + all.slice(0, point) + fraction + suffix;
}
