// Posteriors of latents: densities and KL against SciPy, gradients against central differences, and
// finite numbers whatever an encoder emits. Their draws are tested in latent-draws.test.ts.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BATCH, concat, gradients, input, type Tensor } from "#elbo/graph/index.js";
import { type Posterior, vonMisesFisher } from "#elbo/prob/posteriors/index.js";
import { checkGradient, lossOf } from "../graph/differences.ts";
import { type Draw, forExamples } from "../graph/draw.ts";
import { type Numbers, readFixture } from "../graph/pytorch.ts";
import { elboError } from "../helpers/errors.ts";
import { worst } from "../oracle/fixture.ts";
import { noiseFeeds, noiseOf, parametersOf, posteriorsOf } from "./latents.ts";
import { run } from "./run.ts";

interface PosteriorFixture {
  z: Numbers;
  parameters: Record<string, Numbers>;
  logProb: Numbers;
  kl: Numbers;
  standardDeviation?: Numbers;
}

/** By SciPy: see the file's provenance. */
const { posteriors: fixture } = readFixture<{ posteriors: Record<string, PosteriorFixture> }>(
  "latents",
);

const LATENT = 4;
const z = input("z", [BATCH, LATENT]);

/** The closed form that a family has. */
function closedKl(family: Posterior, parameters: readonly Tensor[]): Tensor {
  return (family.klFromStandardNormal ?? family.klFromUniform)!(parameters);
}

describe.each(["cpu", "wasm"] as const)("on %s: log q(z), KL and spread are SciPy's", (device) => {
  test.each(posteriorsOf(LATENT))("$name", async (family) => {
    const expected = fixture[family.name]!;
    const parameters = parametersOf(family);
    const deviation = family.standardDeviation(parameters);
    const outputs = [
      family.logProb(z, parameters),
      closedKl(family, parameters).sum(1),
      ...(deviation ? [deviation] : []),
    ];
    const feeds = { z: expected.z, ...expected.parameters };
    const [logs, kl, spread] = await run(outputs, feeds, device);
    // Roundings of κ move log q of the von Mises-Fisher by κ·2⁻²⁴ each.
    expect(worst(logs!, expected.logProb.data).largest).toBeLessThan(1e-5);
    expect(worst(kl!, expected.kl.data).largest).toBeLessThan(2e-6);
    expect(deviation === null).toBe(expected.standardDeviation === undefined);
    if (spread) expect(worst(spread, expected.standardDeviation!.data).largest).toBeLessThan(2e-6);
  });
});

test.each([2, 3, 8, 40].flatMap(posteriorsOf))(
  "$name of $latent latents: log q at a draw by its noise is that by z",
  async (family) => {
    const rows = 50;
    const parameters = parametersOf(family);
    const { z: drawn, logProb } = family.draw(parameters, noiseOf(family));
    const entries = family.parameters.map(({ name, size }, p) => {
      // Factors of high dimensions are ill-conditioned unless they are small.
      const scale = name === "scale" ? 1 / family.latent : name === "logConcentration" ? 4 : 1;
      const data = Array.from({ length: rows * size }, (_, i) =>
        Math.fround(scale * Math.sin(7 * i + p)),
      );
      return [name, { shape: [rows, size], data }] as const;
    });
    const feeds = { ...noiseFeeds(family, rows), ...Object.fromEntries(entries) };
    const outputs = [family.logProb(drawn, parameters), logProb, drawn, family.mean(parameters)];
    const [byZ, byNoise, points, means] = await run(outputs, feeds);
    expect(worst(byZ!, [...byNoise!]).largest).toBeLessThan(2e-5);
    if (family.space === "euclidean") return;
    for (const list of [points!, means!]) {
      for (let row = 0; row < rows; row++) {
        const point = list.subarray(row * family.latent, (row + 1) * family.latent);
        expect(Math.abs(Math.hypot(...point) - 1)).toBeLessThan(1e-6);
      }
    }
  },
);

/** Tensors by which examples are not differentiated. */
const held = new WeakSet<Tensor>();

function hold(x: Tensor): Tensor {
  held.add(x);
  return x;
}

