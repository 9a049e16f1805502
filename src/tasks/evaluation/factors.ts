// Columns as factors of variation, and how latents match them.
import {
  binned,
  type Dci,
  dci,
  type Factor,
  factorVaeScore,
  mutualInformationGap,
  separatedAttributePredictability,
} from "../../metrics/disentanglement.ts";
import { codesOf, type Points, pickPoints } from "../../metrics/points.ts";

export interface FactorFigures {
  mig: number;
  sap: number;
  dci: Dci;
  factorVaeScore: number;
}

/** Rows that forests of every factor are fitted to and tried on. */
const MOST_FOREST_ROWS = 2000;

/** Levels as they are, amounts in 20 bins. */
export function factorFigures(
  points: Points,
  factors: readonly { values: readonly (string | number)[]; classes: boolean }[],
  seed: number,
): FactorFigures {
  const levels = factors.map(({ values, classes }): Factor => {
    return codesOf(classes ? values : binned(values as readonly number[]));
  });
  const few = Math.min(points.rows, MOST_FOREST_ROWS);
  const places = Array.from({ length: few }, (_, i) => Math.floor((i * points.rows) / few));
  const fewer = levels.map(({ codes, count }) => ({
    codes: places.map((place) => codes[place]!),
    count,
  }));
  return {
    mig: mutualInformationGap(points, levels),
    sap: separatedAttributePredictability(points, levels),
    dci: dci(pickPoints(points, places), fewer, seed),
    factorVaeScore: factorVaeScore(points, levels, seed),
  };
}
