// The forms and exceptions of a column as bytes, for a file that keeps them.
import { mostDigits } from "./alike-forms.ts";
import { damagedParts, FieldReader, FieldWriter } from "./fields.ts";
import { longestAround } from "./form-table.ts";
import { type DelimitedColumn, type Form, mostForms, mostScale, scaleOf } from "./parts.ts";
import { mostUlps } from "./ulps.ts";

const kinds = ["number", "text", "missing", "exception"] as const;
const signs = ["", "+", "-"] as const;
const quoting = ["needed", "always", "never"] as const;

/** Space on both sides of a word in quotes. */
const longestText = 2 * longestAround + 8;

/** What a column keeps beside its values and the forms of its rows. */
export type ColumnForms = Pick<DelimitedColumn, "formTable" | "exceptions">;

export function formBytes({ formTable, exceptions }: ColumnForms): Uint8Array {
  const writer = new FieldWriter();
  writer.number(formTable.length);
  for (const form of formTable) {
    writer.number(kinds.indexOf(form.kind));
    if (form.kind === "missing") writer.text(form.text);
    if (form.kind === "missing" || form.kind === "exception") continue;
    writer.text(form.before);
    writer.text(form.after);
    if (form.kind === "text") {
      writer.number(quoting.indexOf(form.quotes));
      continue;
    }
    writer.number(form.quoted ? 1 : 0);
    writer.number(signs.indexOf(form.sign));
    writer.number(form.digits);
    writer.number(form.decimals);
    writer.text(form.suffix);
    writer.number(form.ulps + mostUlps);
  }
  for (const bytes of exceptions) writer.bytes(bytes);
  return writer.finish();
}

function readForm(reader: FieldReader): Form {
  const around = () => {
    const text = reader.text();
    if (text.length > longestText) throw damagedParts("a form is too long");
    return text;
  };
  const kind = reader.choice(kinds);
  if (kind === "exception") return { kind };
  if (kind === "missing") return { kind, text: around() };
  const [before, after] = [around(), around()];
  if (kind === "text") return { kind, before, after, quotes: reader.choice(quoting) };
  const [quoted, sign] = [reader.choice([false, true]), reader.choice(signs)];
  const [digits, decimals] = [reader.number(mostDigits), reader.number(mostDigits)];
  const [suffix, ulps] = [around(), reader.number(2 * mostUlps) - mostUlps];
  const form = { kind, before, after, quoted, sign, digits, decimals, suffix, ulps };
  if (!(Math.abs(scaleOf(form)) <= mostScale)) throw damagedParts("a number's point is far away");
  return form;
}

/**
 * @param exceptions how many the rows have.
 * @throws ElboError `delimited-damaged`.
 */
export function readFormBytes(bytes: Uint8Array, exceptions: number): ColumnForms {
  const reader = new FieldReader(bytes);
  const formTable: Form[] = [];
  for (let left = reader.number(mostForms + 1); left > 0; left--) formTable.push(readForm(reader));
  const kept: Uint8Array[] = [];
  for (let i = 0; i < exceptions; i++) kept.push(reader.bytes());
  reader.end();
  return { formTable, exceptions: kept };
}
