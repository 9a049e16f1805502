// How well groups stand apart (Rousseeuw 1987, Silhouettes).
import { distancesFrom, type Points } from "./points.ts";

/**
 * Of each point (b − a) / max(a, b): a its mean distance to the others of its group, b to those of the
 * nearest other group; 0 of a point alone in its group.
 * @param codes the group of each point, from 0, of at least two.
 */
export function silhouettes(points: Points, codes: readonly number[]): Float64Array {
  const groups = codes.reduce((most, code) => Math.max(most, code), 0) + 1;
  const sizes = new Float64Array(groups);
  for (const code of codes) sizes[code]!++;
  return Float64Array.from(codes, (own, i) => {
    if (sizes[own] === 1) return 0;
    const sums = new Float64Array(groups);
    for (const [j, distance] of distancesFrom(points, i).entries()) sums[codes[j]!]! += distance;
    const a = sums[own]! / (sizes[own]! - 1);
    let b = Infinity;
    for (let k = 0; k < groups; k++) {
      if (k !== own && sizes[k]! > 0) b = Math.min(b, sums[k]! / sizes[k]!);
    }
    return b === Infinity || Math.max(a, b) === 0 ? 0 : (b - a) / Math.max(a, b);
  });
}
