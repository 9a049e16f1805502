// How right predictions of targets are, as a table for each of them, and who is better.
import { capitalized } from "../base/words.ts";
import { bestRival, targetTable } from "../tasks/evaluation/target-table.ts";
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

export function targetLines(target: TargetReport): string[] {
  const told = targetTable(target);
  const { measure, head, rows } = told;
  const title = `${target.name}: ${counted(target.rows, "row")}; simple models of ${counted(target.trainingRows, "training row")}`;
  const lines = rows.map(({ name, cells }) => [`  ${name}`, ...cells.map(said)]);
  const body = table([["", ...head], ...lines]);
  const best = bestRival(told);
  if (!best) return ["", title, ...body];
  const model = rows[0]!;
  const costs = `${measure} ${figure(Math.min(model.cost, best.cost))} against ${figure(Math.max(model.cost, best.cost))}`;
  const verdict =
    model.cost < best.cost
      ? `The model predicts ${target.name} better than all of these: ${costs}.`
      : `${capitalized(best.name)} predicts ${target.name} better than the model: ${costs}.`;
  return ["", title, ...body, verdict];
}
