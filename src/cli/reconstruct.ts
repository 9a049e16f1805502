// elbo reconstruct: the data as the model sees it.
import type { Command } from "commander";
import { counted } from "./format.ts";
import { noting, openTaskFor } from "./open.ts";
import { computeOptions, type OutputOptions, outputOptions, ROW_FORMATS } from "./options.ts";
import { finish, talkTo } from "./talk.ts";

const help = `
Each row is encoded, and the mean of its posterior decoded, to the units of the data:
expected numbers, the most probable levels. Id columns stand before, untouched, and
conditions in their place. What the model has not learned is missing from the result:
compare the two. Of a series that was cut in windows each row's own values come back, the
mean over the windows that hold it.

Examples:
  $ elbo reconstruct runs/iris-vae iris.csv -o seen.csv
  $ elbo reconstruct runs/digits-vae digits-idx3-ubyte.gz -o seen.png`;

export function reconstructCommand(program: Command): void {
  const command = program
    .command("reconstruct <RUN> <DATA>")
    .summary("the data as the model sees it")
    .description("Writes the data as the model sees it.");
  outputOptions(command, ROW_FORMATS);
  computeOptions(command)
    .addHelpText("after", help)
    .action(async (folder: string, path: string, _: unknown, self: Command) => {
      const options = self.optsWithGlobals<OutputOptions>();
      const talk = talkTo(options);
      const { run, data } = await openTaskFor(folder, path, options, talk, "rows");
      const { reconstructTo } = await import("../tasks/reconstruct.ts");
      const rows = await reconstructTo(options.out, run, data, { ...options, ...noting(talk) });
      await data.close?.();
      talk.say(`${counted(rows, "row")} written to ${options.out}`);
      finish(options, { rows, output: options.out, warnings: talk.warnings });
    });
}
