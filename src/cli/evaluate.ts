// elbo evaluate: how good a model is, beside simple baselines.
import type { Command } from "commander";
import type { EvaluationReport } from "../tasks/evaluate.ts";
import type { TaskOptions } from "../tasks/run.ts";
import { aligned, counted, figure } from "./format.ts";
import { openRunFor, readDataFor } from "./open.ts";
import { computeOptions, type GlobalOptions, numberOption } from "./options.ts";
import { finish, talkTo } from "./talk.ts";

const help = `
elbo, reconstruction, kl and nll are nats per row, of the raw values. mse is the mean squared
error of a value: of columns brought to standard deviation 1, or of pixels from 0 to 1. The
baselines have the same mse: the mean row, and PCA with as many components as the model has
latents, both fitted to these very rows (which favours them).

Examples:
  $ elbo evaluate runs/iris-vae iris.csv
  $ elbo evaluate runs/digits-vae test-idx3-ubyte.gz --importance-samples 100 --json`;

interface Options extends GlobalOptions, TaskOptions {
  importanceSamples?: number;
  seed?: number;
}

function verdict({ mse, baselines: { mean, pca } }: EvaluationReport): string {
  const components = counted(pca.components, "component");
  if (mse >= mean.mse) return "The model is no better than the mean row: it has learned nothing.";
  if (pca.mse < mse) return `PCA with ${components} reconstructs these rows better.`;
  return `The model reconstructs these rows better than PCA with ${components}.`;
}

function lines(report: EvaluationReport): string[] {
  const { elbo, kl, klPerLatent, bitsPerDim, nll, activeUnits, baselines } = report;
  const probabilistic = elbo !== null && kl !== null && klPerLatent !== null;
  const bound = probabilistic ? `   (reconstruction + kl = ${figure(-elbo)})` : "";
  const rows: [string, string][] = [["rows", report.rows.toLocaleString("en-US")]];
  if (probabilistic) rows.push(["elbo", `${figure(elbo)} nats per row${bound}`]);
  rows.push(["reconstruction", `${figure(report.reconstruction)}${probabilistic ? " nats" : ""}`]);
  if (probabilistic) {
    const active = `${activeUnits} of ${counted(klPerLatent.length, "latent")} active`;
    rows.push(["kl", `${figure(kl)} nats   (${active})`]);
  } else rows.push(["latents", `${activeUnits} active`]);
  if (nll) {
    const spread = `± ${figure(nll.standardError)}, ${counted(nll.samples, "importance sample")}`;
    rows.push(["nll", `${figure(nll.value)} nats per row   (${spread})`]);
  }
  if (bitsPerDim !== null) rows.push(["bits per dim", figure(bitsPerDim)]);
  rows.push(
    ["mse", figure(report.mse)],
    ["  mean row", figure(baselines.mean.mse)],
    [`  PCA, ${counted(baselines.pca.components, "component")}`, figure(baselines.pca.mse)],
  );
  return [...aligned(rows), "", verdict(report)];
}

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
  numberOption(command, "--seed <N>", "of the posterior's draws (default: 0)");
  computeOptions(command)
    .addHelpText("after", help)
    .action(async (folder: string, path: string, _: unknown, self: Command) => {
      const options = self.optsWithGlobals<Options>();
      const talk = talkTo(options);
      const run = await openRunFor(folder, options, talk);
      const data = await readDataFor(path, talk);
      const { evaluate } = await import("../tasks/evaluate.ts");
      const report = await evaluate(run, data, options);
      const result = options.json ? { ...report, warnings: talk.warnings } : {};
      finish(options, result, `${lines(report).join("\n")}\n`);
    });
}
