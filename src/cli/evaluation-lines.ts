// What `elbo evaluate` prints: figures beside those of baselines, and who is better.
import { capitalized, grouped } from "../base/words.ts";
import type { EvaluationReport } from "../tasks/evaluate.ts";
import { bestCompressor, lzmaClass } from "../tasks/evaluation/compression.ts";
import { anomalyLines } from "./anomaly-lines.ts";
import { aligned, counted, figure } from "./format.ts";
import { imageLines, latentMeasureLines } from "./measure-lines.ts";
import { targetLines } from "./target-lines.ts";

/** Which of two elbos knows the rows better, and by how much. */
function compared(elbo: number, other: number, name: string): string {
  const nats = `by ${figure(Math.abs(elbo - other))} nats a row`;
  return elbo > other
    ? `The model knows these rows better than ${name} does, ${nats}.`
    : `${capitalized(name)} knows these rows better than the model, ${nats}`;
}

function verdict(report: EvaluationReport): string[] {
  const { elbo, mse, levelAccuracy } = report;
  const { independent, mean, pca, compression } = report.baselines;
  const lines: string[] = [];
  const components = pca && counted(pca.components, "component");
  if (elbo !== null && independent !== null) {
    const lost = elbo <= independent.elbo;
    const why = ": nothing that columns have in common was learned.";
    lines.push(`${compared(elbo, independent.elbo, "each column alone")}${lost ? why : ""}`);
  }
  if (elbo !== null && pca && pca.elbo !== null) {
    const lost = elbo <= pca.elbo;
    const why = ": what columns have in common is linear, or was not learned yet.";
    lines.push(
      `${compared(elbo, pca.elbo, `probabilistic PCA with ${components}`)}${lost ? why : ""}`,
    );
  }
  if (mse !== null && mean !== null && mse >= mean.mse) {
    lines.push("Its numbers are no better than the mean row's.");
  } else if (mse !== null && pca && pca.mse !== null) {
    lines.push(
      pca.mse < mse
        ? `PCA with ${components} reconstructs these rows better.`
        : `The model reconstructs these rows better than PCA with ${components}.`,
    );
  }
  if (levelAccuracy !== null && pca && pca.levelAccuracy !== null) {
    lines.push(
      pca.levelAccuracy >= levelAccuracy
        ? `PCA with ${components} gets ${pca.levelAccuracy > levelAccuracy ? "more" : "as many"} levels of these rows right.`
        : `The model gets more levels of these rows right than PCA with ${components}.`,
    );
  }
  if (compression && compression.model !== null) {
    const { name, bits } = bestCompressor(compression);
    lines.push(
      bits < compression.model
        ? `${capitalized(name)} needs fewer bits for these values than the model.`
        : `The model needs fewer bits for these values than gzip and ${lzmaClass(compression).name}.`,
    );
  }
  return lines;
}

export function evaluationLines(report: EvaluationReport): string[] {
  const { elbo, kl, klPerLatent, bitsPerDim, nll, activeUnits, baselines } = report;
  const probabilistic = elbo !== null && kl !== null;
  const bound = probabilistic ? `   (reconstruction + kl = ${figure(-elbo)})` : "";
  const rows: [string, string][] = [["rows", grouped(report.rows)]];
  if (probabilistic) rows.push(["elbo", `${figure(elbo)} nats per row${bound}`]);
  if (report.target !== null) rows.push(["target", `${figure(report.target)} nats`]);
  rows.push(["reconstruction", `${figure(report.reconstruction)}${probabilistic ? " nats" : ""}`]);
  if (probabilistic) {
    const active = klPerLatent
      ? `${activeUnits} of ${counted(klPerLatent.length, "latent")} active`
      : `${counted(activeUnits, "latent")} active`;
    rows.push(["kl", `${figure(kl)} nats   (${active})`]);
  } else rows.push(["latents", `${activeUnits} active`]);
  if (nll) {
    const spread = `± ${figure(nll.standardError)}, ${counted(nll.samples, "importance sample")}`;
    rows.push(["nll", `${figure(nll.value)} nats per row   (${spread})`]);
  }
  if (bitsPerDim !== null) rows.push(["bits per dim", figure(bitsPerDim)]);
  const { compression } = baselines;
  if (compression) {
    const { model, gzip, values, bytes } = compression;
    const of = `   (${counted(compression.rows, "row")}, ${grouped(bytes)} bytes)`;
    const told = (bits: number) => `${figure(bits)} a value, ${figure(bits * values)} a row`;
    const { name, bits } = lzmaClass(compression);
    rows.push(["bits", model === null ? `none: ${compression.noModel}` : told(model)]);
    rows.push(["  gzip", `${told(gzip)}${of}`], [`  ${name}`, told(bits)]);
  }
  if (baselines.independent) {
    rows.push(["  columns alone", `elbo ${figure(baselines.independent.elbo)}`]);
  }
  const { pca, noPca } = baselines;
  const named = pca && counted(pca.components, "component");
  if (pca && pca.elbo !== null) {
    rows.push([`  probabilistic PCA, ${named}`, `elbo ${figure(pca.elbo)}`]);
  }
  if (report.symbolAccuracy !== null) {
    rows.push(["symbols right", `${figure(100 * report.symbolAccuracy)} %`]);
  }
  if (report.mse !== null) rows.push(["mse", figure(report.mse)]);
  if (baselines.mean) rows.push(["  mean row", figure(baselines.mean.mse)]);
  if (pca && pca.mse !== null) rows.push([`  PCA, ${named}`, figure(pca.mse)]);
  if (report.levelAccuracy !== null) {
    rows.push(["levels right", `${figure(100 * report.levelAccuracy)} %`]);
  }
  if (pca && pca.levelAccuracy !== null) {
    rows.push([`  PCA, ${named}`, `${figure(100 * pca.levelAccuracy)} %`]);
  }
  if (noPca !== null) rows.push(["  PCA", `none: ${noPca}`]);
  const judged = verdict(report);
  return [
    ...aligned(rows),
    ...(judged.length > 0 ? ["", ...judged] : []),
    ...report.targets.flatMap(targetLines),
    ...(report.anomalies ? anomalyLines(report.anomalies) : []),
    ...(report.images ? imageLines(report.images) : []),
    ...(report.latents ? latentMeasureLines(report.latents) : []),
  ];
}
