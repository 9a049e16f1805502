// Whether neighbours stay neighbours where rows are brought to fewer dimensions (Venna and Kaski 2001,
// Neighborhood Preservation in Nonlinear Projection Methods: An Experimental Study, equations 1 and 2).
import { distancesFrom, nearestOthers, type Points } from "./points.ts";

/** Σ over points, and over their k neighbours in one space, of ranks in the other beyond k. */
function ranksBeyond(of: Points, among: Points, k: number): number {
  let sum = 0;
  for (let i = 0; i < of.rows; i++) {
    const near = nearestOthers(distancesFrom(among, i), i, k);
    const distances = distancesFrom(of, i);
    for (const place of near) {
      const far = distances[place]!;
      let rank = 1;
      for (const [other, distance] of distances.entries()) {
        if (other === i || other === place) continue;
        if (distance < far || (distance === far && other < place)) rank++;
      }
      sum += Math.max(0, rank - k);
    }
  }
  return sum;
}

/**
 * `trustworthiness`: 1 where all of a point's k neighbours in the embedding are its neighbours in the
 * data; `continuity`: the other way round. Both are about ½ of points placed by chance.
 * @param k less than half of the rows.
 */
export function neighbourhoods(
  data: Points,
  embedding: Points,
  k: number,
): { trustworthiness: number; continuity: number } {
  const n = data.rows;
  const most = (n * k * (2 * n - 3 * k - 1)) / 2;
  return {
    trustworthiness: 1 - ranksBeyond(data, embedding, k) / most,
    continuity: 1 - ranksBeyond(embedding, data, k) / most,
  };
}
