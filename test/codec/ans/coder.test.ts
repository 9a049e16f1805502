// The entropy coder: what is pushed is popped, whatever networks emit; it takes -log2 p; damage is told.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Coder } from "#elbo/codec/ans/coder.js";
import {
  countFamilies,
  type Distribution,
  densities,
  type Grid,
} from "#elbo/codec/ans/distribution.js";

const coder = new Coder();

function roundTrip(by: Distribution, symbols: Float64Array, present: Uint8Array | null = null) {
  coder.begin(8 * symbols.length);
  coder.push(by, symbols, present);
  const bytes = coder.finish();
  coder.reopen(bytes, 8 * symbols.length);
  const popped = coder.pop(by, symbols.length, present);
  return { bytes, popped, spent: coder.isSpent };
}

const N = 20;
/** Whatever a network may emit, also what it never should. */
const emitted = (size = 1) =>
  fc
    .array(
      fc.oneof(
        fc.float({ min: -8, max: 8, noNaN: true }),
        fc.float({ noNaN: true, noDefaultInfinity: true }),
      ),
      { minLength: N * size, maxLength: N * size },
    )
    .map((values) => Float32Array.from(values));
const symbolsBelow = (count: number) =>
  fc
    .array(fc.maxSafeInteger(), { minLength: N, maxLength: N })
    .map((values) => Float64Array.from(values, (v) => Math.abs(v) % count));
const presence = fc.option(
  fc.array(fc.boolean(), { minLength: N, maxLength: N }).map((all) => Uint8Array.from(all, Number)),
);

function holds(distributions: fc.Arbitrary<Distribution>, symbols: fc.Arbitrary<Float64Array>) {
  fc.assert(
    fc.property(distributions, symbols, presence, (by, values, present) => {
      const { popped, spent } = roundTrip(by, values, present);
      const wanted = values.map((value, i) => (present && present[i] === 0 ? 0 : value));
      expect(popped).toEqual(wanted);
      expect(spent).toBe(true);
    }),
    { numRuns: 60 },
  );
}

describe("what is pushed is popped", () => {
  test("bits", () => {
    const by = emitted().map(
      (logits): Distribution => ({ family: "bernoulli", parameters: [logits] }),
    );
    holds(by, symbolsBelow(2));
  });

  test.each(["categorical", "ordinal"] as const)("%s of 7 levels", (family) => {
    const by =
      family === "categorical"
        ? emitted(7).map((logits): Distribution => ({ family, levels: 7, parameters: [logits] }))
        : fc
            .tuple(emitted(), emitted(6))
            .map((parameters): Distribution => ({ family, levels: 7, parameters }));
    holds(by, symbolsBelow(7));
  });

  test.each(["discretized-logistic", "beta-binomial"] as const)("bytes by a %s", (family) => {
    const by = fc
      .tuple(emitted(), emitted())
      .map((parameters): Distribution => ({ family, levels: 256, parameters }));
    holds(by, symbolsBelow(256));
  });

  test("bytes by a mixture of discretised logistics", () => {
    const by = fc.tuple(emitted(3), emitted(3), emitted(3)).map(
      (parameters): Distribution => ({
        ...{ family: "discretized-logistic-mixture", levels: 256, components: 3 },
        parameters,
      }),
    );
    holds(by, symbolsBelow(256));
  });

  test.each(countFamilies)("counts by a %s", (family) => {
    const by = fc
      .tuple(emitted(), emitted(), emitted())
      .map((parameters): Distribution => ({ family, parameters }));
    for (const largest of [5, 5000, 2 ** 53]) holds(by, symbolsBelow(largest));
  });

  test.each(densities)("numbers on a grid by a %s", (family) => {
    const components = family === "gaussian-mixture" ? 5 : 1;
    for (const count of [1, 2, 1000, 70_000, 2 ** 40, 2 ** 53]) {
      const all = (value: number) => new Float64Array(N).fill(value);
      const grid: Grid = { lows: all(-3), steps: all(6 / count), counts: all(count) };
      const by = fc.tuple(emitted(components), emitted(components), emitted(components)).map(
        (parameters): Distribution => ({
          family,
          components,
          parameters,
          grid,
          shifts: Float64Array.of(0.5, 0),
          scales: Float64Array.of(2, 1),
        }),
      );
      holds(by, symbolsBelow(count));
    }
  });

  // Here a gamma's distribution function falls by rounding, between numbers that share 3e-10 of all.
  test("numbers where next to nothing is left to share", () => {
    const n = 400;
    const count = 2 ** 40;
    const all = (value: number) => new Float64Array(n).fill(value);
    const by: Distribution = {
      family: "gamma",
      components: 1,
      parameters: [
        new Float32Array(n),
        new Float32Array(n).fill(-7.999991416931152),
        new Float32Array(n),
      ],
      grid: { lows: all(-3), steps: all(6 / count), counts: all(count) },
      shifts: Float64Array.of(0.5, 0),
      scales: Float64Array.of(2, 1),
    };
    const symbols = Float64Array.from({ length: n }, (_, i) => 759_371_100_956 + 101 * (i - n / 2));
    const { popped, spent } = roundTrip(by, symbols);
    expect(popped).toEqual(symbols);
    expect(spent).toBe(true);
  });
});

