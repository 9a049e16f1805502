// Images whose pixels are corrected by those before them: they come back whatever networks and weights are, every
// value can be coded, and what the model says alone is what other code says.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Coder } from "#elbo/codec/ans/coder.js";
import type { Distribution, ImageShape } from "#elbo/codec/ans/distribution.js";
import { fitWarp, mixed, natsBy } from "#elbo/codec/warp/fit.js";
import { tensorShapes, tensorsOf, warpBytes, warpOf } from "#elbo/codec/warp/weights.js";
import { Random } from "#elbo/runtime/random.js";

const coder = new Coder();
const random = new Random(7);

function coded(by: Distribution, symbols: Float64Array) {
  coder.begin(symbols.length);
  coder.push(by, symbols, null);
  const bytes = coder.finish();
  coder.reopen(bytes, symbols.length);
  return { bytes, popped: coder.pop(by, symbols.length, null), spent: coder.isSpent };
}

const valuesIn = ({ channels, height, width }: ImageShape) => channels * height * width;
const weightsOf = (shape: ImageShape) =>
  Object.values(tensorShapes(shape)).reduce((sum, [rows, columns]) => sum + rows * columns, 0);

/** Whatever a network may emit, also what it never should. */
const anyFloats = (length: number) =>
  fc
    .array(
      fc.oneof(
        fc.float({ min: -6, max: 6, noNaN: true }),
        fc.float({ noNaN: true, noDefaultInfinity: true }),
      ),
      { minLength: 1, maxLength: 40 },
    )
    .map((some) => Float32Array.from({ length }, (_, i) => some[i % some.length]!));

/** Weights of any bits, as damaged archives may have them. */
const anyWarp = (shape: ImageShape) =>
  fc
    .array(fc.oneof(fc.float({ min: -2, max: 2 }), fc.float()), { minLength: 1, maxLength: 60 })
    .map((some) => {
      const empty = warpOf(new Uint8Array(16 + weightsOf(shape)), shape);
      return { shape, weights: empty.weights.map((_, i) => some[i % some.length]!) };
    });

const families = [
  { family: "bernoulli", levels: 2, sizes: [1] },
  { family: "beta-binomial", levels: 256, sizes: [1, 1] },
  { family: "categorical", levels: 256, sizes: [256] },
  { family: "discretized-logistic", levels: 256, sizes: [1, 1] },
  { family: "discretized-logistic-mixture", levels: 256, components: 3, sizes: [3, 3, 3] },
  { family: "gaussian", levels: 256, sizes: [1, 1] },
] as const;

/** Without grids: images need none. */
const distribution = (given: (typeof families)[number], parameters: Float32Array[]) =>
  ({ ...given, parameters }) as unknown as Distribution;

const anyShape = fc.record({
  channels: fc.integer({ min: 1, max: 4 }),
  height: fc.integer({ min: 1, max: 5 }),
  width: fc.integer({ min: 1, max: 5 }),
});

test.each(families)("images by a $family come back", (given) => {
  const images = anyShape.chain((shape) => {
    const n = 2 * valuesIn(shape);
    return fc.record({
      parameters: fc.tuple(...given.sizes.map((size) => anyFloats(n * size))),
      symbols: fc
        .array(fc.nat(given.levels - 1), { minLength: n, maxLength: n })
        .map((values) => Float64Array.from(values)),
      warp: anyWarp(shape),
    });
  });
  fc.assert(
    fc.property(images, ({ parameters, symbols, warp }) => {
      const { popped, spent } = coded({ ...distribution(given, parameters), warp }, symbols);
      expect(popped).toEqual(symbols);
      expect(spent).toBe(true);
    }),
    { numRuns: 40 },
  );
});

/** Every level once, side by side, each expected to be the same. */
const every: ImageShape = { channels: 1, height: 16, width: 16 };
const levels = Float64Array.from({ length: 256 }, (_, i) => i);

test("every value can be coded and takes 30 bits at most, whatever the correction is", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...families.filter(({ levels }) => levels === 256)),
      fc.array(fc.float({ min: -40, max: 40, noNaN: true }), { minLength: 3, maxLength: 3 }),
      anyWarp(every),
      (given, at, warp) => {
        const parameters = given.sizes.map((size, p) => new Float32Array(256 * size).fill(at[p]!));
        const { bytes, popped } = coded({ ...distribution(given, parameters), warp }, levels);
        expect(popped).toEqual(levels);
        expect(bytes.length).toBeLessThanOrEqual(8 + 4 * Math.ceil((256 * 30) / 32) + 4);
      },
    ),
    { numRuns: 150 },
  );
});

