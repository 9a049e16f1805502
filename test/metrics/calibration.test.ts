// Calibration of predictions whose misfit is known in closed form.
import { expect, test } from "vitest";
import { correlation, distanceFromEven, rankShare } from "#elbo/metrics/calibration.js";
import { Random, streams } from "#elbo/runtime/random.js";

const ROWS = 2000;
const DRAWS = 63;

/** Shares of ranks of normal values of this deviation among draws of the standard normal. */
function shares(deviation: number, round: (value: number) => number = (value) => value) {
  const random = new Random(9);
  const values = random.normal(streams.synthetic, 0, ROWS);
  const draws = random.normal(streams.synthetic, 1, ROWS * DRAWS);
  const even = random.uniform(streams.synthetic, 2, ROWS);
  return Array.from(values, (v, i) => {
    const value = round(deviation * v);
    let [below, equal] = [0, 0];
    for (let k = 0; k < DRAWS; k++) {
      const draw = round(draws[i * DRAWS + k]!);
      if (draw < value) below++;
      else if (draw === value) equal++;
    }
    return rankShare(below, equal, DRAWS, even[i]!);
  });
}

// Of n even numbers the distance exceeds √(log(2 / α) / 2n) with probability α at most (Massart
// 1990); α = 1e-6.
const noise = Math.sqrt(Math.log(2e6) / (2 * ROWS));

test("right predictions are even, of whole numbers too", () => {
  expect(distanceFromEven(shares(1))).toBeLessThan(noise);
  expect(distanceFromEven(shares(1, Math.round))).toBeLessThan(noise);
});

test("a deviation that is half of the true one is off by what the normal distribution says", () => {
  // sup |Φ(2x) − Φ(x)| is at x² = (2/3) log 2: Φ(1.35956) − Φ(0.67978) = 0.16135. Ranks of 63 draws are
  // coarser by 1/64 at most.
  const distance = distanceFromEven(shares(2));
  expect(Math.abs(distance - 0.16135)).toBeLessThan(noise + 1 / 64);
});

test("of few numbers by hand", () => {
  expect(distanceFromEven([0.5])).toBe(0.5);
  expect(distanceFromEven([0.1, 0.2])).toBeCloseTo(0.8, 12);
  expect(distanceFromEven([0.25, 0.75])).toBeCloseTo(0.25, 12);
});

test("pairs of normal values that share half of their variance correlate by a half", () => {
  const normal = new Random(12).normal(streams.synthetic, 0, 3 * ROWS);
  const pairs = Array.from({ length: ROWS }, (_, i): [number, number] => {
    return [normal[3 * i]! + normal[3 * i + 1]!, normal[3 * i]! + normal[3 * i + 2]!];
  });
  // The deviation of a correlation r of n pairs is (1 − r²) / √n (Fisher 1921).
  expect(Math.abs(correlation(pairs) - 0.5)).toBeLessThan((4 * 0.75) / Math.sqrt(ROWS));
  expect(correlation(pairs.map(([a]) => [a, -2 * a]))).toBeCloseTo(-1, 12);
  expect(correlation(pairs.map(([a]) => [a, 3]))).toBe(0);
});
