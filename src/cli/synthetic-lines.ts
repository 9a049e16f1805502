// A report on synthetic rows as people read it.
import type { Beside, SyntheticReport } from "../tasks/synthetic/report.ts";
import { aligned, counted, figure, percent } from "./format.ts";

const beside = ({ synthetic, real }: Beside) =>
  `${figure(synthetic)} (real halves ${figure(real)})`;

/** How far an AUC is from ½ before it tells more than chance would. */
const ERRORS = 3;

export function syntheticLines(report: SyntheticReport): string {
  const { marginals, pairs, usefulness, distances, membership, copies } = report;
  const worst = marginals
    .toSorted((a, b) => b.synthetic - b.real - (a.synthetic - a.real))
    .slice(0, 5);
  const lines = [
    `${counted(report.rows.synthetic, "synthetic row")} beside ${counted(report.rows.real, "real one")}; in brackets one half of the real rows beside the other`,
    "",
    "columns that differ most (0 alike, 1 apart)",
    ...aligned(worst.map((one) => [`  ${one.field}`, beside(one)] as const)),
    "pairs of columns that differ most",
    ...aligned(pairs.worst.map((one) => [`  ${one.fields.join(" and ")}`, beside(one)] as const)),
    `  all pairs: ${beside(pairs.mean)}`,
  ];
  if (usefulness) {
    const { target, measure, synthetic, real, constant } = usefulness;
    lines.push(
      `${target} told from the other columns of real rows (${measure === "r2" ? "R²" : measure}): ${figure(synthetic)} by a linear model of synthetic rows, ${figure(real)} by one of real rows, ${figure(constant)} by none`,
    );
  }
  lines.push(
    `distance to the nearest real row: median ${figure(distances.synthetic.median)} (real ${figure(distances.real.median)}), 5th percentile ${figure(distances.synthetic.low)} (real ${figure(distances.real.low)})`,
    `rows that are a real row, cell for cell: ${percent(copies.synthetic)} (real ${percent(copies.real)})`,
  );
  if (membership === null) {
    lines.push("membership: not told, the run keeps too few rows that were held out");
  } else {
    const { auc, standardError } = membership;
    const tells = auc > 0.5 + ERRORS * standardError;
    lines.push(
      `membership: rows that trained are told from others with AUC ${figure(auc)} ± ${figure(standardError)}, ${tells ? "more than by chance: synthetic rows give some of them away" : "no more than by chance"}`,
    );
  }
  return `${lines.join("\n")}\n`;
}
