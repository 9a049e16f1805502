// Figures of predictions as a table, whoever shows it: the model and the simple ones beside it, and what
// they are compared by.
import type { TargetReport } from "./targets.ts";

export interface TargetTable {
  /** What is compared; less is better. */
  measure: "log loss" | "RMSE";
  head: string[];
  /** The model first. `cost` is the measure. */
  rows: { name: string; cost: number; cells: (number | null)[] }[];
}

export function targetTable(target: TargetReport): TargetTable {
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
        const cells = [accuracy, logLoss, ...(two ? [rocAuc] : []), brier, calibrationError];
        return [{ name: names[key], cost: logLoss, cells }];
      }),
    };
  }
  return {
    measure: "RMSE",
    head: ["RMSE", "MAE", "R²"],
    rows: keys.flatMap((key) => {
      const own = target[key];
      return own ? [{ name: names[key], cost: own.rmse, cells: [own.rmse, own.mae, own.r2] }] : [];
    }),
  };
}

/** Of the simple models the one that costs least; null without any. */
export function bestRival({ rows }: TargetTable): TargetTable["rows"][number] | null {
  const [, ...others] = rows;
  return others.reduce<TargetTable["rows"][number] | null>(
    (least, other) => (least === null || other.cost < least.cost ? other : least),
    null,
  );
}
