// Likeness of latents that are known: the same, turned, mixed, and unrelated.
import { expect, test } from "vitest";
import { likeness } from "#elbo/metrics/latent-stability.js";
import { Random, streams } from "#elbo/runtime/random.js";

const rows = 4000;
const normals = (step: number) => new Random(1).normal(streams.synthetic, step, rows);
const together = (...columns: ArrayLike<number>[]) => ({
  latent: columns.length,
  means: Array.from({ length: rows }, (_, i) => columns.map((column) => column[i]!)).flat(),
});
const [a, b, c] = [normals(0), normals(1), normals(2)];

test("latents in another order, sign and scale are the same", () => {
  const found = likeness(
    together(a, b),
    together(
      b.map((v) => -3 * v + 1),
      a,
    ),
  )!;
  expect(found.axes).toBeCloseTo(1, 6);
  expect(found.subspace).toBeCloseTo(1, 6);
});

test("turned by 45 degrees the space is the same, the axes correlate by √½", () => {
  const turned = together(
    a.map((v, i) => v + b[i]!),
    a.map((v, i) => v - b[i]!),
  );
  const found = likeness(together(a, b), turned)!;
  expect(found.subspace).toBeCloseTo(1, 6);
  // Within five standard errors of a correlation of so many rows.
  expect(Math.abs(found.axes - Math.SQRT1_2)).toBeLessThan((5 * 0.5) / Math.sqrt(rows));
});

test("one of two found again is half of it; what is unrelated is nothing", () => {
  const half = likeness(together(a, b), together(a, c))!;
  expect(Math.abs(half.subspace - 0.5)).toBeLessThan(0.01);
  const none = likeness(together(a), together(c))!;
  expect(none.subspace).toBeLessThan(25 / rows);
  expect(none.axes).toBeLessThan(5 / Math.sqrt(rows));
  // A latent without a match counts as 0.
  expect(likeness(together(a, b), together(a))!.axes).toBeCloseTo(0.5, 6);
  expect(likeness({ means: [], latent: 0 }, together(a))).toBeNull();
});
