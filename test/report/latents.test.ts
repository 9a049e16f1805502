// The axes of the latent map, and which latents count as used.
import { expect, test } from "vitest";
import { activeLatents, mapAxes } from "#elbo/report/latents.js";
import { Random, streams } from "#elbo/runtime/random.js";

const rows = 500;
const random = new Random(6);
const [a, b] = [0, 1].map((stream) => random.normal(streams.synthetic, stream, rows)) as [
  Float32Array,
  Float32Array,
];

/** Posterior means `(rows, latent)` of functions of the two hidden numbers. */
const meansOf = (...latents: ((a: number, b: number) => number)[]) =>
  Float32Array.from({ length: rows * latents.length }, (_, k) => {
    const i = Math.floor(k / latents.length);
    return latents[k % latents.length]!(a[i]!, b[i]!);
  });

function correlation(x: ArrayLike<number>, y: ArrayLike<number>): number {
  const mean = (of: ArrayLike<number>) => Array.from(of).reduce((s, v) => s + v, 0) / of.length;
  const [mx, my] = [mean(x), mean(y)];
  let [xy, xx, yy] = [0, 0, 0];
  for (let i = 0; i < x.length; i++) {
    const [dx, dy] = [x[i]! - mx, y[i]! - my];
    [xy, xx, yy] = [xy + dx * dy, xx + dx * dx, yy + dy * dy];
  }
  return xy / Math.sqrt(xx * yy);
}

test("two latents that hold most of the KL are the axes, by their names", () => {
  const means = meansOf(
    (_, y) => 0.001 * y,
    (x) => x,
    (_, y) => y,
  );
  const [x, y] = mapAxes(means, 3, [0.01, 2, 1.5]);
  expect([x.label, y.label]).toEqual(["z1 (2.00 nats)", "z2 (1.50 nats)"]);
  expect(x.values).toEqual(Float64Array.from(a));
  expect(activeLatents(means, 3, [0.01, 2, 1.5])).toEqual([1, 2]);
  expect(activeLatents(means, 3, null).toSorted()).toEqual([1, 2]);
});

test("otherwise they are the two directions in which rows differ most", () => {
  // Three latents that are turned from (3a, b): the first direction is a's, the second b's.
  const [c, s] = [Math.cos(0.7), Math.sin(0.7)];
  const means = meansOf(
    (x, y) => c * 3 * x - s * y,
    (x, y) => (s * 3 * x + c * y) / Math.SQRT2,
    (x, y) => (s * 3 * x + c * y) / Math.SQRT2,
  );
  const [x, y] = mapAxes(means, 3, [1, 1, 1]);
  expect(x.label).toMatch(/^component 1 of all latents \((8[89]|9[0-2])% of their variance\)$/);
  // a and b correlate by about 1/√500 in the sample, which turns the directions a little.
  expect(Math.abs(correlation(x.values, a))).toBeGreaterThan(0.99);
  expect(Math.abs(correlation(y.values, b))).toBeGreaterThan(0.98);
  expect(Math.abs(correlation(x.values, y.values))).toBeLessThan(1e-6);
});

test("one latent is spread out, and its second axis says that it has no meaning", () => {
  const [x, y] = mapAxes(
    meansOf((v) => v),
    1,
    [1],
  );
  expect(x.label).toBe("z0 (1.00 nats)");
  expect(y.label).toContain("no meaning");
  expect(new Set(y.values).size).toBe(rows);
});
