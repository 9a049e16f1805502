// The unit sphere in `dimension` dimensions, S^(dimension − 1): its area.

/** log Γ(n/2) of whole n > 0. */
function logGammaOfHalf(n: number): number {
  let sum = n % 2 === 0 ? 0 : Math.log(Math.PI) / 2;
  for (let k = n % 2 === 0 ? 2 : 1; k < n; k += 2) sum += Math.log(k / 2);
  return sum;
}

/** log of 2π^(d/2) / Γ(d/2), in nats: the density of the uniform distribution is its inverse. */
export function logSphereArea(dimension: number): number {
  return Math.log(2) + (dimension / 2) * Math.log(Math.PI) - logGammaOfHalf(dimension);
}
