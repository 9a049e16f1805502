// Priors of latents: densities against SciPy, draws by statistics, gradients by central differences,
// and KL of posteriors from them.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BATCH, concat, gradients, input, type Tensor } from "#elbo/graph/index.js";
import { Parameters } from "#elbo/nn/parameters.js";
import {
  diagonalGaussian,
  fullGaussian,
  type Posterior,
  vonMisesFisher,
} from "#elbo/prob/posteriors/index.js";
import {
  checkPrior,
  gaussianMixture,
  kl,
  type Prior,
  priorTensors,
  productPrior,
  standardNormal,
  uniformSphere,
  vampPrior,
} from "#elbo/prob/priors/index.js";
import { Random, streams } from "#elbo/runtime/random.js";
import { checkGradient, lossOf } from "../graph/differences.ts";
import { forExamples } from "../graph/draw.ts";
import { type Numbers, readFixture } from "../graph/pytorch.ts";
import { elboError } from "../helpers/errors.ts";
import { vonMisesFisher as bessel } from "../oracle/bessel.ts";
import { worst } from "../oracle/fixture.ts";
import { noiseFeeds, noiseOf, parameterFeeds, parametersOf } from "./latents.ts";
import { run } from "./run.ts";

interface PriorFixture {
  z: Numbers;
  parameters: Record<string, Numbers>;
  logProb: Numbers;
}

/** By SciPy: see the file's provenance. */
const { priors: fixture } = readFixture<{ priors: Record<string, PriorFixture> }>("latents");

const priorsOf = (latent: number, components: number): { name: string; prior: Prior }[] => [
  { name: "standard-normal", prior: standardNormal(latent) },
  { name: "uniform-sphere", prior: uniformSphere(latent) },
  { name: "gaussian-mixture", prior: gaussianMixture(latent, components) },
  ...[diagonalGaussian(latent), fullGaussian(latent), vonMisesFisher(latent)].map((family) => ({
    name: `vamp of ${family.name}`,
    prior: vampPrior(family, components),
  })),
];

const tensorsOf = ({ parameters }: Prior) =>
  parameters.map(({ name, shape }) => input(name, shape));

describe.each(["cpu", "wasm"] as const)("on %s: log p(z) is SciPy's", (device) => {
  test.each(priorsOf(4, 5))("$name", async ({ name, prior }) => {
    const expected = fixture[name]!;
    const z = input("z", [BATCH, 4]);
    const outputs = [prior.logProb(z, tensorsOf(prior))];
    const [received] = await run(outputs, { z: expected.z, ...expected.parameters }, device);
    expect(worst(received!, expected.logProb.data).largest).toBeLessThan(1e-5);
  });
});

test("of a product log p(z) is the sum of its parts', each of its own latents and parameters", async () => {
  const [normal, mixture] = [standardNormal(2), gaussianMixture(4, 5)];
  const vamp = vampPrior(diagonalGaussian(4), 5);
  const product = productPrior([normal, mixture, vamp]);
  expect([product.latent, product.parameters.length]).toEqual([10, 5]);
  const expected = fixture["gaussian-mixture"]!;
  const vamped = fixture["vamp of diagonal-gaussian"]!;
  const z = input("z", [BATCH, 4]);
  const first = z.slice(1, 1, 3);
  const all = concat([first, z, z], 1);
  const named = (prior: Prior, prefix: string) =>
    prior.parameters.map(({ name, shape }) => input(`${prefix}${name}`, shape));
  const given = [...named(mixture, ""), ...named(vamp, "u.")];
  const outputs = [product.logProb(all, given), normal.logProb(first, [])];
  const pseudo = Object.entries(vamped.parameters).map(([name, value]) => [`u.${name}`, value]);
  expect(vamped.z).toEqual(expected.z);
  const feeds = { z: expected.z, ...expected.parameters, ...Object.fromEntries(pseudo) };
  const [received, alone] = await run(outputs, feeds);
  const sums = alone!.map((v, i) => v + expected.logProb.data[i]! + vamped.logProb.data[i]!);
  expect(worst(received!, [...sums]).largest).toBeLessThan(1e-5);
});

