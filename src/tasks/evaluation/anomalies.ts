// How well a model tells rows that are labelled anomalies, beside an isolation forest and nearest
// neighbours of its training rows.
import { ElboError } from "../../base/errors.ts";
import type { DataSource } from "../../data/source.ts";
import { isModelled } from "../../fields/field.ts";
import { averagePrecision } from "../../metrics/average-precision.ts";
import { IsolationForest } from "../../metrics/isolation-forest.ts";
import { rocAuc } from "../../metrics/roc.ts";
import { methods } from "../../models/methods/index.ts";
import { labelledRows } from "../../train/known-anomalies.ts";
import { chosenScores } from "../detect/choose.ts";
import { Neighbours } from "../detect/neighbours.ts";
import { Scorer } from "../detect/scorer.ts";
import type { ScoreName } from "../detect/scores.ts";
import { rowScores } from "../detect/series.ts";
import type { Run, TaskOptions } from "../run.ts";
import { packedChunks } from "../stream.ts";
import { Inputs } from "./inputs.ts";
import { NEIGHBOURS } from "./learners.ts";

export interface Ranking {
  rocAuc: number;
  averagePrecision: number;
}

export interface AnomalyReport {
  label: string;
  rows: number;
  anomalies: number;
  /** Training rows that the simple scores know. */
  trainingRows: number;
  /** What the model's rows are told by: the score that `detect` takes by itself. */
  score: ScoreName;
  model: Ranking;
  /** 100 trees of 256 training rows; null where rows hold no numbers or levels. */
  isolationForest: Ranking | null;
  /** The distance to the fifth nearest training row. */
  neighbours: Ranking | null;
}

/** The labels, of which there must be two, by a column that the model does not see. */
async function labelsIn(run: Run, source: DataSource, label: string): Promise<Uint8Array> {
  const field = run.config.schema.fields.find(({ name }) => name === label);
  if (field && isModelled(field) && field.role !== "target") {
    throw new ElboError({
      code: "anomaly-label",
      kind: "usage",
      message: `--anomaly-label ${label} is a column that the run learned from: its scores know the answer`,
      hint: `Train with --ignore ${label}, or with --anomaly-label ${label}.`,
    });
  }
  const labels = await labelledRows(source, label);
  const anomalies = labels.reduce((sum, value) => sum + value, 0);
  if (anomalies > 0 && anomalies < source.rows) return labels;
  throw new ElboError({
    code: "anomaly-label",
    message: `--anomaly-label ${label} of ${source.source} has ${anomalies === 0 ? "no anomaly" : "nothing but anomalies"}: one sort of rows cannot be told from another`,
    hint: "Give rows of both sorts, 1 or true for anomalies and 0 or false for all else.",
  });
}

/** @throws ElboError `column-unknown`, `anomaly-label`. */
export async function anomalyReport(
  run: Run,
  source: DataSource,
  label: string,
  options: TaskOptions & { seed: number },
): Promise<AnomalyReport> {
  // Of a series its rows are told, as they are by detect.
  const { windows } = source;
  const rows = windows?.of ?? source;
  const labels = await labelsIn(run, rows, label);
  const dense = methods[run.config.model.method].probabilistic;
  const scorer = await Scorer.create(run, { ...options, samples: 0 });
  const { name, scores } = await chosenScores(run, scorer, undefined, dense, options);
  const inputs = await Inputs.of(run, options);
  const training = inputs ? await inputs.training() : null;
  const known = inputs && training && (await inputs.points(training));
  const forest = known && new IsolationForest(known, inputs.size, options);
  const near = known && (await Neighbours.of(known, inputs.size, NEIGHBOURS, options));
  const told = { model: [] as number[], forest: [] as number[], near: [] as number[] };
  try {
    for await (const packed of packedChunks(run, source, [], undefined, "judging")) {
      for (const score of await scores.of(await scorer.say(packed))) told.model.push(score);
      if (!inputs || !forest || !near) continue;
      const points = await inputs.points(packed);
      for (const score of forest.scores(points)) told.forest.push(score);
      for (const found of await near.nearest(points, NEIGHBOURS)) {
        told.near.push(found.at(-1)!.distance);
      }
    }
  } finally {
    await near?.release();
    await inputs?.release();
    await scores.release();
    await scorer.release();
  }
  const ranking = (scores: readonly number[]): Ranking => {
    const all = windows ? rowScores(scores, windows.size) : scores;
    const [normal, strange] = [0, 1].map((sort) => all.filter((_, row) => labels[row] === sort));
    return {
      rocAuc: rocAuc(normal!, strange!),
      averagePrecision: averagePrecision(normal!, strange!),
    };
  };
  return {
    ...{ label, rows: rows.rows, score: name },
    anomalies: labels.reduce((sum, value) => sum + value, 0),
    trainingRows: training?.rows ?? 0,
    model: ranking(told.model),
    isolationForest: forest && ranking(told.forest),
    neighbours: near && ranking(told.near),
  };
}
