// elbo inspect: what a data file, or a run, is.

import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { grouped } from "../base/words.ts";
import type { FieldOptions } from "../tasks/inspect.ts";
import type { DataSummary, FieldSummary } from "../train/summary.ts";
import { fieldOptions } from "./field-options.ts";
import { aligned, amount, counted, figure, percent } from "./format.ts";
import type { GlobalOptions } from "./options.ts";
import { finish, talkTo } from "./talk.ts";

const help = `
Of data it shows what training would take: each column's kind, role and likelihood, what is
missing, and what looks wrong. What you declare wins; --save writes the fields to a file that
you can edit and give to train as --schema. Of a run it shows the model, its settings and data.

Examples:
  $ elbo inspect adult.csv
  $ elbo inspect adult.csv --target income --kind zip=categorical --save fields.json
  $ elbo inspect runs/adult-vae`;

interface Options extends GlobalOptions, FieldOptions {
  save?: string;
  force?: true;
}

/** More columns than this are a wall of text; --json has them all. */
const MOST_COLUMNS = 60;
const LONGEST = 60;

/** @param numbers the column whose cells stand to the right. */
function table(rows: readonly (readonly string[])[], numbers: number): string[] {
  const widths = rows[0]!.map((_, j) => Math.max(...rows.map((row) => row[j]!.length)));
  return rows.map((row) => {
    const cells = row.map((cell, j) =>
      j === numbers ? cell.padStart(widths[j]!) : cell.padEnd(widths[j]!),
    );
    return cells.join("  ").trimEnd();
  });
}

const short = (text: string, length = LONGEST) =>
  text.length > length ? `${text.slice(0, length - 1)}…` : text;

/** What a column's values are, in a few words. */
function valuesText({
  kind,
  distinct,
  min,
  mean,
  max,
  frequent,
  shape,
  format,
}: FieldSummary): string {
  const [height, width, channels] = shape;
  const range = [min, max].map((end) => (typeof end === "number" ? amount(end) : end));
  if (kind === "image") {
    const size = `${height}×${width}${channels! > 1 ? `×${channels}` : ""}`;
    return `${size}, pixels from ${range[0]} to ${range[1]}`;
  }
  if (kind === "vector") return `${counted(height!, "number")} from ${range[0]} to ${range[1]}`;
  if (kind === "binary") return `1 (true) in ${percent(mean ?? 0)}`;
  if (frequent.length > 0 && distinct === 1) return short(`always ${frequent[0]!.value}`);
  if (frequent.length > 0) {
    const names = frequent.map(({ value }) => value).join(", ");
    const noun = kind === "text" ? "text" : "level";
    return short(`${counted(distinct ?? 0, noun)}: ${names}${distinct! > 5 ? ", …" : ""}`);
  }
  if (min === null) return distinct === null ? "" : counted(distinct, "different value");
  const written = format === undefined ? "" : `, written ${format}`;
  if (min === max) return `always ${range[0]}${written}`;
  return `${range[0]} to ${range[1]}${mean === null ? "" : `, mean ${figure(mean)}`}${written}`;
}

function missingText({ missing, shape }: FieldSummary, rows: number): string {
  if (missing === 0) return "";
  const cells = rows * shape.reduce((product, length) => product * length, 1);
  return `${grouped(missing)} (${percent(missing / cells)})`;
}

function dataLines(data: DataSummary): string[] {
  const { fields } = data;
  const shown = fields.slice(0, MOST_COLUMNS);
  const gaps = shown.some(({ missing }) => missing > 0);
  const rows = shown.map((field) => [
    short(field.name, 32),
    field.role,
    // Of what is carried along or left out, the kind says nothing.
    ...(field.likelihood === null ? ["", ""] : [field.kind, field.likelihood]),
    ...(gaps ? [missingText(field, data.rows)] : []),
    valuesText(field),
  ]);
  const more = fields.length - rows.length;
  const header = ["column", "role", "kind", "likelihood", ...(gaps ? ["missing"] : []), "values"];
  const numbers = gaps ? 4 : -1;
  return [
    `${data.source}: ${counted(data.rows, "row")}, ${counted(fields.length, "column")}`,
    ...data.notes.map(({ message }) => `note: ${message}`),
    "",
    ...table([header, ...rows], numbers),
    ...(more > 0 ? [`and ${counted(more, "column")} more (--json shows all)`] : []),
    ...(data.findings.length > 0 ? ["", "Worth a look:"] : []),
    ...data.findings.flatMap(({ message, hint }) => [
      `  ${message}`,
      ...(hint ? [`    ${hint}`] : []),
    ]),
  ];
}

async function inspectData(path: string, options: Options): Promise<void> {
  const { save, force } = options;
  if (save !== undefined) {
    const { refuseExisting } = await import("../base/files.ts");
    refuseExisting(save, force);
  }
  const { inspect } = await import("../tasks/inspect.ts");
  const { schema, ...data } = await inspect(path, options);
  if (save !== undefined) {
    const { writeFileAtomic } = await import("../base/files.ts");
    await writeFileAtomic(save, schema);
    talkTo(options).say(`fields written to ${save}; edit them, and train with --schema ${save}`);
  }
  finish(options, { kind: "data", ...data }, `${dataLines(data).join("\n")}\n`);
}

async function inspectRun(folder: string, options: GlobalOptions): Promise<void> {
  const { openRun } = await import("../tasks/run.ts");
  const { readEpochs } = await import("../train/metrics-file.ts");
  const { fieldLines, settingsLines } = await import("./settings-lines.ts");
  const { config, epoch } = await openRun(folder);
  const epochs = (await readEpochs(folder)).length;
  const { model, training, compute, schema, data, elbo } = config;
  const result = {
    kind: "run",
    run: folder,
    ...{ elbo, data, fields: schema.fields, settings: { model, training, compute } },
    epochs,
    best: epoch,
  };
  const of = `${epochs} of ${counted(training.epochs, "epoch")}`;
  const text = aligned([
    ["run", folder],
    ["trained", `${of}; holds the weights of epoch ${epoch}; written by elbo ${elbo}`],
    ["data", `${data.source}: ${counted(data.rows, "row")}`],
    ...fieldLines(schema.fields),
    ...settingsLines(config),
  ]);
  finish(options, result, `${text.join("\n")}\n`);
}

export function inspectCommand(program: Command): void {
  const command = program
    .command("inspect <DATA|RUN>")
    .summary("what a data file, or a run, is")
    .description("Shows what a data file, or a run folder, is.");
  fieldOptions(command);
  command
    .optionsGroup("Options:")
    .option("--save <FILE>", "write the fields as a file for train --schema")
    .option("--force", "replace FILE if it exists")
    .addHelpText("after", help)
    .action(async (path: string, _: unknown, self: Command) => {
      const options = self.optsWithGlobals<Options>();
      const folder = existsSync(path) && statSync(path).isDirectory();
      // A folder is a run, or images.
      if (folder && existsSync(join(path, "config.json"))) return inspectRun(path, options);
      return inspectData(path, options);
    });
}
