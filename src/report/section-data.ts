// The part of a report about the data: its columns, and what is odd in them.
import { amount, counted, grouped, percent } from "../base/words.ts";
import { isModelled } from "../fields/field.ts";
import type { FieldSummary } from "../train/summary.ts";
import type { ReportFacts } from "./facts.ts";
import { type Html, html, table } from "./html.ts";
import { shortened } from "./map-fields.ts";

/** Columns and findings that are shown before the rest is folded. */
const SHOWN = 24;

const edge = (value: number | string | null) =>
  typeof value === "number" ? amount(value).replace("-", "−") : (value ?? "");

function valuesText({ min, max, mean, frequent, distinct, shape }: FieldSummary): string {
  if (frequent.length > 0) {
    const known = frequent.map(({ value, count }) => `${shortened(value)} (${grouped(count)})`);
    const more = distinct !== null && distinct > frequent.length ? ", …" : "";
    return `${known.join(", ")}${more}`;
  }
  const size =
    shape.length > 1 ? `${shape.join(" × ")}, ` : shape[0]! > 1 ? `${shape[0]} values, ` : "";
  if (min === null || max === null)
    return distinct === null ? size : `${counted(distinct, "value")}`;
  return `${size}${edge(min)} to ${edge(max)}${mean === null ? "" : `, mean ${edge(mean)}`}`;
}

function missingText({ missing, shape }: FieldSummary, rows: number): string {
  if (missing === 0) return "none";
  const cells = rows * (shape.length === 1 ? shape[0]! : 1);
  return `${grouped(missing)} (${percent(missing / cells)})`;
}

/** The first rows of a table, and the rest behind a summary. */
export function folded<T>(
  all: readonly T[],
  shown: number,
  what: string,
  draw: (some: readonly T[]) => Html,
) {
  if (all.length <= shown) return all.length > 0 ? draw(all) : null;
  const rest = all.slice(shown);
  return html`${draw(all.slice(0, shown))}<details><summary>${counted(rest.length, `more ${what}`)}</summary>${draw(rest)}</details>`;
}

export function dataSection({ run, record }: ReportFacts): Html {
  const { data, schema } = run.config;
  const summary = record?.summary ?? null;
  const rows = record?.rows;
  const split = rows
    ? ` ${counted(rows.training, "row")} trained the model, and ${rows.validation === 0 ? "none was" : `${grouped(rows.validation)} were`} held out.`
    : "";
  const intro = html`<p>${counted(data.rows, "row")} of <code>${data.source}</code>.${split}</p>`;
  if (!summary) {
    const fields = schema.fields.map((field) => [
      field.name,
      field.role,
      field.kind,
      isModelled(field) ? (field.gaps ? "some" : "none in training rows") : "",
    ]);
    return html`${intro}<p class="note">The run keeps no account of its columns' values: it took its fields from another run, or the account is gone.</p>${folded(
      fields,
      SHOWN,
      "column",
      (some) => table("Columns", ["column", "role", "kind", "missing"], some),
    )}`;
  }
  const { findings, notes } = summary;
  const odd = [
    ...findings.map(({ message, hint }) => ({ message, hint })),
    ...notes.map(({ message }) => ({ message, hint: "" })),
  ];
  const oddities = folded(
    odd,
    SHOWN,
    "finding",
    (some) =>
      html`<ul>${some.map(({ message, hint }) => html`<li>${message}${hint && html` <span class="quiet">(${hint})</span>`}</li>`)}</ul>`,
  );
  const missing = summary.fields.filter((field) => field.missing > 0).length;
  const gaps =
    missing === 0 ? "No cell is missing." : `Cells are missing in ${counted(missing, "column")}.`;
  return html`${intro}<p>${gaps} ${odd.length === 0 ? "Nothing odd was found in its columns." : `What is worth a look:`}</p>${oddities}${folded(
    summary.fields,
    SHOWN,
    "column",
    (some) =>
      table(
        "Columns",
        ["column", "role", "kind", "likelihood", "missing", "values"],
        some.map((field) => [
          field.name,
          field.role,
          field.role === "ignore" ? "" : field.kind,
          field.likelihood ?? "",
          missingText(field, summary.rows),
          valuesText(field),
        ]),
        "wide",
      ),
  )}`;
}
