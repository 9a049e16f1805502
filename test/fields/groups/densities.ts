// Densities in float64 by their formulas, to hold groups against.
import { expect } from "vitest";

export const logGaussian = (x: number, mean: number, deviation: number) =>
  -0.5 * ((x - mean) / deviation) ** 2 - Math.log(deviation) - 0.5 * Math.log(2 * Math.PI);

function logGamma(x: number): number {
  if (x < 12) return logGamma(x + 1) - Math.log(x);
  const y = 1 / (x * x);
  const series = (1 / 12 - y * (1 / 360 - y * (1 / 1260 - y / 1680))) / x;
  return (x - 0.5) * Math.log(x) - x + 0.5 * Math.log(2 * Math.PI) + series;
}

export function logNegativeBinomial(x: number, mean: number, r: number): number {
  const choose = logGamma(x + r) - logGamma(r) - logGamma(x + 1);
  return choose + r * Math.log(r / (r + mean)) + (x > 0 ? x * Math.log(mean / (r + mean)) : 0);
}

export function expectNear(received: readonly number[] | undefined, expected: readonly number[]) {
  expect(received!.length).toBe(expected.length);
  // Constants of a graph are float32.
  for (const [i, value] of expected.entries()) {
    const far = Math.abs(received![i]! - value);
    expect(far, `[${i}]: ${received![i]}, ${value}`).toBeLessThan(2e-6 * (1 + Math.abs(value)));
  }
}
