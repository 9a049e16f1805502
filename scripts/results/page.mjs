// docs/results.md of the tables and their figures.
import { writeFileSync } from "node:fs";
import { cpus } from "node:os";

const line = (cells) => `| ${cells.join(" | ")} |`;

function tableText({ title, text, columns, rows, name, last }, figures) {
  const known = rows.filter((row) => figures[`${name}/${row.name}`]);
  const missing = rows.filter((row) => !known.includes(row)).map((row) => row.name);
  const body = known.map((row) => {
    const values = figures[`${name}/${row.name}`];
    return line([row.title, ...columns.map((column) => column.of(values, row))]);
  });
  if (last && missing.length === 0) {
    const values = last.of(known.map((row) => figures[`${name}/${row.name}`]));
    body.push(line([last.title, ...columns.map((column) => column.of(values, last))]));
  }
  const head = [
    line(["", ...columns.map((column) => column.title)]),
    line(["---", ...columns.map(() => "---")]),
  ];
  const rest = missing.length > 0 ? [`\nNot computed yet: ${missing.join(", ")}.`] : [];
  return [`## ${title}`, "", text.trim(), "", ...head, ...body, ...rest].join("\n");
}

export function writePage(tables, figures) {
  const machine = `${cpus().length} × ${cpus()[0]?.model}, Node ${process.version}`;
  const intro = `Written by \`npm run results\` on ${machine}. Figures are nats per image where nothing
else is said; every row can be computed again by \`npm run results -- TABLE/ROW\`. Seconds are of
machines that also did other work.`;
  const parts = ["# Results", intro, ...tables.map((table) => tableText(table, figures))];
  writeFileSync("docs/results.md", `${parts.join("\n\n")}\n`);
}
