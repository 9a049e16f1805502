// elbo nearest: the rows most like a row.
import type { Command } from "commander";
import { counted } from "./format.ts";
import { noting, openTaskFor, sayWindows } from "./open.ts";
import {
  computeOptions,
  numberOf,
  numberOption,
  type OutputOptions,
  outputOptions,
  TABLE_FORMATS,
} from "./options.ts";
import { finish, talkTo } from "./talk.ts";

const help = `
A line of each neighbour: row (of the data, or of --to DATA), rank, nearest (a row of the data), distance,
and the neighbour's id columns. Rows are counted from 0. Distances are of posterior means, each latent in
units of its usual posterior deviation, so that latents that tell nothing do not count; of codes in units
of their own. Of a series that was cut in windows a row is a window, which begins at that row of the
series; of windows that share rows only the nearest is a neighbour.

Examples:
  $ elbo nearest runs/penguins-vae penguins.csv --rows 0,7 -n 3 -o like.csv
  $ elbo nearest runs/penguins-vae penguins.csv --to new.csv -o like.csv`;

interface Options extends OutputOptions {
  n?: number;
  rows?: number[];
  to?: string;
}

export function nearestCommand(program: Command): void {
  const command = program
    .command("nearest <RUN> <DATA>")
    .summary("rows most like a row")
    .description("Writes the rows of the data that are most like some rows.");
  outputOptions(command, TABLE_FORMATS);
  const number = numberOf("--rows");
  command
    .option("--rows <I,J>", "rows of the data", (text) => text.split(",").map(number))
    .option("--to <DATA>", "rows of other data instead");
  numberOption(command, "-n <K>", "how many of each (default: 5)");
  computeOptions(command)
    .addHelpText("after", help)
    .action(async (folder: string, path: string, _: unknown, self: Command) => {
      const options = self.optsWithGlobals<Options>();
      const talk = talkTo(options);
      const { run, data } = await openTaskFor(folder, path, options, talk, "table");
      const { nearestTo } = await import("../tasks/nearest.ts");
      const { n, ...settings } = { ...options, ...noting(talk) };
      const told = await nearestTo(options.out, run, data, {
        ...settings,
        ...(n === undefined ? {} : { count: n }),
      });
      await data.close?.();
      sayWindows(data, talk);
      talk.say(
        `${counted(told.rows, "neighbour")} of ${counted(told.queries, "row")} written to ${options.out}`,
      );
      finish(options, { ...told, output: options.out, warnings: talk.warnings });
    });
}
