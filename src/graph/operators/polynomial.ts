// Polynomials in a tensor, of which series are made.
import type { Tensor } from "../tensor.ts";

/** c₀ + c₁x + c₂x² + … by Horner's rule; two coefficients or more. */
export function polynomial(x: Tensor, coefficients: readonly number[]): Tensor {
  const [last, next, ...rest] = coefficients.toReversed() as [number, number, ...number[]];
  return rest.reduce<Tensor>((sum, c) => sum.mul(x).add(c), x.mul(last).add(next));
}