describe("gradients are central differences", () => {
  const beside = { name: "product", of: [standardNormal(1), gaussianMixture(2, 2)] };
  test.each([...priorsOf(3, 2), { name: beside.name, prior: productPrior(beside.of) }])(
    "$name",
    async ({ prior }) => {
      await forExamples(
        (draw) => {
          const z = draw.real([BATCH, 3], { low: -0.5, scale: 0.2 });
          return prior.logProb(
            z,
            prior.parameters.map(({ shape }) => draw.real(shape)),
          );
        },
        20,
        (y, draw) => checkGradient(lossOf(y, draw), draw),
      );
    },
  );
});

const DRAWS = 20_000;

async function sampled(prior: Prior, values: readonly Float32Array[]): Promise<Float64Array> {
  const random = new Random(3);
  const { noise, draw } = prior.fixedDraw;
  const sized = (n: number) => (n > 0 ? [BATCH, n] : null);
  const [normal, uniform] = [sized(noise.normal), sized(noise.uniform)];
  const z = draw(tensorsOf(prior), {
    normal: normal && input("normal", normal),
    uniform: uniform && input("uniform", uniform),
  });
  const feeds = Object.fromEntries([
    ...prior.parameters.map(({ name, shape }, p) => [name, { shape, data: values[p]! }]),
    ...(["normal", "uniform"] as const).map((sort) => {
      const size = DRAWS * noise[sort];
      return [
        sort,
        {
          shape: [DRAWS, noise[sort]],
          data: random[sort](streams.prior, +(sort === "normal"), size),
        },
      ];
    }),
  ]);
  return (await run([z], feeds))[0]!;
}

const column = (list: Float64Array, latent: number, i: number) =>
  Array.from({ length: list.length / latent }, (_, row) => list[row * latent + i]!);

/** Expects the mean of values whose variance is `variance` within five standard errors. */
function expectMean(values: readonly number[], mean: number, variance: number): void {
  const average = values.reduce((sum, x) => sum + x, 0) / values.length;
  expect(Math.abs(average - mean)).toBeLessThan(5 * Math.sqrt(variance / values.length));
}

describe("draws", () => {
  test("of the standard normal", async () => {
    const list = await sampled(standardNormal(2), []);
    for (const i of [0, 1]) {
      const values = column(list, 2, i);
      expectMean(values, 0, 1);
      const squares = values.map((x) => x * x);
      expectMean(squares, 1, 2);
    }
  });

  test("of the uniform on the sphere in three dimensions: each coordinate is uniform (Archimedes)", async () => {
    const list = await sampled(uniformSphere(3), []);
    for (const i of [0, 1, 2]) {
      const counts = new Array<number>(20).fill(0);
      for (const x of column(list, 3, i)) counts[Math.min(19, Math.floor(10 * (x + 1)))]! += 1;
      const each = DRAWS / 20;
      const statistic = counts.reduce((sum, count) => sum + (count - each) ** 2 / each, 0);
      // Chi-square with 19 degrees of freedom exceeds this with probability 1e-6.
      expect(statistic).toBeLessThan(63.2);
    }
  });

  test("of a mixture of Gaussians: mean and variance of its parts", async () => {
    const [weights, means, variances] = [
      [0.2, 0.7, 0.1],
      [-4, 0, 3],
      [1, 0.25, 4],
    ] as const;
    const values = [weights, means, variances] as const;
    const [logits, mean, logVariance] = [
      values[0].map(Math.log),
      values[1].flatMap((m) => [m, -m]),
      values[2].flatMap((v) => [Math.log(v), Math.log(v)]),
    ].map((each) => Float32Array.from(each));
    const list = await sampled(gaussianMixture(2, 3), [logits!, mean!, logVariance!]);
    const average = weights.reduce((sum, w, k) => sum + w * means[k]!, 0);
    const moment = (power: (m: number, v: number) => number) =>
      weights.reduce((sum, w, k) => sum + w * power(means[k]! - average, variances[k]!), 0);
    const variance = moment((m, v) => m * m + v);
    const fourth = moment((m, v) => m ** 4 + 6 * m * m * v + 3 * v * v);
    for (const [i, sign] of [1, -1].entries()) {
      const first = column(list, 2, i);
      expectMean(first, sign * average, variance);
      const squares = first.map((x) => (x - sign * average) ** 2);
      expectMean(squares, variance, fourth - variance ** 2);
    }
  });

  test("of a product: each part's latents, by noise of its own", async () => {
    const [normal, mixture] = [standardNormal(1), gaussianMixture(1, 2)];
    // Two points, so that the mixture's latent tells which was drawn.
    const values = [
      [0, 0],
      [-2, 2],
      [-20, -20],
    ].map((each) => Float32Array.from(each));
    const list = await sampled(productPrior([mixture, normal, mixture]), [...values, ...values]);
    const [a, b, c] = [0, 1, 2].map((i) => column(list, 3, i)) as [number[], number[], number[]];
    for (const [x, variance] of [
      [a, 4],
      [b, 1],
      [c, 4],
    ] as const) {
      expectMean(x, 0, variance);
    }
    for (const [x, y] of [
      [a, b],
      [b, c],
      [a, c],
    ] as const) {
      expectMean(
        x.map((v, i) => Math.sign(v) * Math.sign(y[i]!)),
        0,
        1,
      );
    }
    expectMean(
      b.map((v) => v * v),
      1,
      2,
    );
  });

  test("of a VampPrior on the sphere: mean of its parts' mean resultants", async () => {
    const family = vonMisesFisher(3);
    const kappas = [2, 20];
    const directions = Float32Array.of(0, 0, 5, 0.1, 0, 0);
    const logs = Float32Array.from(kappas, Math.log);
    const list = await sampled(vampPrior(family, 2), [directions, logs]);
    const [low, high] = kappas.map((kappa) => bessel(kappa, 3).ratio) as [number, number];
    for (const [i, mean] of [high / 2, 0, low / 2].entries())
      expectMean(column(list, 3, i), mean, 1);
  });
});

