// Whether two models of the same rows found the same latents.
import { cholesky, solveLower } from "../prob/cholesky.ts";

/** Posterior means of rows, `(rows, latent)`, row-major. */
export interface Latents {
  means: ArrayLike<number>;
  latent: number;
}

export interface Likeness {
  /**
   * The share of the variance of one's latents that a linear map of the other's explains, a mean over
   * latents and both ways: 1 where they span the same space, whatever its axes.
   */
  subspace: number;
  /**
   * The mean correlation, without its sign, of latents matched one to one, the most alike first; one
   * without a match counts as 0. 1 where the axes are the same too.
   */
  axes: number;
}

/** Columns of mean 0 and deviation 1, one after the other. */
function standardized({ means, latent }: Latents): Float64Array[] {
  const rows = means.length / latent;
  return Array.from({ length: latent }, (_, j) => {
    const column = Float64Array.from({ length: rows }, (__, i) => means[i * latent + j]!);
    const mean = column.reduce((sum, value) => sum + value, 0) / rows;
    const centered = column.map((value) => value - mean);
    const norm = Math.sqrt(centered.reduce((sum, value) => sum + value * value, 0) / rows);
    return norm > 0 ? centered.map((value) => value / norm) : centered;
  });
}

const correlation = (a: Float64Array, b: Float64Array) =>
  a.reduce((sum, value, i) => sum + value * b[i]!, 0) / a.length;

/** What keeps a factor of correlations that are all but singular within float64. */
const RIDGE = 1e-9;

/** The mean share of the variance of `of` that the best linear map of `by` explains. */
function explained(of: readonly Float64Array[], by: readonly Float64Array[]): number {
  const size = by.length;
  const own = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) own[i * size + j] = correlation(by[i]!, by[j]!);
    own[i * size + i]! += RIDGE;
  }
  const factor = cholesky(own, size);
  const shares = of.map((column) => {
    const across = Float64Array.from(by, (other) => correlation(column, other));
    return solveLower(factor, across).reduce((sum, value) => sum + value * value, 0);
  });
  return shares.reduce((sum, share) => sum + Math.min(1, share), 0) / of.length;
}

/** @returns null where one of them has no latent. */
export function likeness(first: Latents, second: Latents): Likeness | null {
  const [a, b] = [standardized(first), standardized(second)];
  if (a.length === 0 || b.length === 0) return null;
  const pairs = a.flatMap((x, i) =>
    b.map((y, j) => ({ i, j, alike: Math.abs(correlation(x, y)) })),
  );
  pairs.sort((p, q) => q.alike - p.alike);
  const [left, right] = [new Set<number>(), new Set<number>()];
  let matched = 0;
  for (const { i, j, alike } of pairs) {
    if (left.has(i) || right.has(j)) continue;
    left.add(i);
    right.add(j);
    matched += alike;
  }
  return {
    subspace: (explained(a, b) + explained(b, a)) / 2,
    axes: matched / Math.max(a.length, b.length),
  };
}
