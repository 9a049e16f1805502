// The largest eigenvalues of a symmetric matrix, in float64.
import { Random, streams } from "../runtime/random.ts";

/** Share of a vector's length that is rounding when the rest lies along the vectors before it. */
const ROUNDING = 1e-12;

/**
 * Rows of `q` (k vectors of length n) made orthonormal in place, by modified Gram–Schmidt twice. A
 * row that is a combination of those before it becomes zero: its remainder, made longer, would
 * point along them again.
 */
function orthonormalize(q: Float64Array[], n: number): void {
  for (const [i, row] of q.entries()) {
    const length = Math.hypot(...row);
    for (let pass = 0; pass < 2; pass++) {
      for (const other of q.slice(0, i)) {
        let dot = 0;
        for (let j = 0; j < n; j++) dot += row[j]! * other[j]!;
        for (let j = 0; j < n; j++) row[j]! -= dot * other[j]!;
      }
    }
    const norm = Math.hypot(...row);
    if (norm <= ROUNDING * length) row.fill(0);
    else for (let j = 0; j < n; j++) row[j]! /= norm;
  }
}

function times(matrix: Float64Array, n: number, vector: Float64Array): Float64Array {
  const result = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    let sum = 0;
    for (let j = 0; j < n; j++) sum += matrix[i * n + j]! * vector[j]!;
    result[i] = sum;
  }
  return result;
}

/** All eigenvalues of a small symmetric matrix, by cyclic Jacobi rotations, largest first. */
export function jacobiEigenvalues(matrix: Float64Array, n: number): Float64Array {
  const a = matrix.slice();
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
        const s = t * c;
        for (let k = 0; k < n; k++) {
          const [kp, kq] = [a[k * n + p]!, a[k * n + q]!];
          a[k * n + p] = c * kp - s * kq;
          a[k * n + q] = s * kp + c * kq;
        }
        for (let k = 0; k < n; k++) {
          const [pk, qk] = [a[p * n + k]!, a[q * n + k]!];
          a[p * n + k] = c * pk - s * qk;
          a[q * n + k] = s * pk + c * qk;
        }
      }
    }
    if (off < 1e-22) break;
  }
  return Float64Array.from({ length: n }, (_, i) => a[i * n + i]!).sort((x, y) => y - x);
}

/** Vectors beyond those asked for: they speed up convergence of the last ones. */
const OVERSAMPLING = 10;
const ITERATIONS = 40;

/**
 * The `count` largest eigenvalues of a symmetric positive semi-definite n×n matrix, by subspace
 * iteration with a Rayleigh–Ritz step (Halko, Martinsson and Tropp 2011).
 */
export function largestEigenvalues(matrix: Float64Array, n: number, count: number): Float64Array {
  const width = Math.min(n, count + OVERSAMPLING);
  if (width === n && n <= 64) return jacobiEigenvalues(matrix, n).subarray(0, count);
  const start = new Random(0).normal(streams.synthetic, 0, width * n);
  let q: Float64Array[] = Array.from({ length: width }, (_, i) =>
    Float64Array.from(start.subarray(i * n, (i + 1) * n)),
  );
  orthonormalize(q, n);
  for (let i = 0; i < ITERATIONS; i++) {
    q = q.map((vector) => times(matrix, n, vector));
    orthonormalize(q, n);
  }
  const images = q.map((vector) => times(matrix, n, vector));
  const small = new Float64Array(width * width);
  for (let i = 0; i < width; i++) {
    for (let j = 0; j < width; j++) {
      let dot = 0;
      for (let k = 0; k < n; k++) dot += q[i]![k]! * images[j]![k]!;
      small[i * width + j] = dot;
    }
  }
  return jacobiEigenvalues(small, width).subarray(0, count);
}
