// Lower triangular factors on the host, in float64.

/** L with LLᵀ = the symmetric positive matrix whose lower triangle is given, row-major. */
export function cholesky(matrix: Float64Array, size: number): Float64Array {
  const factor = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i * size + j]!;
      for (let k = 0; k < j; k++) sum -= factor[i * size + k]! * factor[j * size + k]!;
      // Rounding may leave a little less than nothing.
      factor[i * size + j] =
        i === j ? Math.sqrt(Math.max(sum, Number.MIN_VALUE)) : sum / factor[j * size + j]!;
    }
  }
  return factor;
}

/** L⁻¹x. */
export function solveLower(factor: Float64Array, x: Float64Array): Float64Array {
  const size = x.length;
  const result = new Float64Array(size);
  for (let i = 0; i < size; i++) {
    let sum = x[i]!;
    for (let j = 0; j < i; j++) sum -= factor[i * size + j]! * result[j]!;
    result[i] = sum / factor[i * size + i]!;
  }
  return result;
}
