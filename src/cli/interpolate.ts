// elbo interpolate: the rows between two rows.
import type { Command } from "commander";
import { counted } from "./format.ts";
import { noting, openTaskFor } from "./open.ts";
import {
  computeOptions,
  numberOf,
  numberOption,
  type OutputOptions,
  outputOptions,
  ROW_FORMATS,
} from "./options.ts";
import { finish, talkTo } from "./talk.ts";

const help = `
Points of the straight line between the latents of two rows of the data (from 0), decoded: images side by
side, or a table of the decoded columns beside share, from 0 at the first row to 1 at the other. Condition
columns stay as the first row has them.

Examples:
  $ elbo interpolate runs/digits-vae digits.npy --from 0 --to 7 -o between.png
  $ elbo interpolate runs/penguins-vae penguins.csv --from 0 --to 200 --steps 5 -o between.csv`;

interface Options extends OutputOptions {
  from: number;
  to: number;
  steps?: number;
}

export function interpolateCommand(program: Command): void {
  const command = program
    .command("interpolate <RUN> <DATA>")
    .summary("the rows between two rows")
    .description("Writes what lies between two rows in latent space.")
    .requiredOption("--from <I>", "the row to start from", numberOf("--from"))
    .requiredOption("--to <J>", "the row to end at", numberOf("--to"));
  outputOptions(command, ROW_FORMATS);
  numberOption(command, "--steps <N>", "points, both ends among them (default: 9)");
  computeOptions(command)
    .addHelpText("after", help)
    .action(async (folder: string, path: string, _: unknown, self: Command) => {
      const options = self.optsWithGlobals<Options>();
      const talk = talkTo(options);
      const { run, data } = await openTaskFor(folder, path, options, talk, "rows");
      const { interpolateTo } = await import("../tasks/interpolate.ts");
      const rows = await interpolateTo(options.out, run, data, { ...options, ...noting(talk) });
      await data.close?.();
      talk.say(`${counted(rows, "point")} written to ${options.out}`);
      finish(options, { rows, output: options.out, warnings: talk.warnings });
    });
}
