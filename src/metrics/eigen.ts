// Eigenvalues and eigenvectors of symmetric matrices, in float64: all of a small one, the largest of
// one that is known by its products alone.
import { Random, streams } from "../runtime/random.ts";

/** Largest first. */
export interface Eigen {
  values: Float64Array;
  /** One for each value, of length 1. */
  vectors: Float64Array[];
}

/** Share of a vector's length that is rounding when the rest lies along the vectors before it. */
const ROUNDING = 1e-12;

/**
 * Vectors made orthonormal in place, by modified Gram–Schmidt twice. One that is a combination of
 * those before it becomes zero: its remainder, made longer, would point along them again.
 */
function orthonormalize(vectors: readonly Float64Array[]): void {
  for (const [i, vector] of vectors.entries()) {
    const length = Math.sqrt(dot(vector, vector));
    for (let pass = 0; pass < 2; pass++) {
      for (const other of vectors.slice(0, i)) {
        const along = dot(vector, other);
        for (let j = 0; j < vector.length; j++) vector[j]! -= along * other[j]!;
      }
    }
    const norm = Math.sqrt(dot(vector, vector));
    if (norm <= ROUNDING * length) vector.fill(0);
    else for (let j = 0; j < vector.length; j++) vector[j]! /= norm;
  }
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let j = 0; j < a.length; j++) sum += a[j]! * b[j]!;
  return sum;
}

/** All of a small symmetric n×n matrix, by cyclic Jacobi rotations (Golub and Van Loan, §8.5). */
export function symmetricEigen(matrix: Float64Array, n: number): Eigen {
  const a = matrix.slice();
  const v = Float64Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? 1 : 0));
  /** Rows (or columns) p and q turned by an angle of cosine c and sine s. */
  const turn = (of: Float64Array, p: number, q: number, step: number, c: number, s: number) => {
    for (let k = 0; k < n; k++) {
      const [i, j] = [p + k * step, q + k * step];
      const [x, y] = [of[i]!, of[j]!];
      of[i] = c * x - s * y;
      of[j] = s * x + c * y;
    }
  };
  for (let sweep = 0; sweep < 60; sweep++) {
    let off = 0;
    for (let p = 0; p < n; p++) {
      for (let q = p + 1; q < n; q++) {
        const apq = a[p * n + q]!;
        off += apq * apq;
        if (apq === 0) continue;
        const theta = (a[q * n + q]! - a[p * n + p]!) / (2 * apq);
        const t = Math.sign(theta || 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
        const c = 1 / Math.sqrt(t * t + 1);
        turn(a, p, q, n, c, t * c);
        turn(a, p * n, q * n, 1, c, t * c);
        turn(v, p * n, q * n, 1, c, t * c);
      }
    }
    if (off < 1e-22) break;
  }
  const diagonal = Float64Array.from({ length: n }, (_, i) => a[i * n + i]!);
  const order = [...diagonal.keys()].sort((i, j) => diagonal[j]! - diagonal[i]!);
  return {
    values: Float64Array.from(order, (i) => diagonal[i]!),
    vectors: order.map((i) => v.slice(i * n, (i + 1) * n)),
  };
}

/** Vectors beyond those asked for: they speed up convergence of the last ones. */
const OVERSAMPLING = 10;
const MOST_PRODUCTS = 20;
/** Stops when a product adds less than this share to the sum of the eigenvalues. */
const ENOUGH = 1e-5;

/** How many vectors `largestEigen` multiplies at once. */
export const vectorsFor = (n: number, count: number) => Math.min(n, count + OVERSAMPLING);

/**
 * The `count` largest of a symmetric positive semi-definite n×n matrix, by subspace iteration with
 * a Rayleigh–Ritz step (Halko, Martinsson and Tropp 2011, Finding Structure with Randomness,
 * algorithm 4.4). Exact where n is at most `count` + 10; otherwise the values are those of the
 * vectors found, never above the true ones.
 * @param product the matrix times each of `vectorsFor(n, count)` orthonormal vectors.
 */
export async function largestEigen(
  n: number,
  count: number,
  product: (vectors: readonly Float64Array[]) => Promise<Float64Array[]>,
): Promise<Eigen> {
  const width = vectorsFor(n, count);
  const start = new Random(0).normal(streams.synthetic, 0, width * n);
  let vectors: Float64Array[] = Array.from({ length: width }, (_, i) =>
    Float64Array.from(start.subarray(i * n, (i + 1) * n)),
  );
  orthonormalize(vectors);
  let before = 0;
  for (let products = 1; ; products++) {
    const images = await product(vectors);
    const small = Float64Array.from({ length: width * width }, (_, at) =>
      dot(vectors[Math.floor(at / width)]!, images[at % width]!),
    );
    const { values, vectors: mixes } = symmetricEigen(small, width);
    const sum = values.subarray(0, count).reduce((total, value) => total + value, 0);
    if (width === n || sum - before <= ENOUGH * sum || products === MOST_PRODUCTS) {
      const mixed = mixes.slice(0, count).map((mix) => combined(vectors, mix));
      return { values: values.slice(0, count), vectors: mixed };
    }
    before = sum;
    vectors = images;
    orthonormalize(vectors);
  }
}

function combined(vectors: readonly Float64Array[], mix: Float64Array): Float64Array {
  const result = new Float64Array(vectors[0]!.length);
  for (const [i, vector] of vectors.entries()) {
    for (let j = 0; j < result.length; j++) result[j]! += mix[i]! * vector[j]!;
  }
  return result;
}
