// How well a score finds strange rows among many normal ones.

/**
 * Average precision: the mean over strange rows of the share of strange ones among all that score at
 * least as high (Zhu 2004, "Recall, Precision and Average Precision"), not interpolated.
 */
export function averagePrecision(normal: ArrayLike<number>, strange: ArrayLike<number>): number {
  const all = Array.from(normal, (value) => ({ value, strange: 0 })).concat(
    Array.from(strange, (value) => ({ value, strange: 1 })),
  );
  all.sort((a, b) => b.value - a.value);
  let [found, sum] = [0, 0];
  for (let i = 0, end = 0; i < all.length; i = end) {
    let own = 0;
    while (end < all.length && all[end]!.value === all[i]!.value) own += all[end++]!.strange;
    found += own;
    sum += (own * found) / end;
  }
  return sum / strange.length;
}
