// How far two clouds of points are from each other, as Gaussians (Dowson and Landau 1982; of features of
// images the Fréchet inception distance, Heusel et al. 2017, equation 6).
import { symmetricEigen } from "./eigen.ts";
import type { Points } from "./points.ts";

function moments({ rows, size, values }: Points) {
  const mean = new Float64Array(size);
  for (let i = 0; i < rows * size; i++) mean[i % size]! += values[i]! / rows;
  const covariance = new Float64Array(size * size);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < size; j++) {
      const far = (values[i * size + j]! - mean[j]!) / (rows - 1);
      for (let k = 0; k < size; k++) {
        covariance[j * size + k]! += far * (values[i * size + k]! - mean[k]!);
      }
    }
  }
  return { mean, covariance };
}

const product = (a: Float64Array, b: Float64Array, n: number) =>
  Float64Array.from({ length: n * n }, (_, at) => {
    const [i, j] = [Math.floor(at / n), at % n];
    let sum = 0;
    for (let k = 0; k < n; k++) sum += a[i * n + k]! * b[k * n + j]!;
    return sum;
  });

function squareRoot(matrix: Float64Array, n: number): Float64Array {
  const { values, vectors } = symmetricEigen(matrix, n);
  return Float64Array.from({ length: n * n }, (_, at) => {
    const [i, j] = [Math.floor(at / n), at % n];
    return vectors.reduce(
      (sum, vector, l) => sum + Math.sqrt(Math.max(0, values[l]!)) * vector[i]! * vector[j]!,
      0,
    );
  });
}

/** |μ − ν|² + tr(S + T − 2 (S T)^½), of at least two points each. */
export function frechetDistance(a: Points, b: Points): number {
  const n = a.size;
  const [p, q] = [moments(a), moments(b)];
  const root = squareRoot(p.covariance, n);
  const inner = product(product(root, q.covariance, n), root, n);
  // Of equal eigenvalues as S T, and symmetric but for rounding.
  const even = inner.map((value, at) => (value + inner[(at % n) * n + Math.floor(at / n)]!) / 2);
  const shared = symmetricEigen(even, n).values.reduce(
    (sum, value) => sum + Math.sqrt(Math.max(0, value)),
    0,
  );
  let distance = -2 * shared;
  for (let j = 0; j < n; j++) {
    distance += (p.mean[j]! - q.mean[j]!) ** 2;
    distance += p.covariance[j * n + j]! + q.covariance[j * n + j]!;
  }
  return Math.max(0, distance);
}
