// How well anomalies are told, as a table, and who tells them best.
import type { AnomalyReport } from "../tasks/evaluation/anomalies.ts";
import { counted, figure } from "./format.ts";
import { table } from "./target-lines.ts";

export function anomalyLines(report: AnomalyReport): string[] {
  const { label, rows, anomalies, trainingRows, score, model } = report;
  const others = [
    { name: "isolation forest", ranking: report.isolationForest },
    { name: "5-nearest neighbours", ranking: report.neighbours },
  ].flatMap(({ name, ranking }) => (ranking ? [{ name, ranking }] : []));
  const all = [{ name: `model (${score})`, ranking: model }, ...others];
  const title = `${label}: ${counted(anomalies, "labelled row")} of ${counted(rows, "row")}; simple scores of ${counted(trainingRows, "training row")}`;
  const body = all.map(({ name, ranking }) => [
    `  ${name}`,
    figure(ranking.rocAuc),
    figure(ranking.averagePrecision),
  ]);
  const lines = ["", title, ...table([["", "ROC-AUC", "average precision"], ...body])];
  if (others.length === 0) return lines;
  const best = others.reduce((most, other) =>
    other.ranking.rocAuc > most.ranking.rocAuc ? other : most,
  );
  const aucs = [model.rocAuc, best.ranking.rocAuc].map(figure);
  const verdict =
    model.rocAuc > best.ranking.rocAuc
      ? "The model tells them better than both"
      : `The model tells them no better than ${best.name}`;
  return [...lines, `${verdict}: ROC-AUC ${aucs.join(" against ")}.`];
}
