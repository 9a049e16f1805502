// The unit sphere in `dimension` dimensions, S^(dimension − 1): its area, and draws spread evenly.
import type { Draws } from "../runtime/sequence.ts";

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

/** Fills `out` with a point drawn evenly from the unit sphere: a direction of normals. */
export function drawDirection(out: Float32Array | Float64Array, draws: Draws): void {
  let squares = 0;
  while (squares === 0) {
    squares = 0;
    for (let i = 0; i < out.length; i++) {
      const x = draws.normal();
      out[i] = x;
      squares += x * x;
    }
  }
  const scale = 1 / Math.sqrt(squares);
  for (let i = 0; i < out.length; i++) out[i] = out[i]! * scale;
}
