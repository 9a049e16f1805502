// Raw values as cells of a page's tables.

import { grouped } from "../base/words.ts";
import type { RawRows } from "../tasks/raw-rows.ts";
import { type Html, html } from "./html.ts";
import { shortened } from "./map-fields.ts";

/** Values of a vector that are shown. */
const MOST_VALUES = 4;

/** At most five digits: more are noise of float32. Small whole numbers may be years or codes. */
function numberText(value: number): string {
  const short = Number(value.toPrecision(5));
  if (Number.isInteger(short) && Math.abs(short) < 10_000) return String(short).replace("-", "−");
  if (Math.abs(short) < 1e-4 || Math.abs(short) >= 1e9)
    return short.toExponential().replace("-", "−");
  return short.toLocaleString("en-US", { maximumFractionDigits: 8 }).replace("-", "−");
}

/** One cell; null where it is missing or has no text. */
export function cellText({ columns, values }: RawRows, column: number, row: number): string | null {
  const [info, all] = [columns[column]!, values[column]!];
  switch (all.type) {
    case "text": {
      const text = all.values[row];
      return text === null || text === undefined ? null : shortened(text);
    }
    case "number": {
      const value = all.values[row]!;
      if (Number.isNaN(value)) return null;
      return info.type === "number" && info.boolean ? String(value === 1) : numberText(value);
    }
    case "time": {
      const value = all.values[row]!;
      if (Number.isNaN(value)) return null;
      const text = new Date(value).toISOString();
      return info.type === "time" && info.date
        ? text.slice(0, 10)
        : text.slice(0, 16).replace("T", " ");
    }
    case "vector": {
      const size = info.type === "vector" ? info.size : 1;
      const some = all.values.subarray(row * size, row * size + Math.min(size, MOST_VALUES));
      return `${Array.from(some, (value) => (Number.isNaN(value) ? "–" : numberText(Number(value.toPrecision(4))))).join(", ")}${size > MOST_VALUES ? ", …" : ""}`;
    }
    case "sparse": {
      const count = all.offsets[row + 1]! - all.offsets[row]!;
      return `${grouped(count)} values that are not 0`;
    }
    case "image":
      return null;
    default:
      return all satisfies never;
  }
}

export const missing: Html = html`<span class="quiet">missing</span>`;

export const cell = (rows: RawRows, column: number, row: number) =>
  cellText(rows, column, row) ?? missing;
