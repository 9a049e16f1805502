// The part of a report about how good the model is: its figures beside those of simple baselines.
import { counted } from "../base/words.ts";
import { lzmaClass } from "../tasks/evaluation/compression.ts";
import type { ImageReport } from "../tasks/evaluation/images.ts";
import { targetTable } from "../tasks/evaluation/target-table.ts";
import type { TargetReport } from "../tasks/evaluation/targets.ts";
import type { ReportFacts } from "./facts.ts";
import { figureText as figure, type Html, html, table } from "./html.ts";
import { comparisons, valueName } from "./verdict.ts";

/** Fields whose share of the reconstruction term is listed. */
const SHOWN = 24;

export function verdictList(facts: ReportFacts): Html | null {
  const { evaluation } = facts;
  const found = evaluation ? comparisons(evaluation.report, valueName(facts)) : [];
  if (found.length === 0) return null;
  return html`<ul class="verdicts">${found.map(({ won, sentence }) => html`<li class="${won ? "won" : "lost"}"><b>${won ? "✓ Better." : "✗ Not better."}</b>${sentence}</li>`)}</ul>`;
}

const shown = (value: number | null) => (value === null ? "" : figure(value));

/** How right predictions are, beside simple models of the same training rows. */
function targetPart(target: TargetReport): Html {
  const { head, rows } = targetTable(target);
  const title = `Predictions of “${target.name}”`;
  const lines = rows.map(({ name, cells }) => [name, ...cells.map(shown)]);
  return html`<h3>${title}</h3><p class="note">${counted(target.rows, "row")}; the simple models learned from ${counted(target.trainingRows, "training row")}.</p>${table(title, ["", ...head], lines, "numbers")}`;
}

function imagePart({ rows, model, pca, frechet }: ImageReport): Html {
  const lines = [
    ["the model", figure(model.psnr), shown(model.ssim)],
    ...(pca ? [["PCA", figure(pca.psnr), shown(pca.ssim)]] : []),
  ];
  return html`<h3>Images</h3>${table(`How near ${counted(rows, "image")} come back`, ["", "PSNR, dB (higher is better)", "SSIM (higher is better)"], lines, "numbers")}${frechet && html`<p class="note">Fréchet distance in ${counted(frechet.features, "principal component")} (lower is better): ${figure(frechet.samples)} of drawn images, ${figure(frechet.training)} of training images, which is what chance alone costs.</p>`}`;
}

export function baselineSection(facts: ReportFacts): Html | null {
  const { evaluation } = facts;
  if (!evaluation) return null;
  const { report, called, heldOut } = evaluation;
  const { elbo, reconstruction, kl, target, bitsPerDim, mse, symbolAccuracy, levelAccuracy } =
    report;
  const { baselines, fields, targets, images } = report;
  const { independent, mean, pca, noPca, compression } = baselines;
  const columns = [
    ...(elbo === null
      ? []
      : [{ head: "ELBO, nats a row (higher is better)", of: "elbo" as const }]),
    ...(mse === null ? [] : [{ head: "mean squared error (lower is better)", of: "mse" as const }]),
    ...(levelAccuracy === null
      ? []
      : [{ head: "levels right, share (higher is better)", of: "levelAccuracy" as const }]),
  ];
  const rivals = [
    { name: "the model", elbo, mse, levelAccuracy },
    ...(independent
      ? [
          {
            name: `each ${valueName(facts)} by itself`,
            ...independent,
            mse: null,
            levelAccuracy: null,
          },
        ]
      : []),
    ...(mean ? [{ name: "the mean row", elbo: null, ...mean, levelAccuracy: null }] : []),
    ...(pca ? [{ name: `PCA, ${counted(pca.components, "component")}`, ...pca }] : []),
  ];
  const lines = rivals.map((rival) => [rival.name, ...columns.map(({ of }) => shown(rival[of]))]);
  const own: [string, string][] = [];
  if (kl !== null)
    own.push(
      ["reconstruction, nats a row", figure(reconstruction)],
      ["KL, nats a row", figure(kl)],
    );
  if (target !== null) own.push(["targets, −log p in nats", figure(target)]);
  if (bitsPerDim !== null) own.push(["bits per dimension", figure(bitsPerDim)]);
  if (compression) {
    const { model, gzip, values } = compression;
    const bits = (each: number) => `${figure(each)} (${figure(each * values)} a row)`;
    const other = lzmaClass(compression);
    own.push(
      ["bits a value, at its last digit", model === null ? "–" : bits(model)],
      ["– of gzip, for the same values", bits(gzip)],
      [`– of ${other.name}`, bits(other.bits)],
    );
  }
  if (symbolAccuracy !== null) own.push(["symbols right", `${figure(100 * symbolAccuracy)} %`]);
  const shares = fields.toSorted((a, b) => b.nats - a.nats);
  const unit = elbo === null ? "squared error" : "nats";
  return html`<p>Of ${called}.${!heldOut && html` <strong>No row was held out</strong>: the model has seen these, and is better on them than on others.`} The baselines know the training rows alone.</p>${columns.length > 0 && table("The model beside baselines", ["", ...columns.map(({ head }) => head)], lines, "numbers")}${noPca !== null && columns.length > 0 && html`<p class="note">There is no PCA: ${noPca}.</p>`}${own.length > 0 && table("More figures of the model", ["figure", "value"], own, "numbers")}${compression && compression.noModel !== null && html`<p class="note">Bits of compressors do not compare with the model: ${compression.noModel}.</p>`}${targets.map(targetPart)}${images && imagePart(images)}<details><summary>What each field costs</summary>${table(
    "What each field costs",
    ["field", `${unit} a row`],
    shares.slice(0, SHOWN).map(({ name: field, nats: value }) => [field, figure(value)]),
    "numbers",
  )}${shares.length > SHOWN && html`<p class="note">The ${SHOWN} dearest of ${shares.length} fields.</p>`}</details>`;
}
