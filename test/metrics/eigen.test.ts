// Eigenvalues against NumPy's.
import { describe, expect, test } from "vitest";
import { jacobiEigenvalues, largestEigenvalues } from "#elbo/metrics/eigen.js";
import { type Numbers, readFixture } from "../graph/pytorch.ts";

const fixture = readFixture<{ eigenvalues: { n: number; k: number; values: Numbers }[] }>("pca");

/** B Bᵀ, with B as test/fixtures/make_pca.py has it. */
function matrix(n: number, k: number): Float64Array {
  const b = (i: number, j: number) => (((7 * i + 13 * j + i * j) % 17) - 8) * 0.7 ** j;
  return Float64Array.from({ length: n * n }, (_, at) => {
    let sum = 0;
    for (let j = 0; j < k; j++) sum += b(Math.floor(at / n), j) * b(at % n, j);
    return sum;
  });
}

describe.each(fixture.eigenvalues)("$n × $n of rank $k", ({ n, k, values: { data } }) => {
  const scale = data[0]!;

  test("the largest", () => {
    const received = largestEigenvalues(matrix(n, k), n, data.length);
    expect(received).toHaveLength(data.length);
    for (const [i, value] of data.entries()) {
      expect(Math.abs(received[i]! - value)).toBeLessThan(1e-9 * scale);
    }
  });

  test("all, by rotations", () => {
    const received = jacobiEigenvalues(matrix(n, k), n);
    for (const [i, value] of data.entries()) {
      expect(Math.abs(received[i]! - value)).toBeLessThan(1e-12 * scale * n);
    }
    for (const value of received.subarray(k)) expect(Math.abs(value)).toBeLessThan(1e-11 * scale);
  });
});

test("of one number, of zeros, and of a matrix with a repeated value", () => {
  expect([...largestEigenvalues(Float64Array.of(3), 1, 1)]).toEqual([3]);
  expect([...largestEigenvalues(new Float64Array(100 * 100), 100, 3)]).toEqual([0, 0, 0]);
  const twice = Float64Array.from({ length: 81 * 81 }, (_, i) => (i % 82 === 0 ? 2 : 0));
  for (const value of largestEigenvalues(twice, 81, 4)) expect(value).toBeCloseTo(2, 12);
});
