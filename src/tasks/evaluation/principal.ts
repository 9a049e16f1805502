// Principal components of points: what a model's latents are measured beside.
import { largestEigen } from "../../metrics/eigen.ts";
import type { Points } from "../../metrics/points.ts";

/** Points of which components are found: more move none of their figures. */
export const MOST_ROWS = 2000;

export interface PrincipalAxes {
  mean: Float64Array;
  /** Of length 1 and orthogonal, those of most variance first. */
  vectors: Float64Array[];
}

function along(
  { mean }: Pick<PrincipalAxes, "mean">,
  points: Float32Array,
  place: number,
  axis: Float64Array,
): number {
  const size = mean.length;
  let sum = 0;
  for (let j = 0; j < size; j++) sum += axis[j]! * (points[place * size + j]! - mean[j]!);
  return sum;
}

/**
 * The `count` largest components of some points, but no more than they have numbers.
 * @param known `(rows, size)`.
 */
export async function principalAxes(
  known: Float32Array,
  size: number,
  count: number,
): Promise<PrincipalAxes> {
  const rows = known.length / size;
  const every = Math.ceil(rows / MOST_ROWS);
  const places = Array.from({ length: Math.ceil(rows / every) }, (_, i) => i * every);
  const mean = new Float64Array(size);
  for (const place of places) {
    for (let j = 0; j < size; j++) mean[j]! += known[place * size + j]! / places.length;
  }
  const { vectors } = await largestEigen(size, Math.min(count, size), async (axes) =>
    axes.map((axis) => {
      const image = new Float64Array(size);
      for (const place of places) {
        const share = along({ mean }, known, place, axis) / places.length;
        for (let j = 0; j < size; j++) image[j]! += share * (known[place * size + j]! - mean[j]!);
      }
      return image;
    }),
  );
  return { mean, vectors };
}

/**
 * Coordinates of other points along the `count` largest components of some.
 * @param known `(rows, size)`, as `others`.
 */
export async function principalPoints(
  known: Float32Array,
  others: Float32Array,
  size: number,
  count: number,
): Promise<Points> {
  const axes = await principalAxes(known, size, count);
  const { vectors } = axes;
  const rows = others.length / size;
  const values = new Float64Array(rows * vectors.length);
  for (let i = 0; i < rows; i++) {
    for (const [k, axis] of vectors.entries()) {
      values[i * vectors.length + k] = along(axes, others, i, axis);
    }
  }
  return { rows, size: vectors.length, values };
}
