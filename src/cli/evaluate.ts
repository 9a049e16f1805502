// elbo evaluate: how good a model is, beside simple baselines.
import type { Command } from "commander";
import type { EvaluateOptions } from "../tasks/evaluate.ts";
import { noting, openDataFor, openRunFor, sayWindows } from "./open.ts";
import { columnsOption, computeOptions, type GlobalOptions, numberOption } from "./options.ts";
import { finish, talkTo } from "./talk.ts";

const help = `
elbo, reconstruction, kl and nll are nats per row, of the raw values. mse is the mean squared
error of a number: of columns brought to standard deviation 1, or of pixels from 0 to 1. Symbols
of texts are right where the most probable one is theirs, after the true ones before it; levels
where the most probable one is theirs, for PCA the largest of its one-hot numbers. The
baselines know the training rows alone: each column by itself; the mean row; and PCA with as many
components as the model has latents, with the density that goes with it (probabilistic PCA) where
the model gives a density too. Targets that the data has are predicted by the model and by a linear
model, five nearest neighbours, and what is most frequent, of the training rows that the run keeps.
Bits of the model, of densities at the last digit of their values, stand beside those of gzip -9 and xz -9
(where there is no xz, brotli at its best) for the same values.
Latents are measured beside as many principal components of the training rows.

Examples:
  $ elbo evaluate runs/iris-vae iris.csv
  $ elbo evaluate runs/pump-vae labelled.csv --anomaly-label broken
  $ elbo evaluate runs/cells-vae cells.h5ad --label cell_type --batch donor
  $ elbo evaluate runs/digits-vae test-idx3-ubyte.gz --importance-samples 100 --json`;

type Options = GlobalOptions & EvaluateOptions;

export function evaluateCommand(program: Command): void {
  const command = program
    .command("evaluate <RUN> <DATA>")
    .summary("how good it is, beside simple baselines")
    .description("Tells how good a model is on data, beside simple baselines of the same rows.");
  numberOption(
    command,
    "--importance-samples <K>",
    "estimate nll, the negative log-likelihood, with K samples a row (default: no nll)",
  );
  command.option(
    "--anomaly-label <COL>",
    "how well rows with 1 or true there are told from the others",
  );
  command
    .option(
      "--neighbourhoods",
      "whether latents keep rows' neighbours (trustworthiness, continuity)",
    )
    .option("--label <COL>", "how well latents tell a label: probes, silhouette, clusters")
    .option("--labels <FILE>", "an IDX file of classes beside IDX images: the column label")
    .option(
      "--batch <COL>",
      "with --label, of single cells: how batches mix and labels stay together",
    );
  columnsOption(
    command,
    "--factors <COL>",
    "how latents match known factors: MIG, SAP, DCI, FactorVAE score (repeatable)",
  );
  numberOption(command, "--seed <N>", "of draws, and of rows that are looked at (default: 0)");
  computeOptions(command)
    .addHelpText("after", help)
    .action(async (folder: string, path: string, _: unknown, self: Command) => {
      const options = self.optsWithGlobals<Options>();
      const talk = talkTo(options);
      const run = await openRunFor(folder, options, talk);
      const data = await openDataFor(run, path, talk, options.labels);
      const { evaluate } = await import("../tasks/evaluate.ts");
      const { evaluationLines } = await import("./evaluation-lines.ts");
      const report = await evaluate(run, data, { ...options, ...noting(talk) });
      await data.close?.();
      sayWindows(data, talk);
      const result = options.json ? { ...report, warnings: talk.warnings } : {};
      finish(options, result, `${evaluationLines(report).join("\n")}\n`);
    });
}
