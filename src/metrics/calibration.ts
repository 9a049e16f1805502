// Whether what was predicted as a distribution is one of what came.

/**
 * Where a value stands among `draws` of its predicted distribution, evenly between 0 and 1 if that is
 * right: the rank over their number, ties by chance (Czado, Gneiting and Held 2009, "Predictive Model
 * Assessment for Count Data", §2; by draws as Hamill 2001, "Interpretation of Rank Histograms").
 * @param uniform a random number in [0, 1).
 */
export function rankShare(below: number, equal: number, draws: number, uniform: number): number {
  return (below + uniform * (equal + 1)) / (draws + 1);
}

/**
 * The correlation of pairs of numbers (Pearson); 0 where one does not vary. Of shares of ranks, that of
 * what two predictions leave open: 0 where they say all that the two values have in common.
 */
export function correlation(pairs: readonly (readonly [number, number])[]): number {
  const mean = (at: 0 | 1) => pairs.reduce((sum, pair) => sum + pair[at], 0) / pairs.length;
  const [x, y] = [mean(0), mean(1)];
  let [xx, xy, yy] = [0, 0, 0];
  for (const [a, b] of pairs) {
    xx += (a - x) ** 2;
    xy += (a - x) * (b - y);
    yy += (b - y) ** 2;
  }
  return xx > 0 && yy > 0 ? xy / Math.sqrt(xx * yy) : 0;
}

/**
 * The largest distance between the distribution of numbers in [0, 1] and the even one (Kolmogorov).
 * @returns 0 to 1: the share of rows for which a prediction puts its weight in the wrong place.
 */
export function distanceFromEven(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort();
  const n = sorted.length;
  let most = 0;
  for (let i = 0; i < n; i++) {
    most = Math.max(most, sorted[i]! - i / n, (i + 1) / n - sorted[i]!);
  }
  return most;
}
