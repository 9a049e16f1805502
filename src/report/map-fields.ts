// By what the points of the latent map are coloured, and what is told of each.
import type { ColumnValues } from "../fields/columns.ts";
import type { Field } from "../fields/field.ts";
import type { RawRows } from "../tasks/raw-rows.ts";
import type { RunConfig } from "../train/config.ts";
import type { Colour } from "./facts.ts";

/** Levels that can be told apart in a legend's list; columns with more are no colours. */
const MOST_LEVELS = 50;
/** Characters of a text that are shown. */
const MOST_CHARACTERS = 80;
const DAY_MS = 86_400_000;

const short = (value: number) => (Number.isNaN(value) ? null : Number(value.toPrecision(5)));

export function shortened(text: string): string {
  const characters = [...text];
  if (characters.length <= MOST_CHARACTERS) return text;
  return `${characters.slice(0, MOST_CHARACTERS - 1).join("")}…`;
}

function levelled(name: string, texts: readonly (string | null)[]): Colour {
  const counts = new Map<string, number>();
  for (const text of texts) if (text !== null) counts.set(text, (counts.get(text) ?? 0) + 1);
  if (counts.size > MOST_LEVELS) {
    return { name, type: "text", values: texts.map((text) => text && shortened(text)) };
  }
  const levels = [...counts.keys()].sort(
    (a, b) => counts.get(b)! - counts.get(a)! || (a < b ? -1 : 1),
  );
  const codes = new Map(levels.map((level, code) => [level, code]));
  const values = texts.map((text) => (text === null ? null : codes.get(text)!));
  return { name, type: "levels", levels: levels.map(shortened), values };
}

function colourOf(field: Field | undefined, name: string, column: ColumnValues): Colour | null {
  if (column.type === "text") return levelled(name, column.values);
  if (column.type === "time") {
    const days = Array.from(column.values, (value) => short(value / DAY_MS));
    return { name, type: "time", values: days };
  }
  if (column.type !== "number") return null;
  const { values } = column;
  const kind = field?.kind ?? "real";
  const truth =
    field && (("boolean" in field && field.boolean) || ("of" in field && field.of === "boolean"));
  if (kind === "binary" || kind === "categorical" || kind === "ordinal") {
    const text = (value: number) => (truth ? String(value === 1) : String(value));
    return levelled(
      name,
      Array.from(values, (value) => (Number.isNaN(value) ? null : text(value))),
    );
  }
  return { name, type: "number", values: Array.from(values, short) };
}

/** Every column that holds one value a row: targets, conditions and ids first, as people look for them. */
export function mapFields({ schema }: RunConfig, { columns, values }: RawRows): Colour[] {
  const fields = columns.flatMap(({ name }, i) => {
    const field = schema.fields.find((each) => each.name === name);
    const colour = colourOf(field, name, values[i]!);
    return colour ? [{ colour, role: field?.role ?? "id" }] : [];
  });
  const first = (role: string) => ["target", "condition", "id", "data"].indexOf(role);
  const levels = ({ type }: Colour) => (type === "levels" ? 0 : 1);
  return fields
    .sort((a, b) => first(a.role) - first(b.role) || levels(a.colour) - levels(b.colour))
    .map(({ colour }) => colour);
}
