// The tail of the χ² distribution.

/** ln Γ(n / 2) of a whole number n, by Γ(a + 1) = a Γ(a). */
function logGammaOfHalf(n: number): number {
  let sum = n % 2 === 0 ? 0 : 0.5 * Math.log(Math.PI);
  for (let a = n % 2 === 0 ? 1 : 0.5; a < n / 2; a++) sum += Math.log(a);
  return sum;
}

/**
 * P(χ² > x), to twelve decimals: 1 less the series of the lower incomplete gamma function (Abramowitz & Stegun,
 * 6.5.29).
 * @param degrees of freedom, a whole number from 1 to 400.
 */
export function chiSquareTail(x: number, degrees: number): number {
  if (x <= 0) return 1;
  const [a, z] = [degrees / 2, x / 2];
  // Less than e^−80, where the series' first term is no number any more.
  if (z > 2 * a + 250) return 0;
  let term = Math.exp(a * Math.log(z) - z - logGammaOfHalf(degrees + 2));
  let sum = 0;
  for (let n = 1; term > 1e-17 * sum; n++) {
    sum += term;
    term *= z / (a + n);
  }
  return Math.max(0, 1 - sum);
}
