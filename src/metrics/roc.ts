// How well a score tells strange rows from normal ones.

/**
 * The area under the receiver operating characteristic: the chance that a strange row scores higher than a
 * normal one, half where they are equal (Hanley and McNeil 1982).
 */
export function rocAuc(normal: ArrayLike<number>, strange: ArrayLike<number>): number {
  const all = Array.from(normal, (value) => ({ value, strange: 0 })).concat(
    Array.from(strange, (value) => ({ value, strange: 1 })),
  );
  all.sort((a, b) => a.value - b.value);
  let ranks = 0;
  for (let i = 0, end = 0; i < all.length; i = end) {
    while (end < all.length && all[end]!.value === all[i]!.value) end++;
    // Rows that are equal share the mean of their ranks, which begin at 1.
    for (let k = i; k < end; k++) ranks += (all[k]!.strange * (i + end + 1)) / 2;
  }
  const [n, m] = [normal.length, strange.length];
  return (ranks - (m * (m + 1)) / 2) / (n * m);
}
