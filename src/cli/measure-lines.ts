// What latents keep of rows, and how near images come back, as tables of the model beside principal
// components.
import type { ClassFigures, NumberFigures } from "../metrics/predictions.ts";
import type { ImageReport } from "../tasks/evaluation/images.ts";
import type { Beside, LatentReport } from "../tasks/evaluation/latents.ts";
import { counted, figure } from "./format.ts";
import { table } from "./target-lines.ts";

type Row<Figures> = readonly [name: string, of: (figures: Figures) => number | null];

function besideLines<Figures>(
  title: string,
  { model, pca }: Beside<Figures>,
  rows: readonly Row<Figures>[],
): string[] {
  const said = (value: number | null) => (value === null ? "none" : figure(value));
  const body = rows.map(([name, of]) => [
    `  ${name}`,
    said(of(model)),
    ...(pca ? [said(of(pca))] : []),
  ]);
  return ["", title, ...table([["", "model", ...(pca ? ["PCA"] : [])], ...body])];
}

export function imageLines({ rows, model, pca, frechet }: ImageReport): string[] {
  const lines = besideLines(`images: ${counted(rows, "row")}`, { model, pca }, [
    ["PSNR (dB)", (own) => own.psnr],
    ["SSIM", (own) => own.ssim],
  ]);
  if (pca) {
    const better = model.psnr > pca.psnr;
    lines.push(
      better
        ? "Images come back nearer to the truth from the model than from PCA."
        : "Images come back no nearer to the truth from the model than from PCA.",
    );
  }
  if (frechet) {
    const { features, samples, training } = frechet;
    lines.push(
      `Fréchet distance in ${counted(features, "principal component")}: ${figure(samples)} of drawn images, ${figure(training)} of training rows.`,
    );
  }
  return lines;
}

const probe = (own: ClassFigures | NumberFigures) => ("accuracy" in own ? own.accuracy : own.r2);

export function latentMeasureLines(report: LatentReport): string[] {
  const { neighbourhoods, label, batches, factors } = report;
  const lines: string[] = [];
  if (neighbourhoods) {
    const { rows, neighbours } = neighbourhoods;
    lines.push(
      ...besideLines(
        `neighbourhoods: ${neighbours} neighbours in ${counted(rows, "row")}`,
        neighbourhoods,
        [
          ["trustworthiness", (own) => own.trustworthiness],
          ["continuity", (own) => own.continuity],
        ],
      ),
    );
  }
  if (label) {
    const measure = label.of === "classes" ? "accuracy" : "R²";
    const groups = label.model.groups !== null;
    lines.push(
      ...besideLines(
        `label ${label.name}: ${counted(label.rows, "row")}, half of them learned from`,
        label,
        [
          [`${measure} of a linear probe`, (own) => probe(own.probes.linear)],
          [`${measure} of 5-nearest neighbours`, (own) => probe(own.probes.neighbours)],
          ...(groups
            ? ([
                ["silhouette", (own) => own.groups!.silhouette],
                ["adjusted Rand index", (own) => own.groups!.adjustedRandIndex],
                ["normalised mutual information", (own) => own.groups!.normalizedMutualInformation],
              ] as Row<typeof label.model>[])
            : []),
        ],
      ),
    );
    const [own, other] = [label.model, label.pca].map((side) => side && probe(side.probes.linear));
    if (own != null && other != null && own <= other) {
      lines.push(`A linear probe tells ${label.name} from principal components at least as well.`);
    }
  }
  if (batches) {
    lines.push(
      ...besideLines(
        `batches ${batches.name}: ${counted(batches.rows, "row")}; 1 is best`,
        batches,
        [
          ["label silhouette", (own) => own.labelSilhouette],
          ["label LISI", (own) => own.labelLisi],
          ["graph connectivity", (own) => own.graphConnectivity],
          ["isolated label silhouette", (own) => own.isolatedLabelSilhouette],
          ["batch silhouette", (own) => own.batchSilhouette],
          ["batch LISI", (own) => own.batchLisi],
          ["batch kBET", (own) => own.batchAcceptance],
          ["batch regression", (own) => own.batchRegression],
        ],
      ),
    );
  }
  if (factors) {
    lines.push(
      ...besideLines(
        `factors ${factors.names.join(", ")}: ${counted(factors.rows, "row")}; 1 is best`,
        factors,
        [
          ["MIG", (own) => own.mig],
          ["SAP", (own) => own.sap],
          ["DCI disentanglement", (own) => own.dci.disentanglement],
          ["DCI completeness", (own) => own.dci.completeness],
          ["DCI informativeness", (own) => own.dci.informativeness],
          ["FactorVAE score", (own) => own.factorVaeScore],
        ],
      ),
    );
  }
  return lines;
}
