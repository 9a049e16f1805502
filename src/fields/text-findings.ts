// What columns of texts are that are none to a person, or not all of them: numbers, dates, a mixture.
import { counted } from "../base/words.ts";
import { isConstant, type MixedCells, type TextProfile } from "./column-profile.ts";
import type { Origin } from "./columns.ts";
import { type Field, isModelled } from "./field.ts";
import type { Finding } from "./findings.ts";
import { columnNamed, flag } from "./words.ts";

const takenAs = (role: Field["role"]) =>
  role === "id"
    ? "is carried along as an id"
    : role === "ignore"
      ? "is left out"
      : "is taken as text";

/** What DuckDB is asked for to have another column in the place of one. */
const replaced = (name: string, by: string) =>
  `"select * replace (${by} as ${sqlWord(name)}) from 'FILE'"`;
const sqlWord = (name: string) => (/^[a-z_]\w*$/i.test(name) ? name : `"${name}"`);

/** The row of an example as its file counts, and what it says. */
function exampleText({ locate }: Origin, { text, row }: MixedCells["example"]): string {
  return `row ${locate?.(row).row ?? row}: ${JSON.stringify(text)}`;
}

/** Numbers that are stored as texts, or that codes may be. */
function aboutNumerals(
  { name, mixed }: TextProfile,
  { role }: Field,
  origin: Origin,
): Finding | undefined {
  if (mixed?.texts !== 0) return undefined;
  const how = /^0\d/.test(mixed.example.text)
    ? `numbers with zeros in front (${exampleText(origin, mixed.example)})`
    : "numbers alone, stored as text";
  return {
    code: "numbers-as-text",
    column: name,
    message: `${columnNamed(name)} holds ${how}, and ${takenAs(role)}`,
    hint: `${flag("kind", `${name}=real`)} takes them as numbers; leave it so if they are codes`,
  };
}

/** Texts that a person reads as numbers or dates. */
function aboutNotation({ name, notation }: TextProfile, { role }: Field): Finding | undefined {
  if (notation === null) return undefined;
  const { of, example, formats } = notation;
  const [format, other] = formats;
  if (format !== undefined && other !== undefined) {
    return {
      code: "dates-ambiguous",
      column: name,
      message: `${columnNamed(name)} holds dates of which no cell tells the day from the month (${JSON.stringify(example)}), and ${takenAs(role)}`,
      hint: `say what stands first: ${flag("time-format", `${name}=${format}`)} for the day, ${flag("time-format", `${name}=${other}`)} for the month`,
    };
  }
  const message = `${columnNamed(name)} holds ${of} in another notation (${JSON.stringify(example)}), and ${takenAs(role)}`;
  if (of === "dates") {
    return {
      code: "dates-as-text",
      column: name,
      message,
      hint:
        format === undefined
          ? "write all of them in one way, such as 2021-01-31"
          : `${flag("time-format", `${name}=${format}`)} takes them as times`,
    };
  }
  const decimalComma = /,(\d{1,2}|\d{4,})\D*$/.test(example);
  const odd = /[^\d.+-]/.exec(example)?.[0] ?? ".";
  const query = decimalComma
    ? `"select * from read_csv('FILE', decimal_separator = ',', thousands = '.')"`
    : replaced(name, `replace(${sqlWord(name)}, '${odd === "'" ? "''" : odd}', '')::DOUBLE`);
  return {
    code: "numbers-as-text",
    column: name,
    message,
    hint: `write them as 1234.5, or let SQL read them: ${query}`,
  };
}

function aboutMixed(
  { name, mixed }: TextProfile,
  { role }: Field,
  origin: Origin,
): Finding | undefined {
  if (mixed === undefined) return undefined;
  const { numbers, texts, example } = mixed;
  const word = texts <= numbers && !example.text.includes(",") ? example.text : "WORD";
  return {
    code: "column-mixed",
    column: name,
    message: `${columnNamed(name)} holds ${counted(numbers, "number")} and ${counted(texts, "other text")} (${exampleText(origin, example)}), and ${takenAs(role)}`,
    hint: `if it should be numbers, correct those cells, or say what means that there is none: ${flag("missing", `${name}=${word}`)}`,
  };
}

/** What texts are that are none to a person, or not all of them. */
export function aboutTexts(
  profile: TextProfile,
  field: Field,
  origin: Origin,
): Finding | undefined {
  if (profile.info.role === "id" || isConstant(profile)) return undefined;
  const { mixed } = profile;
  const mostlyNumbers = mixed !== undefined && mixed.numbers > mixed.texts;
  return (
    aboutNumerals(profile, field, origin) ??
    (mostlyNumbers ? aboutMixed(profile, field, origin) : undefined) ??
    aboutNotation(profile, field) ??
    (isModelled(field) ? aboutMixed(profile, field, origin) : undefined)
  );
}
