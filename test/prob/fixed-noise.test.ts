// Draws in the graph from given noise are those on the host from the same numbers, which are held
// against the families' own probabilities elsewhere.
import { describe, expect, test } from "vitest";
import { BATCH, input } from "#elbo/graph/index.js";
import type { FixedNoise, NoiseCount } from "#elbo/prob/fixed-noise.js";
import { Random, streams } from "#elbo/runtime/random.js";
import type { Draws } from "#elbo/runtime/sequence.js";
import { evaluate, type Feeds } from "../oracle/index.ts";
import { families, inputsOf } from "./families.ts";

const ROWS = 400;
const random = new Random(11);
const normals = (stream: number, count: number) => random.normal(streams.synthetic, stream, count);

function noiseOf({ normal, uniform }: NoiseCount, shape: (n: number) => number[]) {
  const noise: FixedNoise = {
    normal: normal > 0 ? input("normal", shape(normal)) : null,
    uniform: uniform > 0 ? input("uniform", shape(uniform)) : null,
  };
  const values = {
    normal: normals(1, ROWS * normal),
    uniform: random.uniform(streams.synthetic, 2, ROWS * uniform),
  };
  const sized = (n: number) => shape(n).map((d) => (d < 0 ? ROWS : d));
  const feeds: Feeds = {
    normal: { shape: sized(normal), data: values.normal },
    uniform: { shape: sized(uniform), data: values.uniform },
  };
  /** The same numbers of a row, in order. */
  const drawsAt = (row: number): Draws => {
    let [n, u] = [row * normal, row * uniform];
    return { normal: () => values.normal[n++]!, uniform: () => values.uniform[u++]! };
  };
  return { noise, feeds, drawsAt };
}

function expectClose(a: ArrayLike<number>, b: ArrayLike<number>): void {
  expect(a.length).toBe(b.length);
  for (let i = 0; i < b.length; i++) {
    const error = Math.abs(a[i]! - b[i]!);
    expect(error <= 1e-5 * (1 + Math.abs(b[i]!)), `${i}: ${a[i]} and ${b[i]}`).toBe(true);
  }
}

const fixed = families.filter(({ family }) => family.fixedDraw);

test("every family but those that reject draws from fixed noise", () => {
  const others = families.filter(({ family }) => !family.fixedDraw);
  expect(others.map(({ family }) => family.name)).toEqual([
    ...["student-t", "gamma", "poisson", "negative-binomial"],
    ...["zero-inflated-negative-binomial", "beta-binomial"],
  ]);
});

describe.each(fixed.map(({ family }) => [family.name, family] as const))("%s", (_, family) => {
  test("draws as on the host", () => {
    const { parameters } = inputsOf(family);
    const { noise, draw } = family.fixedDraw!;
    const given = noiseOf(noise, () => [BATCH]);
    const raw = family.parameters.map(({ size }, p) => normals(10 + p, ROWS * size));
    const feeds = Object.fromEntries(
      family.parameters.map(({ name, size }, p) => [
        name,
        { shape: size > 1 ? [ROWS, size] : [ROWS], data: raw[p]! },
      ]),
    );
    const [drawn] = evaluate([draw(parameters, given.noise)], { ...feeds, ...given.feeds }, ROWS);
    const host = new Float32Array(ROWS);
    for (let row = 0; row < ROWS; row++) {
      const own = family.parameters.map(({ size }, p) =>
        raw[p]!.subarray(row * size, (row + 1) * size),
      );
      family.sample(own, host.subarray(row, row + 1), given.drawsAt(row));
    }
    expectClose(drawn!.data, host);
    expect(new Set(host).size).toBeGreaterThan(1);
  });
});
