// elbo sample: new rows from a trained model.
import type { Command } from "commander";
import { counted } from "./format.ts";
import { openRunFor } from "./open.ts";
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
Latents are drawn from the prior and decoded. Row i is the same however many are drawn;
another --seed gives other rows.

Examples:
  $ elbo sample runs/iris-vae -n 1000 -o more.csv
  $ elbo sample runs/digits-vae -n 64 -o digits.png --seed 7`;

interface Options extends OutputOptions {
  n: number;
  seed?: number;
}

export function sampleCommand(program: Command): void {
  const command = program
    .command("sample <RUN>")
    .summary("new rows")
    .description("Writes new rows, drawn from the model.")
    .requiredOption("-n <N>", "how many rows", numberOf("-n"));
  outputOptions(command, ROW_FORMATS);
  numberOption(command, "--seed <N>", "of the draws (default: 0)");
  computeOptions(command)
    .addHelpText("after", help)
    .action(async (folder: string, _: unknown, self: Command) => {
      const options = self.optsWithGlobals<Options>();
      const talk = talkTo(options);
      const run = await openRunFor(folder, options, talk);
      const { refuseOutput } = await import("../data/write.ts");
      refuseOutput(options.out, run.config.schema.kind === "image" ? "images" : "table", options);
      const { sample } = await import("../tasks/sample.ts");
      const { writeRows } = await import("../tasks/rows.ts");
      const result = await sample(run, options.n, options);
      await writeRows(options.out, result, options.force);
      talk.say(`${counted(result.rows, "new row")} written to ${options.out}`);
      finish(options, { rows: result.rows, output: options.out, warnings: talk.warnings });
    });
}
