// elbo sample: new rows from a trained model.
import type { Command } from "commander";
import type { DataSource } from "../data/source.ts";
import type { Run } from "../tasks/run.ts";
import type { SamplerName } from "../tasks/samplers.ts";
import { counted } from "./format.ts";
import { noting, openDataFor, openRunFor } from "./open.ts";
import {
  computeOptions,
  numberOf,
  numberOption,
  type OutputOptions,
  outputOptions,
  pairOption,
  ROW_FORMATS,
} from "./options.ts";
import { finish, type Talk, talkTo } from "./talk.ts";

const help = `
Latents are drawn and decoded: of the model's prior (--sampler prior), of a mixture of Gaussians that
is fitted to the latents of the run's data (mixture), or of a second VAE that learns them and is kept
in the run's folder (two-stage). The default is the prior, and the mixture of a method without one. Row i is the same however many are drawn;
another --seed gives other rows.

--where gives a column's value in all rows. Conditions of a run that are not given are those of training
rows, drawn whole by chance of the rows that the run kept: of rows with the levels given, and of the nearest
where a number is given. Of any other column latents are drawn by how likely the model holds the value at
them. What is given stands in its column. Of a series that was cut in windows each new row is a window:
COLUMN_0, COLUMN_1, ... from its first step to its last.

--report DATA compares the rows with real ones, best with some that training did not see: columns and
pairs of them, whether a linear model of synthetic rows does as well on real ones, how near rows come to
real ones, whether they tell which rows the model has learned from, and copies. Each figure stands beside
the same of one half of the real rows and the other.

Examples:
  $ elbo sample runs/iris-vae -n 1000 -o more.csv
  $ elbo sample runs/digits-vae -n 64 -o digits.png --seed 7
  $ elbo sample runs/digits-ae -n 64 -o digits.png --sampler mixture
  $ elbo sample runs/adult-vae -n 100 -o rich.csv --where 'income=>50K'
  $ elbo sample runs/adult-vae -n 4000 -o synthetic.csv --report adult.csv`;

interface Options extends OutputOptions {
  n: number;
  seed?: number;
  where?: Record<string, string>;
  sampler?: SamplerName;
  data?: string;
  components?: number;
  report?: string;
}

/** Row i is the same however many are drawn: the report is on the first of those that were written. */
async function reported(run: Run, data: DataSource, options: Options, talk: Talk) {
  const { REPORT_ROWS, syntheticReport } = await import("../tasks/synthetic/report.ts");
  const { sample } = await import("../tasks/sample.ts");
  const made = await sample(run, Math.min(options.n, REPORT_ROWS), options);
  return syntheticReport(run, made, data, { ...options, ...noting(talk) });
}

/** Real rows that a report can be made of: refused before rows are drawn. */
async function openReal(run: Run, path: string, talk: Talk): Promise<DataSource> {
  const { checkReal } = await import("../tasks/synthetic/report.ts");
  const data = await openDataFor(run, path, talk);
  checkReal(run, data);
  return data;
}

export function sampleCommand(program: Command): void {
  const command = program
    .command("sample <RUN>")
    .summary("new rows")
    .description("Writes new rows, drawn from the model.")
    .requiredOption("-n <N>", "how many rows", numberOf("-n"));
  outputOptions(command, ROW_FORMATS);
  numberOption(command, "--seed <N>", "of the draws (default: 0)");
  command
    .option("--sampler <NAME>", "prior, mixture or two-stage: where latents come from")
    .option("--data <DATA>", "the rows that a sampler is fitted to (default: the run's own)");
  numberOption(command, "--components <K>", "Gaussians of the mixture (default: 10)");
  pairOption(
    command,
    "--where <COLUMN=VALUE>",
    "the value of a column in all rows (repeatable)",
    "age=42",
  );
  command.option("--report <DATA>", "say how the rows stand beside these real ones");
  computeOptions(command)
    .addHelpText("after", help)
    .action(async (folder: string, _: unknown, self: Command) => {
      const options = self.optsWithGlobals<Options>();
      const talk = talkTo(options);
      const run = await openRunFor(folder, options, talk);
      const { refuseOutput } = await import("../data/write/output.ts");
      const { givesImages } = await import("../tasks/rows.ts");
      refuseOutput(options.out, givesImages(run.config.schema) ? "images" : "table", options);
      const real = options.report === undefined ? null : await openReal(run, options.report, talk);
      const { sampleTo } = await import("../tasks/sample.ts");
      const rows = await sampleTo(options.out, run, options.n, { ...options, ...noting(talk) });
      talk.say(`${counted(rows, "new row")} written to ${options.out}`);
      const result = { rows, output: options.out };
      if (real === null) {
        finish(options, { ...result, warnings: talk.warnings });
        return;
      }
      const report = await reported(run, real, options, talk);
      await real.close?.();
      const { syntheticLines } = await import("./synthetic-lines.ts");
      finish(options, { ...result, report, warnings: talk.warnings }, syntheticLines(report));
    });
}