test("parameters: learned ones are defined, posteriors of pseudo-inputs are given", () => {
  const parameters = new Parameters();
  const [logits, mean] = priorTensors(gaussianMixture(2, 3), parameters, "prior");
  expect(parameters.specs.map(({ name, shape }) => [name, shape])).toEqual([
    ["prior.logits", [3]],
    ["prior.mean", [3, 2]],
    ["prior.logVariance", [3, 2]],
  ]);
  expect([logits!.shape, mean!.shape]).toEqual([[3], [3, 2]]);
  const means = parameters.initialize(new Random(1)).get("prior.mean")!;
  expect(new Set(means).size).toBe(6);
  const given = { mean: input("a", [3, 2]), logVariance: input("b", [3, 2]) };
  const prior = vampPrior(diagonalGaussian(2), 3);
  expect(priorTensors(prior, parameters, "prior", given)).toEqual([given.mean, given.logVariance]);
  expect(parameters.specs.length).toBe(3);
});

describe("KL", () => {
  const latent = 3;
  const draws = (family: Posterior) => {
    const parameters = parametersOf(family);
    return { parameters, drawn: family.draw(parameters, noiseOf(family)) };
  };
  const closed: { family: Posterior; prior: Prior; raw: number[][] }[] = [
    {
      family: diagonalGaussian(latent),
      prior: standardNormal(latent),
      raw: [
        [1, 0, -0.5],
        [0, -1, 0.5],
      ],
    },
    {
      family: fullGaussian(latent),
      prior: standardNormal(latent),
      raw: [
        [1, 0, -0.5],
        [0.2, -0.7, -0.5, 0.4, 0.3, 0.1],
      ],
    },
    {
      family: vonMisesFisher(latent),
      prior: uniformSphere(latent),
      raw: [[1, 2, -1], [Math.log(12)]],
    },
  ];
  test.each(closed)(
    "of $family.name from $prior.name, in closed form, is the mean of log q − log p",
    async ({ family, prior, raw }) => {
      const { parameters, drawn } = draws(family);
      const whole = kl(family, parameters, prior, [], drawn);
      expect(whole.shape).toEqual([BATCH, family.space === "sphere" ? 1 : latent]);
      const estimate = drawn.logProb.sub(prior.logProb(drawn.z, []));
      const feeds = { ...parameterFeeds(family, raw, DRAWS), ...noiseFeeds(family, DRAWS, 12) };
      const [exact, estimates] = await run([whole.sum(1), estimate], feeds);
      const spread = estimates!.reduce((sum, x) => sum + (x - exact![0]!) ** 2, 0) / DRAWS;
      expectMean([...estimates!], exact![0]!, spread);
    },
  );

  test("from a prior that is the posterior itself is zero at every draw", async () => {
    for (const family of [diagonalGaussian(2), fullGaussian(2), vonMisesFisher(2)]) {
      const { parameters, drawn } = draws(family);
      const prior = vampPrior(family, 1);
      const parts = family.parameters.map(({ name, size }) => input(`${name}0`, [1, size]));
      const terms = kl(family, parameters, prior, parts, drawn);
      expect(terms.shape).toEqual([BATCH, 1]);
      const raw = family.parameters.map(({ size }) =>
        Array.from({ length: size }, (_, i) => i / 2),
      );
      const own = Object.entries(parameterFeeds(family, raw, 1)).map(
        ([name, feed]) => [`${name}0`, feed] as const,
      );
      const feeds = {
        ...parameterFeeds(family, raw, 100),
        ...noiseFeeds(family, 100),
        ...Object.fromEntries(own),
      };
      const [values] = await run([terms], feeds);
      expect(Math.max(...values!.map(Math.abs)), family.name).toBeLessThan(1e-5);
    }
  });

  test("of a posterior from a prior elsewhere is refused, with what would do", async () => {
    const { code, message, hint } = await elboError(() =>
      checkPrior(vonMisesFisher(3), standardNormal(3)),
    );
    expect(code).toBe("prior-mismatch");
    expect(message).toContain("von-mises-fisher of 3 dimensions on the sphere");
    expect(message).toContain("standard-normal of 3 dimensions in Euclidean space");
    expect(hint).toContain("uniform-sphere");
    await elboError(() => checkPrior(diagonalGaussian(3), uniformSphere(3)));
    await elboError(() => checkPrior(diagonalGaussian(3), standardNormal(2)));
    checkPrior(fullGaussian(3), vampPrior(fullGaussian(3), 2));
  });
});

