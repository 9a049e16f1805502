// elbo export: ONNX files that take raw values and need no elbo.

import type { Command } from "commander";
import { grouped } from "../base/words.ts";
import type { PartName } from "../tasks/export/refusals.ts";
import type { TaskOptions } from "../tasks/run.ts";
import { aligned, counted } from "./format.ts";
import { noting, openRunFor } from "./open.ts";
import { columnsOption, computeOptions, type GlobalOptions } from "./options.ts";
import { finish, talkTo } from "./talk.ts";

const help = `
DIR gets encoder.onnx (rows to latents), decoder.onnx (latents to rows), score.onnx (how strange a
row is), sample.onnx (noise to new rows), predict.onnx where the run has targets; README.md, a
model card that says what each file takes and gives; and example.py, example.ts and example.html,
which use them. Files take and give raw values: an input for each column, NaN where a number is
missing, an empty text where a text is, dates in milliseconds since 1970. What is missing, the
levels of columns and all scales are inside the files.

The card has the figures of training; --data adds those of other rows, with baselines. The same
run gives the same bytes. DIR is written whole or not at all.

Examples:
  $ elbo export runs/adult-vae -o adult-onnx
  $ elbo export runs/adult-vae -o adult-onnx --data held-out.csv --license CC-BY-4.0 --force
  $ elbo export runs/digits-vae -o digits-onnx --part encoder --part score
  $ python adult-onnx/example.py`;

interface Options extends GlobalOptions, TaskOptions {
  out: string;
  part?: PartName[];
  data?: string;
  license?: string;
  force?: true;
}

export function exportCommand(program: Command): void {
  const command = program
    .command("export <RUN>")
    .summary("ONNX files that take raw values and need no elbo")
    .description("Writes a model as ONNX files that take raw values and need no elbo.")
    .requiredOption("-o, --out <DIR>", "the folder to write")
    .option("--force", "replace DIR if it is an export");
  columnsOption(
    command,
    "--part <NAME>",
    "encoder, decoder, score, sample or predict (repeatable; default: all)",
  )
    .option("--data <DATA>", "rows whose figures the card gives, beside baselines")
    .option("--license <NAME>", "the model's licence, for the card");
  computeOptions(command)
    .addHelpText("after", help)
    .action(async (folder: string, _: unknown, self: Command) => {
      const options = self.optsWithGlobals<Options>();
      const talk = talkTo(options);
      const { exportRun, refuseExport } = await import("../tasks/export/export.ts");
      refuseExport(options.out, options.force);
      const run = await openRunFor(folder, options, talk);
      const { part, ...rest } = options;
      const { files, parts, leftOut } = await exportRun(run, options.out, {
        ...{ ...rest, ...noting(talk) },
        ...(part ? { parts: part } : {}),
      });
      const sizes = files.map(({ name, bytes }): [string, string] => [
        name,
        `${grouped(bytes)} bytes`,
      ]);
      talk.say(`${counted(files.length, "file")} written to ${options.out}`);
      for (const line of aligned(sizes)) talk.say(`  ${line}`);
      finish(options, { output: options.out, files, parts, leftOut, warnings: talk.warnings });
    });
}
