// Eigenvalues against NumPy's, and that vectors are what they belong to.
import { describe, expect, test } from "vitest";
import { type Eigen, largestEigen, symmetricEigen, vectorsFor } from "#elbo/metrics/eigen.js";
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

const times = (a: Float64Array, vector: Float64Array) =>
  vector.map((_, i) => vector.reduce((sum, v, j) => sum + a[i * vector.length + j]! * v, 0));

const largest = (a: Float64Array, n: number, count: number) =>
  largestEigen(n, count, async (vectors) => {
    expect(vectors).toHaveLength(vectorsFor(n, count));
    return vectors.map((vector) => times(a, vector));
  });

/** A v = λ v for each, and vectors of length 1 and orthogonal. */
function expectEigen(a: Float64Array, { values, vectors }: Eigen, tolerance: number): void {
  for (const [i, vector] of vectors.entries()) {
    for (const [j, image] of times(a, vector).entries()) {
      expect(Math.abs(image - values[i]! * vector[j]!)).toBeLessThan(tolerance * values[0]!);
    }
    for (const [k, other] of vectors.slice(0, i + 1).entries()) {
      const dot = vector.reduce((sum, v, j) => sum + v * other[j]!, 0);
      expect(dot).toBeCloseTo(k === i ? 1 : 0, 10);
    }
  }
}

describe.each(fixture.eigenvalues)("$n × $n of rank $k", ({ n, k, values: { data } }) => {
  const scale = data[0]!;
  const a = matrix(n, k);

  test("the largest", async () => {
    const received = await largest(a, n, data.length);
    expect(received.values).toHaveLength(data.length);
    for (const [i, value] of data.entries()) {
      expect(Math.abs(received.values[i]! - value)).toBeLessThan(1e-8 * scale);
    }
    expectEigen(a, received, 1e-5);
  });

  test("all, by rotations", () => {
    const received = symmetricEigen(a, n);
    for (const [i, value] of data.entries()) {
      expect(Math.abs(received.values[i]! - value)).toBeLessThan(1e-12 * scale * n);
    }
    for (const value of received.values.subarray(k)) {
      expect(Math.abs(value)).toBeLessThan(1e-11 * scale);
    }
    expectEigen(a, received, 1e-11 * n);
  });
});

test("of one number, of zeros, and of a matrix with a repeated value", async () => {
  expect([...(await largest(Float64Array.of(3), 1, 1)).values]).toEqual([3]);
  expect([...(await largest(new Float64Array(100 * 100), 100, 3)).values]).toEqual([0, 0, 0]);
  const twice = Float64Array.from({ length: 81 * 81 }, (_, i) => (i % 82 === 0 ? 2 : 0));
  for (const value of (await largest(twice, 81, 4)).values) expect(value).toBeCloseTo(2, 12);
});

test("of values that fall off slowly, the sum falls short by little and never goes above", async () => {
  const [n, count] = [300, 20];
  const diagonal = Float64Array.from({ length: n * n }, (_, i) =>
    i % (n + 1) === 0 ? 1 / (1 + i / (n + 1)) : 0,
  );
  const { values } = await largest(diagonal, n, count);
  const sum = (all: Iterable<number>) => [...all].reduce((total, value) => total + value, 0);
  const exact = sum(Array.from({ length: count }, (_, i) => 1 / (1 + i)));
  expect(sum(values)).toBeLessThan(exact + 1e-12);
  expect(sum(values)).toBeGreaterThan(exact * (1 - 1e-3));
});
