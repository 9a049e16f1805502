// Quantiles of weighted values.

/**
 * The least value that holds, with those below it, at least each share of the weights.
 * @param weights 0 or more, with a sum above 0.
 * @param shares from 0 to 1, ascending.
 */
export function weightedQuantiles(
  values: readonly number[],
  weights: readonly number[],
  shares: readonly number[],
): number[] {
  const order = [...values.keys()].sort((a, b) => values[a]! - values[b]!);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let [place, below] = [0, weights[order[0]!]!];
  return shares.map((share) => {
    while (place < order.length - 1 && below < share * total) below += weights[order[++place]!]!;
    return values[order[place]!]!;
  });
}
