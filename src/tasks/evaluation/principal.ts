// Principal components of points: what a model's latents are measured beside.
import { largestEigen } from "../../metrics/eigen.ts";
import type { Points } from "../../metrics/points.ts";

/** Points of which components are found: more move none of their figures. */
const MOST_ROWS = 2000;

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
  const rows = known.length / size;
  const every = Math.ceil(rows / MOST_ROWS);
  const places = Array.from({ length: Math.ceil(rows / every) }, (_, i) => i * every);
  const mean = new Float64Array(size);
  for (const place of places) {
    for (let j = 0; j < size; j++) mean[j]! += known[place * size + j]! / places.length;
  }
  const along = (points: Float32Array, place: number, axis: Float64Array) => {
    let sum = 0;
    for (let j = 0; j < size; j++) sum += axis[j]! * (points[place * size + j]! - mean[j]!);
    return sum;
  };
  const components = Math.min(count, size);
  const { vectors } = await largestEigen(size, components, async (axes) =>
    axes.map((axis) => {
      const image = new Float64Array(size);
      for (const place of places) {
        const share = along(known, place, axis) / places.length;
        for (let j = 0; j < size; j++) image[j]! += share * (known[place * size + j]! - mean[j]!);
      }
      return image;
    }),
  );
  const all = others.length / size;
  const values = new Float64Array(all * components);
  for (let i = 0; i < all; i++) {
    for (const [k, axis] of vectors.entries()) values[i * components + k] = along(others, i, axis);
  }
  return { rows: all, size: components, values };
}
