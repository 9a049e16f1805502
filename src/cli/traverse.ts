// elbo traverse: what each latent does.
import { join } from "node:path";
import type { Command } from "commander";
import type { TaskOptions } from "../tasks/run.ts";
import { counted } from "./format.ts";
import { noting, openRunFor } from "./open.ts";
import {
  computeOptions,
  type GlobalOptions,
  numberOf,
  numberOption,
  pairOption,
  ROW_FORMATS,
} from "./options.ts";
import { finish, talkTo } from "./talk.ts";

const help = `
Each latent goes from two deviations below its middle to two above, the others staying at theirs, and is
decoded: a row of images for each latent, or a table of the decoded columns beside latent and value.
Middles and deviations are those of the training rows that the run keeps. Without -o the file is
traverse.png or traverse.csv in the run's folder. A run with condition columns needs a value of each by
--where.

Examples:
  $ elbo traverse runs/digits-vae
  $ elbo traverse runs/penguins-vae -o latents.csv --latents 0,2 --steps 5`;

interface Options extends GlobalOptions, TaskOptions {
  out?: string;
  force?: true;
  latents?: number[];
  steps?: number;
  where?: Record<string, string>;
}

export function traverseCommand(program: Command): void {
  const number = numberOf("--latents");
  const command = program
    .command("traverse <RUN>")
    .summary("what each latent does")
    .description("Writes what the decoder makes of each latent from end to end.")
    .option("-o, --out <FILE>", `where to write: ${ROW_FORMATS}`)
    .option("--force", "replace FILE if it exists")
    .option("--latents <0,3>", "which (default: those that are used)", (text: string) =>
      text.split(",").map(number),
    );
  numberOption(command, "--steps <N>", "points of each (default: 9)");
  pairOption(
    command,
    "--where <COLUMN=VALUE>",
    "the value of a condition column (repeatable)",
    "age=42",
  );
  computeOptions(command)
    .addHelpText("after", help)
    .action(async (folder: string, _: unknown, self: Command) => {
      const options = self.optsWithGlobals<Options>();
      const talk = talkTo(options);
      const run = await openRunFor(folder, options, talk);
      const { refuseOutput } = await import("../data/write/output.ts");
      const { givesImages } = await import("../tasks/rows.ts");
      const images = givesImages(run.config.schema);
      const out = options.out ?? join(folder, images ? "traverse.png" : "traverse.csv");
      refuseOutput(out, images ? "images" : "table", options);
      const { traverseTo } = await import("../tasks/traverse.ts");
      const rows = await traverseTo(out, run, { ...options, ...noting(talk) });
      talk.say(`${counted(rows, "point")} written to ${out}`);
      finish(options, { rows, output: out, warnings: talk.warnings });
    });
}