describe("what is known of pixels", () => {
  const shape = { channels: 1, height: 9, width: 8 };
  const n = 3 * valuesIn(shape);
  const alphas = random.normal(1, 0, n);
  const betas = random.normal(2, 0, n);
  const by: Distribution = { family: "beta-binomial", levels: 256, parameters: [alphas, betas] };
  const symbols = Float64Array.from(random.uniform(3, 0, n), (u) => Math.floor(256 * u));

  /** By the ratios of neighbouring probabilities, from 0 on, in logarithms. */
  function betaBinomial(a: number, b: number): Float64Array {
    const logs = new Float64Array(256);
    for (let k = 0; k < 255; k++) {
      logs[k + 1] = logs[k]! + Math.log(((255 - k) * (k + a)) / ((k + 1) * (254 - k + b)));
    }
    const weights = logs.map((log) => Math.exp(log - Math.max(...logs)));
    const sum = weights.reduce((total, weight) => total + weight, 0);
    return weights.map((weight) => weight / sum);
  }
  const sumOf = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0);

  test("limits, costs and moments are those of the beta-binomial", () => {
    const { features, limits, costs } = coder.contextsOf(by, shape, symbols);
    const size = features.length / n;
    expect(size).toBe(tensorShapes(shape).hidden[0]);
    for (let i = 0; i < n; i++) {
      const [a, b] = [Math.exp(alphas[i]!), Math.exp(betas[i]!)];
      const p = betaBinomial(a, b);
      const k = symbols[i]!;
      const [below, here] = [sumOf(p.subarray(0, k)), sumOf(p.subarray(0, k + 1))];
      if (k > 0) expect(limits[2 * i]).toBeCloseTo(Math.log(below / (1 - below)), 4);
      if (k < 255) expect(limits[2 * i + 1]).toBeCloseTo(Math.log(here / (1 - here)), 4);
      expect(costs[i]).toBeCloseTo(-Math.log(p[k]! + 1e-9), 4);
      const mean = p.reduce((sum, each, x) => sum + (each * x) / 255, 0);
      const square = p.reduce((sum, each, x) => sum + each * (x / 255) ** 2, 0);
      expect(features[i * size]).toBeCloseTo(mean, 5);
      expect(features[i * size + 2]).toBeCloseTo(
        Math.log(Math.sqrt(square - mean * mean) + 1e-4),
        4,
      );
    }
  });

  test("features are of the pixels to the left and above, and of no others", () => {
    const { features } = coder.contextsOf(by, shape, symbols);
    const size = features.length / n;
    const { height, width } = shape;
    const around = [
      ...[[0, -1] as const, [-1, 0] as const, [-1, -1] as const],
      ...[[-1, 1] as const, [0, -2] as const, [-2, 0] as const],
    ];
    for (let i = 0; i < n; i++) {
      const [y, x] = [Math.floor(i / width) % height, i % width];
      for (const [j, [dy, dx]] of around.entries()) {
        const inside = y + dy >= 0 && x + dx >= 0 && x + dx < width;
        const wanted = inside ? symbols[i + dy * width + dx]! / 255 : 0;
        expect(features[i * size + 8 + 2 * j]).toBeCloseTo(wanted, 6);
      }
    }
  });

  test("a correction that corrects nothing takes what is taken without one", () => {
    const none = warpOf(new Uint8Array(16 + weightsOf(shape)), shape);
    const plain = coded(by, symbols).bytes.length;
    const through = coded({ ...by, warp: none }, symbols);
    expect(through.popped).toEqual(symbols);
    // A word of 4 bytes more or less; the ends of logits change some 1e-15 of a probability.
    expect(Math.abs(through.bytes.length - plain)).toBeLessThanOrEqual(4);
  });

  test("pixels take the nats that the graph says", () => {
    const contexts = coder.contextsOf(by, shape, symbols);
    const nats = contexts.costs.reduce((sum, cost) => sum + cost, 0);
    const pixels = { ...contexts, counts: new Float32Array(n).fill(1), nats };
    const bytes = warpBytes(fitWarp(mixed(pixels), shape), 2);
    const warp = warpOf(bytes, shape);
    const { bytes: stack, popped } = coded({ ...by, warp }, symbols);
    expect(popped).toEqual(symbols);
    const told = natsBy(bytes, mixed(pixels), shape);
    expect(told).toBeLessThan(nats);
    // The state and half a word; frequencies of 2 in 2^30 for each level take 256 · 2 / 2^30 of probabilities.
    expect(Math.abs(8 * (stack.length - 8) - told / Math.LN2)).toBeLessThan(64);
  });
});

test("weights come back within half a step", () => {
  const shape = { channels: 3, height: 2, width: 2 };
  const shapes = Object.entries(tensorShapes(shape));
  const tensors = Object.fromEntries(
    shapes.map(([name, [rows, columns]], i) => [name, random.normal(20 + i, 0, rows * columns)]),
  ) as ReturnType<typeof tensorsOf>;
  for (const each of [1, 2] as const) {
    const again = tensorsOf(warpBytes(tensors, each), shape);
    for (const [name, values] of Object.entries(tensors)) {
      const largest = values.reduce((top, value) => Math.max(top, Math.abs(value)), 0);
      const half = largest / (2 ** (8 * each - 1) - 1) / 2;
      const found = again[name as keyof typeof again];
      values.forEach((value, i) => {
        expect(Math.abs(found[i]! - value)).toBeLessThanOrEqual(1.0001 * half);
      });
    }
  }
  expect(() => tensorsOf(new Uint8Array(100), shape)).toThrow(/damaged/);
});