/** Any finite float32, often an awkward one. */
const emitted = fc.oneof(
  fc.constantFrom(0, -0, 1e4, -1e4, 50, -50, 3e38, -3e38, 1e-38),
  fc.float({ noNaN: true, noDefaultInfinity: true }),
  fc.integer({ min: -40, max: 40 }),
);

describe("finite for whatever finite numbers are learned", () => {
  test.each(priorsOf(3, 4))("$name", async ({ prior }) => {
    const rows = 32;
    const z = input("z", [BATCH, 3]);
    const parameters = tensorsOf(prior);
    const logs = prior.logProb(z, parameters);
    const slopes: Tensor[] = gradients(logs.sum(), parameters);
    const feeds = (value: fc.Arbitrary<number>) => {
      const shapes = [...prior.parameters, { name: "z", shape: [rows, 3] }];
      const lists = shapes.map(({ shape }) => {
        const size = shape.reduce((a, b) => a * b);
        return fc.array(value, { minLength: size, maxLength: size });
      });
      return fc.tuple(...lists).map((data) =>
        Object.fromEntries(
          shapes.map(({ name, shape }, i) => {
            const isOnSphere = name === "z" && prior.space === "sphere";
            return [name, { shape, data: isOnSphere ? data[i]!.map(() => 0.5) : data[i]! }];
          }),
        ),
      );
    };
    const check = (outputs: readonly Tensor[], value: fc.Arbitrary<number>) =>
      fc.assert(
        fc.asyncProperty(feeds(value), async (fed) => {
          for (const list of await run(outputs, fed)) {
            for (const x of list) expect(Number.isFinite(x)).toBe(true);
          }
        }),
        { seed: 5, numRuns: 12 },
      );
    await check([logs], emitted);
    const within = fc.float({ min: -20, max: 20, noNaN: true });
    if (slopes.length > 0) await check(slopes, within);
  });
});
