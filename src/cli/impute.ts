// elbo impute: missing cells filled in.

import type { Command } from "commander";
import { grouped } from "../base/words.ts";
import { counted } from "./format.ts";
import { noting, openDataFor, openRunFor } from "./open.ts";
import {
  computeOptions,
  numberOption,
  type OutputOptions,
  outputOptions,
  TABLE_FORMATS,
} from "./options.ts";
import { finish, talkTo } from "./talk.ts";

const help = `
A missing cell gets what the model expects there given the cells of its row that are there: the mean
of a number, the most probable level. It follows from K draws of the row's latent, each weighted by how
well it explains those cells (--importance-samples). All other cells are returned untouched: of a CSV
file written as CSV, byte by byte. A row's result is of its place, its cells and the seed alone. Of a
series that was cut in windows the cells of its rows are filled in: with the mean over the windows that
hold a cell, or with a draw of the window that has its gap in the middle.

With --draws K there are K tables, FILE-1, FILE-2, ..., whose cells are drawn and differ by as much as
is not known: for multiple imputation. --intervals 0.9 adds COLUMN_low and COLUMN_high, between which a
missing number lies with that probability by the model. A method without a density (elbo methods) gives
one value and no spread. Train with --hide where the data to be filled has more gaps than the data to
learn from.

Examples:
  $ elbo impute runs/people-vae people.csv -o whole.csv
  $ elbo impute runs/people-vae people.csv -o whole.csv --intervals 0.9
  $ elbo impute runs/people-vae people.csv -o table.csv --draws 20 --seed 1`;

interface Options extends OutputOptions {
  draws?: number;
  intervals?: number;
  importanceSamples?: number;
  seed?: number;
}

export function imputeCommand(program: Command): void {
  const command = program
    .command("impute <RUN> <DATA>")
    .summary("missing cells filled in")
    .description("Writes the data with its missing cells filled in.");
  outputOptions(command, TABLE_FORMATS);
  numberOption(
    command,
    "--draws <K>",
    "K completed tables of draws (default: one, of what is expected)",
  );
  numberOption(
    command,
    "--intervals <SHARE>",
    "add intervals that hold this share: 0.9, for example",
  );
  numberOption(
    command,
    "--importance-samples <K>",
    "draws of each row's latent (default: 100; 1 of a method without a density)",
  );
  numberOption(command, "--seed <N>", "of the draws (default: 0)");
  computeOptions(command)
    .addHelpText("after", help)
    .action(async (folder: string, path: string, _: unknown, self: Command) => {
      const options = self.optsWithGlobals<Options>();
      const talk = talkTo(options);
      const { refuseOutput } = await import("../data/write/output.ts");
      const { imputeTo, tablePaths } = await import("../tasks/impute.ts");
      for (const output of tablePaths(options.out, options.draws ?? 0)) {
        refuseOutput(output, "table", options);
      }
      const run = await openRunFor(folder, options, talk);
      const data = await openDataFor(run, path, talk);
      const result = await imputeTo(options.out, run, data, { ...options, ...noting(talk) });
      await data.close?.();
      const { rows, filled, columns, outputs } = result;
      const of = columns.map(({ name, filled: cells }) => `${name} ${grouped(cells)}`);
      const cells =
        filled === 0
          ? "no cell was missing"
          : `${counted(filled, "cell")} filled in (${of.join(", ")})`;
      const [first, last] = [outputs[0]!, outputs.at(-1)!];
      const where = outputs.length === 1 ? first : `${first} to ${last}`;
      talk.say(`${counted(rows, "row")}, ${cells}; written to ${where}`);
      finish(options, { rows, filled, columns, outputs, warnings: talk.warnings });
    });
}
