// elbo inspect: what a data file, or a run, is.
import { existsSync, statSync } from "node:fs";
import type { Command } from "commander";
import type { DataSummary } from "../tasks/inspect.ts";
import { aligned, counted, figure } from "./format.ts";
import type { GlobalOptions } from "./options.ts";
import { finish } from "./talk.ts";

const help = `
Of data it shows what training would take: rows, columns or image size, what is left out
and why, and constants. Of a run it shows the model, its settings and its data.

Examples:
  $ elbo inspect iris.csv
  $ elbo inspect runs/iris-vae`;

/** More columns than this are a wall of text; --json has them all. */
const MOST_COLUMNS = 50;

function table(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, j) => Math.max(...rows.map((row) => row[j]!.length)));
  return rows.map((row) => {
    const cells = row.map((cell, j) =>
      j < 2 ? cell.padEnd(widths[j]!) : cell.padStart(widths[j]!),
    );
    return cells.join("  ").trimEnd();
  });
}

function dataLines(data: DataSummary): string[] {
  const notes = data.notes.map(({ message }) => `note: ${message}`);
  const rows = counted(data.rows, "row");
  if (data.kind === "image") {
    const size = `${data.height}×${data.width}${data.channels > 1 ? `×${data.channels}` : ""}`;
    const blank = data.blank > 0 ? [`${counted(data.blank, "image")} of one value all over`] : [];
    const range = `pixels from ${figure(data.min)} to ${figure(data.max)}`;
    return [
      `${data.source}: ${counted(data.rows, "image")} of ${size}, ${range}`,
      ...blank,
      ...notes,
    ];
  }
  const { columns } = data;
  const shown = columns.slice(0, MOST_COLUMNS).map(({ name, kind, min, max, mean, constant }) => {
    return [name, constant ? "constant" : kind, figure(min), figure(mean), figure(max)];
  });
  const more = columns.length - shown.length;
  return [
    `${data.source}: ${rows}, ${counted(columns.length, "numeric column")}`,
    ...notes,
    "",
    ...table([["column", "kind", "min", "mean", "max"], ...shown]),
    ...(more > 0 ? [`and ${counted(more, "column")} more (--json shows all)`] : []),
  ];
}

async function inspectRun(folder: string, options: GlobalOptions): Promise<void> {
  const { openRun } = await import("../tasks/run.ts");
  const { readEpochs } = await import("../train/run.ts");
  const { settingsLines } = await import("./settings-lines.ts");
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
    ["trained", `${of}; holds the weights of epoch ${epoch}; elbo ${elbo}`],
    ["data", `${data.source}: ${counted(data.rows, "row")}`],
    ...settingsLines(config),
  ]);
  finish(options, result, `${text.join("\n")}\n`);
}

export function inspectCommand(program: Command): void {
  program
    .command("inspect <DATA|RUN>")
    .summary("what a data file, or a run, is")
    .description("Shows what a data file, or a run folder, is.")
    .addHelpText("after", help)
    .action(async (path: string, _: unknown, self: Command) => {
      const options = self.optsWithGlobals<GlobalOptions>();
      if (existsSync(path) && statSync(path).isDirectory()) return inspectRun(path, options);
      const { inspect } = await import("../tasks/inspect.ts");
      const data = await inspect(path);
      finish(options, data, `${dataLines(data).join("\n")}\n`);
    });
}
