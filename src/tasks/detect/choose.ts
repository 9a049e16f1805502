// Which score a run's rows are told by, where nobody asked for one: that which tells known anomalies best.
import { rocAuc } from "../../metrics/roc.ts";
import type { Run, TaskOptions } from "../run.ts";
import type { Scorer } from "./scorer.ts";
import { type ScoreName, type Scores, scoreNames, scoresOf } from "./scores.ts";

/** Known anomalies below which they are not asked: a few choose by chance. */
const FEWEST = 10;

/** How well the score tells the run's known anomalies from rows held out. */
export interface Known {
  anomalies: number;
  rocAuc: number;
}

export interface Chosen {
  name: ScoreName;
  scores: Scores;
  /** Null where too few anomalies are known, or a score was asked for. */
  known: Known | null;
}

export async function chosenScores(
  run: Run,
  scorer: Scorer,
  asked: ScoreName | undefined,
  dense: boolean,
  options: TaskOptions,
): Promise<Chosen> {
  const { anomalies } = await run.reference();
  if (asked !== undefined || anomalies.rows < FEWEST) {
    const name = asked ?? "ensemble";
    return { name, scores: await scoresOf(run, name, scorer, options), known: null };
  }
  const said = await scorer.say(anomalies);
  let best: (Chosen & { known: Known }) | null = null;
  for (const name of scoreNames) {
    if (name === "elbo" && !dense) continue;
    const scores = await scoresOf(run, name, scorer, options);
    const auc = rocAuc(scores.calibration, await scores.of(said));
    // The first, which is the default, unless another is better.
    if (best && auc <= best.known.rocAuc) await scores.release();
    else {
      await best?.scores.release();
      best = { name, scores, known: { anomalies: anomalies.rows, rocAuc: auc } };
    }
  }
  return best!;
}