describe("gradients are central differences", () => {
  const examples: Record<string, (draw: Draw, family: Posterior, p: Tensor[]) => Tensor> = {
    "log q(z)": (draw, family, p) => {
      // Within reach of the unit sphere, where distances are not held.
      const point = draw.real([BATCH, family.latent], { low: -0.5, scale: 0.2 });
      return family.logProb(point, p);
    },
    KL: (_, family, p) => closedKl(family, p),
    "means and spreads": (_, family, p) => {
      const spread = family.standardDeviation(p);
      return spread ? concat([family.mean(p), spread], 1) : family.mean(p);
    },
    "draws and their log q": (draw, family, p) => {
      const { normal, uniform } = family.noise;
      const noise = {
        normal: hold(draw.real([BATCH, normal])),
        uniform: uniform > 0 ? hold(draw.real([BATCH, uniform], { low: 0, scale: 0.25 })) : null,
      };
      // A rejected proposal's path is not what the implicit derivative by κ follows.
      if (family.space === "sphere") hold(p[1]!);
      const { z: drawn, logProb } = family.draw(p, noise);
      return drawn.mul(logProb.reshape([BATCH, 1]));
    },
  };
  const names = ["diagonal-gaussian", "full-gaussian", "von-mises-fisher"];
  const cases = Object.keys(examples).flatMap((what) => names.map((name) => ({ what, name })));
  test.each(cases)("$what of $name", async ({ what, name }) => {
    await forExamples(
      (draw) => {
        const family = posteriorsOf(draw.int(2, 4)).find((each) => each.name === name)!;
        const p = family.parameters.map(({ size }) => draw.real([BATCH, size]));
        return examples[what]!(draw, family, p);
      },
      20,
      (y, draw) => {
        const loss = lossOf(y, draw);
        const free = draw.reals.filter((x) => !held.has(x));
        draw.reals.splice(0, draw.reals.length, ...free);
        checkGradient(loss, draw);
      },
    );
  });
});

/** Any finite float32, often an awkward one. */
const emitted = fc.oneof(
  fc.constantFrom(0, -0, 1e4, -1e4, 50, -50, 3e38, -3e38, 1e-38),
  fc.float({ noNaN: true, noDefaultInfinity: true }),
  fc.integer({ min: -40, max: 40 }),
);

/** Rows of whatever an encoder emits, with noise and z. */
function rowsOf(family: Posterior, value: fc.Arbitrary<number>, seed: number) {
  const rows = 64;
  const sizes = [...family.parameters.map(({ size }) => size), family.latent];
  const lists = sizes.map((size) =>
    fc.array(value, { minLength: rows * size, maxLength: rows * size }),
  );
  return fc.tuple(...lists).map((data) => ({
    ...noiseFeeds(family, rows, seed),
    ...Object.fromEntries(
      [...family.parameters.map(({ name }) => name), "z"].map((name, i) => {
        const list =
          name === "z" ? data[i]!.map((x) => (family.space === "sphere" ? 0.5 : x)) : data[i]!;
        return [name, { shape: [rows, sizes[i]!], data: list }] as const;
      }),
    ),
  }));
}

describe("whatever an encoder emits, numbers are finite", () => {
  const families = [...posteriorsOf(2), ...posteriorsOf(5)];
  const outputsOf = (family: Posterior) => {
    const parameters = parametersOf(family);
    const { z: drawn, logProb } = family.draw(parameters, noiseOf(family));
    const point = input("z", [BATCH, family.latent]);
    const densities = [logProb, family.logProb(point, parameters), closedKl(family, parameters)];
    const spread = family.standardDeviation(parameters);
    const moments = [drawn, family.mean(parameters), ...(spread ? [spread] : [])];
    return { parameters, densities, moments };
  };
  const expectFinite = (values: readonly Float64Array[]) => {
    for (const [i, list] of values.entries()) {
      for (const value of list) expect(Number.isFinite(value), `output ${i}: ${value}`).toBe(true);
    }
  };
  test.each(families)("$name of $latent latents", async (family) => {
    const { densities, moments } = outputsOf(family);
    const property = fc.asyncProperty(rowsOf(family, emitted, 3), async (feeds) => {
      expectFinite(await run([...densities, ...moments], feeds));
    });
    await fc.assert(property, { seed: 3, numRuns: 12 });
  });
  test.each(families)(
    "$name of $latent latents: gradients, of outputs within ±20",
    async (family) => {
      const { parameters, densities, moments } = outputsOf(family);
      const loss = [...densities, ...moments].map((y) => y.sum()).reduce((a, b) => a.add(b));
      const slopes = gradients(loss, parameters);
      const within = fc.oneof(
        fc.constantFrom(0, 20, -20),
        fc.float({ min: -20, max: 20, noNaN: true }),
      );
      const property = fc.asyncProperty(rowsOf(family, within, 4), async (feeds) => {
        expectFinite(await run(slopes, feeds));
      });
      await fc.assert(property, { seed: 4, numRuns: 12 });
    },
  );
});

test("a sphere needs two dimensions", async () => {
  const { code, message } = await elboError(() => vonMisesFisher(1));
  expect(code).toBe("latent-invalid");
  expect(message).toContain("received 1");
});
