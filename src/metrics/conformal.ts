// Split conformal prediction (Vovk et al. 2005; Lei et al. 2018, Distribution-Free Predictive Inference
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
