// Split conformal prediction (Vovk, Gammerman and Shafer 2005, Algorithmic Learning in a Random World;
// Lei et al. 2018, Distribution-Free Predictive Inference
// for Regression, §2.2): how far predictions of rows that were not learned have been off says how far
// the next is, whatever the model, where rows are exchangeable.

/**
 * The distance within which the next row's error lies with the probability `share`: of n errors the
 * ⌈(n + 1) · share⌉-th smallest; null where so few cannot tell.
 * @param errors 0 or more, ascending.
 */
export function conformalRadius(errors: ArrayLike<number>, share: number): number | null {
  // A whole number may come out a little above itself.
  const rank = Math.ceil((errors.length + 1) * share - 1e-9);
  return rank > errors.length ? null : errors[Math.max(rank, 1) - 1]!;
}

/**
 * How rare a score is among scores of rows of the same kind (Bates et al. 2023, Testing for outliers with
 * conformal p-values):
 * (1 + the calibration scores that are as high) / (their number + 1). Of a row of their kind it is at
 * most α with a probability of at most α, and of at least α − 1 / (number + 1) where no scores are equal.
 * @param calibrated how many calibration scores there are.
 * @param below how many of them are below the score.
 */
export const conformalPValue = (calibrated: number, below: number) =>
  (1 + calibrated - below) / (calibrated + 1);