/** A small generator for what only has to look random. */
function numbers(seed: number) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const logFactorial = (n: number) => {
  let sum = 0;
  for (let i = 2; i <= n; i++) sum += Math.log(i);
  return sum;
};

/** −log2 p of each family at simple parameters. */
const masses: [string, Distribution, number, (k: number) => number][] = [
  [
    "a Bernoulli of 0.2",
    { family: "bernoulli", parameters: [new Float32Array(4000).fill(Math.log(0.25))] },
    2,
    (k) => (k === 1 ? 0.2 : 0.8),
  ],
  [
    "a Poisson of 3",
    { family: "poisson", parameters: [new Float32Array(4000).fill(Math.log(3))] },
    12,
    (k) => Math.exp(k * Math.log(3) - 3 - logFactorial(k)),
  ],
  [
    "a geometric of mean 1, the negative binomial of r = 1",
    {
      family: "negative-binomial",
      parameters: [new Float32Array(4000), new Float32Array(4000)],
    },
    12,
    (k) => 0.5 ** (k + 1),
  ],
  [
    "an even beta-binomial",
    {
      family: "beta-binomial",
      levels: 256,
      parameters: [new Float32Array(4000), new Float32Array(4000)],
    },
    256,
    () => 1 / 256,
  ],
];

test.each(masses)("%s takes −log2 p", (_, by, levels, mass) => {
  const random = numbers(7);
  const symbols = Float64Array.from({ length: 4000 }, () => Math.floor(random() * levels));
  const { bytes, popped } = roundTrip(by, symbols);
  expect(popped).toEqual(symbols);
  const wanted = symbols.reduce((bits, k) => bits - Math.log2(mass(k)), 0);
  // The state is 64 bits, the last word of 32 may be nearly empty, and each of n symbols of a value
  // gives 2 of 2^30 away.
  expect(8 * bytes.length).toBeLessThan(1.0005 * wanted + 64 + 32);
  expect(8 * bytes.length).toBeGreaterThan(0.9995 * wanted);
});

test("a Gaussian's grid takes the density times its step", () => {
  const count = 100_000;
  const n = 2000;
  const all = (value: number) => new Float64Array(n).fill(value);
  const step = 10 / count;
  const random = numbers(3);
  const symbols = Float64Array.from({ length: n }, () =>
    Math.floor((0.3 + 0.4 * random()) * count),
  );
  const by: Distribution = {
    family: "gaussian",
    components: 1,
    parameters: [new Float32Array(n).fill(0.25), new Float32Array(n).fill(-0.5)],
    grid: { lows: all(-5), steps: all(step), counts: all(count) },
    shifts: Float64Array.of(0),
    scales: Float64Array.of(1),
  };
  const { bytes, popped } = roundTrip(by, symbols);
  expect(popped).toEqual(symbols);
  const sigma = Math.exp(-0.5);
  const wanted = symbols.reduce((bits, k) => {
    const z = (-5 + k * step - 0.25) / sigma;
    const density = Math.exp(-0.5 * z * z) / (sigma * Math.sqrt(2 * Math.PI));
    return bits - Math.log2(density * step);
  }, 0);
  expect((8 * bytes.length) / wanted).toBeCloseTo(1, 2);
});

test("a hurdle's zeros take their probability, and amounts the density times its step", () => {
  const n = 4000;
  const [location, logScale, zero] = [7, -0.5, 1.25];
  const random = numbers(5);
  const amounts = (k: number) => Math.round(Math.exp(location + 0.4 * (k - 0.5)));
  const symbols = Float64Array.from({ length: n }, () => {
    return random() < 0.7 ? 0 : amounts(random());
  });
  const all = (value: number) => new Float64Array(n).fill(value);
  const fixed = (value: number) => new Float32Array(n).fill(value);
  const by: Distribution = {
    ...{ family: "hurdle-log-normal", components: 1 },
    parameters: [fixed(location), fixed(logScale), fixed(zero)],
    grid: { lows: all(0), steps: all(1), counts: all(100_000) },
    shifts: Float64Array.of(0),
    scales: Float64Array.of(1),
  };
  const { bytes, popped } = roundTrip(by, symbols);
  expect(popped).toEqual(symbols);
  const share = 1 / (1 + Math.exp(-zero));
  const sigma = Math.exp(logScale);
  const wanted = symbols.reduce((bits, x) => {
    if (x === 0) return bits - Math.log2(share);
    const z = (Math.log(x) - location) / sigma;
    const density = Math.exp(-0.5 * z * z) / (x * sigma * Math.sqrt(2 * Math.PI));
    return bits - Math.log2((1 - share) * density);
  }, 0);
  // As above; the density's slope over a step of 1 in 1000 is nothing.
  expect(8 * bytes.length).toBeLessThan(1.001 * wanted + 64 + 32);
  expect(8 * bytes.length).toBeGreaterThan(0.999 * wanted);
});

