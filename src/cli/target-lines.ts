// How right predictions of targets are, as a table for each of them, and who is better.
import type { TargetReport } from "../tasks/evaluation/targets.ts";
import { counted, figure } from "./format.ts";

/** Columns of texts, the first to the left and the others to the right. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, j) => Math.max(...rows.map((row) => row[j]!.length)));
  return rows.map((row) =>
    row
      .map((cell, j) => (j === 0 ? cell.padEnd(widths[j]!) : cell.padStart(widths[j]!)))
      .join("  ")
      .trimEnd(),
  );
}

const said = (value: number | null) => (value === null ? "" : figure(value));

/** Rows of the table, with what is compared: less is better. */
function told(target: TargetReport) {
  const names = {
    model: "model",
    linear: target.of === "classes" ? "logistic regression" : "ridge regression",
    neighbours: "5-nearest neighbours",
    constant: target.of === "classes" ? "share of training rows" : "mean of training rows",
  } as const;
  const keys = Object.keys(names) as (keyof typeof names)[];
  if (target.of === "classes") {
    const two = target.model.rocAuc !== null;
    return {
      measure: "log loss",
      head: ["accuracy", "log loss", ...(two ? ["ROC-AUC"] : []), "Brier", "calibration error"],
      rows: keys.flatMap((key) => {
        const own = target[key];
        if (!own) return [];
        const { accuracy, logLoss, rocAuc, brier, calibrationError } = own;
        const shown = [accuracy, logLoss, ...(two ? [rocAuc] : []), brier, calibrationError];
        return [{ name: names[key], cost: logLoss, cells: shown.map(said) }];
      }),
    };
  }
  return {
    measure: "RMSE",
    head: ["RMSE", "MAE", "R²"],
    rows: keys.flatMap((key) => {
      const own = target[key];
      if (!own) return [];
      return [{ name: names[key], cost: own.rmse, cells: [own.rmse, own.mae, own.r2].map(said) }];
    }),
  };
}

export function targetLines(target: TargetReport): string[] {
  const { measure, head, rows } = told(target);
  const title = `${target.name}: ${counted(target.rows, "row")}; simple models of ${counted(target.trainingRows, "training row")}`;
  const body = table([["", ...head], ...rows.map(({ name, cells }) => [`  ${name}`, ...cells])]);
  const [model, ...others] = rows as [(typeof rows)[number], ...typeof rows];
  if (others.length === 0) return ["", title, ...body];
  const best = others.reduce((least, other) => (other.cost < least.cost ? other : least));
  const costs = `${measure} ${figure(Math.min(model.cost, best.cost))} against ${figure(Math.max(model.cost, best.cost))}`;
  const verdict =
    model.cost < best.cost
      ? `The model predicts ${target.name} better than all of these: ${costs}.`
      : `${best.name[0]!.toUpperCase()}${best.name.slice(1)} predicts ${target.name} better than the model: ${costs}.`;
  return ["", title, ...body, verdict];
}
