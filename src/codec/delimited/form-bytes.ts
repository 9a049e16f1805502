// The forms and exceptions of a column as bytes, for a file that keeps them.
import { ByteReader, ByteWriter } from "../bytes.ts";
import { mostDigits } from "./alike-forms.ts";
import { longestAround } from "./form-table.ts";
import {
  type DelimitedColumn,
  damagedParts,
  type Form,
  mostForms,
  mostScale,
  scaleOf,
} from "./parts.ts";
import { mostUlps } from "./ulps.ts";

const kinds = ["number", "text", "missing", "exception"] as const;
const signs = ["", "+", "-"] as const;
const quoting = ["needed", "always", "never"] as const;

/** Space on both sides of a word in quotes. */
const longestText = 2 * longestAround + 8;

/** What a column keeps beside its values and the forms of its rows. */
export type ColumnForms = Pick<DelimitedColumn, "formTable" | "exceptions">;

export function formBytes({ formTable, exceptions }: ColumnForms): Uint8Array {
  const writer = new ByteWriter();
  writer.count(formTable.length);
  for (const form of formTable) {
    writer.count(kinds.indexOf(form.kind));
    if (form.kind === "missing") writer.text(form.text);
    if (form.kind === "missing" || form.kind === "exception") continue;
    writer.text(form.before);
    writer.text(form.after);
    if (form.kind === "text") {
      writer.count(quoting.indexOf(form.quotes));
      continue;
    }
    writer.count(form.quoted ? 1 : 0);
    writer.count(signs.indexOf(form.sign));
    writer.count(form.digits);
    writer.count(form.decimals);
    writer.text(form.suffix);
    writer.count(form.ulps + mostUlps);
  }
  for (const bytes of exceptions) writer.block(bytes);
  return writer.finish();
}

/** A place in a list. */
const choice = <Choice>(reader: ByteReader, choices: readonly Choice[]): Choice =>
  choices[reader.count(choices.length - 1)]!;

function readForm(reader: ByteReader): Form {
  const around = () => {
    const text = reader.text();
    if (text.length > longestText) throw damagedParts("a form is too long");
    return text;
  };
  const kind = choice(reader, kinds);
  if (kind === "exception") return { kind };
  if (kind === "missing") return { kind, text: around() };
  const [before, after] = [around(), around()];
  if (kind === "text") return { kind, before, after, quotes: choice(reader, quoting) };
  const [quoted, sign] = [choice(reader, [false, true]), choice(reader, signs)];
  const [digits, decimals] = [reader.count(mostDigits), reader.count(mostDigits)];
  const [suffix, ulps] = [around(), reader.count(2 * mostUlps) - mostUlps];
  const form = { kind, before, after, quoted, sign, digits, decimals, suffix, ulps };
  if (!(Math.abs(scaleOf(form)) <= mostScale)) throw damagedParts("a number's point is far away");
  return form;
}

/**
 * @param exceptions how many the rows have.
 * @throws ElboError `delimited-damaged`, `archive-damaged`.
 */
export function readFormBytes(bytes: Uint8Array, exceptions: number): ColumnForms {
  const reader = new ByteReader(bytes);
  const formTable: Form[] = [];
  for (let left = reader.count(mostForms + 1); left > 0; left--) formTable.push(readForm(reader));
  const kept: Uint8Array[] = [];
  for (let i = 0; i < exceptions; i++) kept.push(reader.block());
  if (reader.left > 0) throw damagedParts("something stands behind the forms");
  return { formTable, exceptions: kept };
}