describe("latents", () => {
  const n = 3000;
  const random = numbers(11);
  const gaussians = (spread: number) => ({
    mean: Float32Array.from({ length: n }, () => 4 * random() - 2),
    deviation: Float32Array.from({ length: n }, () => Math.exp(-spread * random())),
  });

  test("draws come from the posterior, pay for themselves, and return the stack", () => {
    const posterior = gaussians(4);
    const prior = {
      mean: posterior.mean.map((m) => m + random() - 0.5),
      deviation: new Float32Array(n).fill(1.5),
    };
    coder.begin(20 * n);
    const flat = coder.popPosterior(posterior, null, 1);
    const inner = coder.popPosterior(posterior, prior, 2);
    coder.pushPrior(inner.places);
    coder.pushPrior(flat.places);
    const bytes = coder.finish();
    for (const { values } of [flat, inner]) {
      const z = values.map((v, i) => (v - posterior.mean[i]!) / posterior.deviation[i]!);
      const mean = z.reduce((sum, x) => sum + x, 0) / n;
      const square = z.reduce((sum, x) => sum + x * x, 0) / n;
      // Five standard errors: 1/√n of the mean, √(2/n) of the mean square.
      expect(Math.abs(mean)).toBeLessThan(5 / Math.sqrt(n));
      expect(Math.abs(square - 1)).toBeLessThan(5 * Math.sqrt(2 / n));
    }
    coder.reopen(bytes, 20 * n);
    const again = coder.popPrior(n, null);
    const innerAgain = coder.popPrior(n, prior);
    expect(again).toEqual(flat);
    expect(innerAgain).toEqual(inner);
    coder.pushPosterior(posterior, prior, 2, innerAgain.places);
    coder.pushPosterior(posterior, null, 1, again.places);
    expect(coder.isSpent).toBe(true);
  });

  test("posteriors that are certain, or lie where no prior reaches, come back", () => {
    const mean = Float32Array.from({ length: n }, (_, i) => ((i % 9) - 4) * 4);
    const posterior = { mean, deviation: new Float32Array(n).fill(1e-9) };
    coder.begin(20 * n);
    const { places } = coder.popPosterior(posterior, null, 3);
    coder.pushPrior(places);
    coder.reopen(coder.finish(), 20 * n);
    const again = coder.popPrior(n, null);
    expect(again.places).toEqual(places);
    coder.pushPosterior(posterior, null, 3, again.places);
    expect(coder.isSpent).toBe(true);
  });

  test("a latent's cost is log2 of q over p", () => {
    // Of N(1, 0.1²) under N(0, 1) the divergence is known; the draws' mean cost is it.
    const [m, s] = [1, 0.1];
    const posterior = { mean: new Float32Array(n).fill(m), deviation: new Float32Array(n).fill(s) };
    coder.begin(20 * n);
    // Something to draw from, which comes back below.
    const filler = Float64Array.from({ length: 2 * n }, () => Math.floor(random() * 256));
    const even: Distribution = {
      family: "beta-binomial",
      levels: 256,
      parameters: [new Float32Array(2 * n), new Float32Array(2 * n)],
    };
    coder.push(even, filler, null);
    const before = coder.finish().length;
    const { places } = coder.popPosterior(posterior, null, 1);
    coder.pushPrior(places);
    const nats = ((coder.finish().length - before) * 8 * Math.LN2) / n;
    const divergence = 0.5 * (s * s + m * m - 1) - Math.log(s);
    // One draw's log ratio has a deviation of √(½(1 − s²)² + s²m²) < 0.75; words are 4 bytes.
    expect(Math.abs(nats - divergence)).toBeLessThan((5 * 0.75) / Math.sqrt(n) + 0.01);
  });

  test("codes without a spread are the nearest there are", () => {
    const exact = Float32Array.from({ length: n }, () => 6 * random() - 3);
    const { places, values } = coder.nearest(exact, null);
    values.forEach((v, i) => {
      // Intervals are below 0.001 wide within three deviations.
      expect(Math.abs(v - exact[i]!)).toBeLessThan(0.001);
    });
    coder.begin(n);
    coder.pushPrior(places);
    coder.reopen(coder.finish(), n);
    expect(coder.popPrior(n, null).values).toEqual(values);
  });
});

test("what is no stack is refused, and what was changed is told", () => {
  expect(() => coder.reopen(new Uint8Array(7), 10)).toThrow(/damaged/);
  expect(() => coder.reopen(new Uint8Array(12), 10)).toThrow(/damaged/);
  const by: Distribution = { family: "bernoulli", parameters: [new Float32Array(500)] };
  const symbols = Float64Array.from({ length: 500 }, (_, i) => i % 2);
  coder.begin(1000);
  coder.push(by, symbols, null);
  const bytes = coder.finish();
  bytes[20]! ^= 4;
  coder.reopen(bytes, 1000);
  const popped = coder.pop(by, 500, null);
  expect(popped.every((k, i) => k === symbols[i]) && coder.isSpent).toBe(false);
});
