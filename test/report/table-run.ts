// A trained run of a table whose names and cells are markup, and of a column of most kinds.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { train } from "#elbo/train/train.js";
import { mixedColumns } from "../tasks/mixed-table.ts";

export const MARKUP = "<script>alert(1)</script>";

/** CSV as a person may have it: hostile names and cells among others. */
export function markupCsv(rows: number): string {
  const columns = { ...mixedColumns(rows), [`${MARKUP} & "name"`]: [] as (string | null)[] };
  const cells = Object.entries(columns).map(([name, values]) => {
    const own =
      values.length > 0
        ? values
        : Array.from({ length: rows }, (_, i) => (i % 3 ? MARKUP : "</td>'"));
    const text = (value: unknown) =>
      value === null ? "" : value instanceof Date ? value.toISOString() : String(value);
    const quoted = (value: string) => `"${value.replaceAll('"', '""')}"`;
    return [quoted(name), ...own.map((value) => quoted(text(value)))];
  });
  return Array.from({ length: rows + 1 }, (_, i) =>
    cells.map((column) => column[i]).join(","),
  ).join("\n");
}

export async function tableRun(folder: string, rows = 240): Promise<{ run: string; data: string }> {
  const data = join(folder, "people.csv");
  writeFileSync(data, markupCsv(rows));
  const run = join(folder, "run");
  await train(data, { out: run, latent: 2, epochs: 4, seed: 3, threads: 1 });
  return { run, data };
}
