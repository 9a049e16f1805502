// The report's headline: how good the model is beside simple baselines, and which of them is better.
import { capitalized, counted } from "../base/words.ts";
import type { EvaluationReport } from "../tasks/evaluate.ts";
import { bestCompressor, type Compression } from "../tasks/evaluation/compression.ts";
import { bestRival, targetTable } from "../tasks/evaluation/target-table.ts";
import type { TargetReport } from "../tasks/evaluation/targets.ts";
import { givesImages } from "../tasks/rows.ts";
import type { ReportFacts } from "./facts.ts";
import { figureText as figure } from "./html.ts";

/** The model beside one baseline. */
export interface Comparison {
  baseline: string;
  won: boolean;
  sentence: string;
}

function ofElbo(baseline: string, elbo: number, other: number): Comparison {
  const [won, nats] = [elbo > other, `${figure(Math.abs(elbo - other))} nats a row`];
  return {
    ...{ baseline, won },
    sentence: won
      ? `It knows these rows better than ${baseline}, by ${nats} (ELBO ${figure(elbo)} beside ${figure(other)}).`
      : `${capitalized(baseline)} knows these rows better, by ${nats} (${figure(other)} beside the model's ELBO of ${figure(elbo)}).`,
  };
}

function ofError(baseline: string, mse: number, other: number): Comparison {
  const won = mse < other;
  const both = `mean squared error ${figure(mse)} beside ${figure(other)}`;
  return {
    ...{ baseline, won },
    sentence: won
      ? `It reconstructs them better than ${baseline} (${both}).`
      : `${capitalized(baseline)} reconstructs them at least as well (the model's ${both}).`,
  };
}

function ofLevels(baseline: string, accuracy: number, other: number): Comparison {
  const won = accuracy > other;
  const both = `${figure(100 * (won ? accuracy : other))} % beside ${figure(100 * (won ? other : accuracy))} %`;
  return {
    ...{ baseline: `${baseline} on levels`, won },
    sentence: won
      ? `It gets more levels right than ${baseline} (${both}).`
      : `${capitalized(baseline)} gets at least as many levels right (${both} by the model).`,
  };
}

/** By the best of the simple models of a target; null without any. */
function ofTarget(target: TargetReport): Comparison | null {
  const told = targetTable(target);
  const [model, best] = [told.rows[0]!, bestRival(told)];
  if (!best) return null;
  const won = model.cost < best.cost;
  const [of, better] = [`${best.name} of “${target.name}”`, won ? model : best];
  const both = `${told.measure} ${figure(better.cost)} beside ${figure((won ? best : model).cost)}`;
  return {
    ...{ baseline: of, won },
    sentence: won
      ? `It predicts “${target.name}” better than ${best.name} and all else that was tried (${both}).`
      : `${capitalized(best.name)} predicts “${target.name}” at least as well (${both} of the model).`,
  };
}

/** The bits of the best general compressor, where there is one. */
function ofBits(bits: number, compression: Compression): Comparison {
  const { name: baseline, bits: other } = bestCompressor(compression);
  const won = bits < other;
  const both = `${figure(won ? bits : other)} bits a value beside ${figure(won ? other : bits)}`;
  return {
    ...{ baseline, won },
    sentence: won
      ? `It needs fewer bits for these values than ${baseline} (${both}; its own size is not counted).`
      : `${capitalized(baseline)} needs no more bits for these values (${both} by the model).`,
  };
}

/** @param values what a row has many of: `column`, `pixel`. */
export function comparisons(
  { elbo, mse, levelAccuracy, baselines, targets }: EvaluationReport,
  values: string,
): Comparison[] {
  const { independent, mean, pca, compression } = baselines;
  const found: Comparison[] = [];
  if (elbo !== null && independent) {
    found.push(ofElbo(`each ${values} by itself`, elbo, independent.elbo));
  }
  const components = pca && counted(pca.components, "component");
  if (elbo !== null && pca && pca.elbo !== null) {
    found.push(ofElbo(`probabilistic PCA with ${components}`, elbo, pca.elbo));
  }
  if (mse !== null && mean) found.push(ofError("the mean row", mse, mean.mse));
  if (mse !== null && pca && pca.mse !== null) {
    found.push(ofError(`PCA with ${components}`, mse, pca.mse));
  }
  if (levelAccuracy !== null && pca && pca.levelAccuracy !== null) {
    found.push(ofLevels(`PCA with ${components}`, levelAccuracy, pca.levelAccuracy));
  }
  if (compression && compression.model !== null) {
    found.push(ofBits(compression.model, compression));
  }
  return [...found, ...targets.flatMap((target) => ofTarget(target) ?? [])];
}

function listed(names: readonly string[]): string {
  if (names.length < 2) return names[0] ?? "";
  return `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}

/** What a row is made of. */
export const valueName = ({ run }: ReportFacts) =>
  givesImages(run.config.schema) ? "pixel" : "column";

/** One sentence. */
export function headline(facts: ReportFacts): string {
  const { evaluation } = facts;
  if (!evaluation) return "No rows were kept to judge this model by";
  const found = comparisons(evaluation.report, valueName(facts));
  const { called } = evaluation;
  if (found.length === 0) return `No simple baseline compares with this model on ${called}`;
  const lost = found.filter(({ won }) => !won).map(({ baseline }) => baseline);
  if (lost.length === 0) {
    const many = ["the one simple baseline", "both simple baselines"][found.length - 1];
    const all = many ?? `all ${found.length} simple baselines`;
    return `Better than ${all} on ${called}`;
  }
  const all = lost.length === found.length;
  const which = listed(lost);
  return all
    ? `Not better than simple baselines on ${called}: ${which} ${lost.length === 1 ? "does" : "do"} as well or better`
    : `Better than ${found.length - lost.length} of ${found.length} simple baselines on ${called}; ${which} ${lost.length === 1 ? "does" : "do"} as well or better`;
}
