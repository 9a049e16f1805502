// The von Mises-Fisher distribution's normaliser against mpmath, in float32 on the devices and by
// the oracle in float64.
import { describe, expect, test } from "vitest";
import { BATCH, gradients, input } from "#elbo/graph/index.js";
import { complementOf, divergenceOf, information, pullOf, restOf } from "#elbo/prob/bessel.js";
import {
  acceptance,
  concentrationSlope,
  PROPOSALS,
} from "#elbo/prob/posteriors/von-mises-fisher-draw.js";
import { logSphereArea } from "#elbo/prob/sphere.js";
import { checkGradient, lossOf } from "../graph/differences.ts";
import { forExamples } from "../graph/draw.ts";
import { readFixture } from "../graph/pytorch.ts";
import { vonMisesFisher } from "../oracle/bessel.ts";
import { run } from "./run.ts";

interface Numbers {
  data: number[];
}

/** By mpmath: see the file's provenance. */
const fixture = readFixture<{
  values: Record<string, Record<"kappa" | "meanResultantLength" | "logF" | Name, Numbers>>;
  acceptance: Record<string, { kappa: number[]; value: number[] }>;
  slopes: Record<"dimension" | "kappa" | "t" | "slope", Numbers>;
  logArea: Record<string, number>;
}>("von_mises_fisher");
type Name = "rest" | "complement" | "divergence" | "information";

const column = (data: readonly number[]) => ({ shape: [data.length], data });
const relative = (received: ArrayLike<number>, expected: readonly number[]) =>
  Math.max(...expected.map((y, i) => Math.abs(received[i]! - y) / Math.abs(y)));

describe.each(["cpu", "wasm"] as const)(
  "on %s: relative errors, from κ = 1e-3 to 1e4",
  (device) => {
    test.each(Object.entries(fixture.values))("in %s dimensions", async (text, expected) => {
      const dimension = Number(text);
      const kappa = input("kappa", [BATCH]);
      const value = (f: typeof restOf) => f(kappa, dimension);
      const outputs = [restOf, complementOf, divergenceOf, pullOf, information].map(value);
      const [slope] = gradients(value(divergenceOf).sum(), [kappa]);
      const feeds = { kappa: column(expected.kappa.data) };
      const [rest, complement, divergence, pull, spread, slopes] = await run(
        [...outputs, slope!],
        feeds,
        device,
      );
      const pulls = expected.kappa.data.map((k, i) => k * expected.meanResultantLength.data[i]!);
      expect(relative(rest!, expected.rest.data), "rest").toBeLessThan(2e-6);
      expect(relative(complement!, expected.complement.data), "complement").toBeLessThan(4e-6);
      expect(relative(divergence!, expected.divergence.data), "KL").toBeLessThan(4e-6);
      expect(relative(pull!, pulls), "κA").toBeLessThan(1e-6);
      expect(relative(spread!, expected.information.data), "κ²A′").toBeLessThan(2e-4);
      const byKappa = expected.information.data.map((v, i) => v / expected.kappa.data[i]!);
      expect(relative(slopes!, byKappa), "slope of KL").toBeLessThan(2e-4);
      expect(Math.min(...divergence!)).toBeGreaterThan(0);
    });
  },
);

test("the oracle's recurrence agrees with mpmath up to κ = 100", () => {
  for (const [dimension, { kappa, meanResultantLength, logF }] of Object.entries(fixture.values)) {
    for (const [i, k] of kappa.data.entries()) {
      if (k > 100) continue;
      const received = vonMisesFisher(k, Number(dimension));
      const length = meanResultantLength.data[i]!;
      expect(Math.abs(received.ratio - length)).toBeLessThan(1e-12 * length);
      expect(Math.abs(received.logF - logF.data[i]!)).toBeLessThan(1e-12 * (1 + logF.data[i]!));
    }
  }
});

test("gradients are central differences", async () => {
  await forExamples(
    (draw) => {
      const dimension = draw.pick([2, 3, 7, 20, 33]);
      const f = draw.pick([restOf, complementOf, divergenceOf, pullOf]);
      return f(draw.real([draw.batch], { low: 0.25, scale: draw.pick([1, 8]) }), dimension);
    },
    30,
    (y, draw) => checkGradient(lossOf(y, draw), draw),
  );
});

test("areas of spheres are mpmath's", () => {
  for (const [dimension, area] of Object.entries(fixture.logArea)) {
    expect(Math.abs(logSphereArea(Number(dimension)) - area)).toBeLessThan(
      1e-12 * (1 + Math.abs(area)),
    );
  }
});

test("the share of accepted proposals is the closed form's, and never below 0.657", () => {
  for (const [dimension, { kappa, value }] of Object.entries(fixture.acceptance)) {
    for (const [i, k] of kappa.entries()) {
      expect(Math.abs(acceptance(Number(dimension), k) - value[i]!)).toBeLessThan(1e-9);
    }
  }
  for (const dimension of [2, 3, 4, 8, 16, 64, 512]) {
    for (let log10 = -3; log10 <= 4; log10 += 0.5) {
      const failure = (1 - acceptance(dimension, 10 ** log10)) ** PROPOSALS;
      expect(failure).toBeLessThan(3.7e-8);
    }
  }
});

test("the slope of a draw is that of its quantile, by mpmath", async () => {
  const { dimension, kappa, t, slope } = fixture.slopes;
  for (const d of new Set(dimension.data)) {
    const rows = dimension.data.flatMap((each, i) => (each === d ? [i] : []));
    const k = rows.map((i) => kappa.data[i]!);
    const x = rows.map((i, at) => {
      const beta = (d - 1) / (2 * k[at]! + Math.sqrt(4 * k[at]! ** 2 + (d - 1) ** 2));
      const [gap, distance] = [(2 * beta) / (1 + beta), t.data[i]!];
      return (gap - distance) / (gap + distance - gap * distance);
    });
    const places = [input("x", [BATCH, 1]), input("kappa", [BATCH, 1])] as const;
    const feeds = {
      x: { shape: [x.length, 1], data: x },
      kappa: { shape: [x.length, 1], data: k },
    };
    const [received] = await run([concentrationSlope(places[0], places[1], d)], feeds);
    const expected = rows.map((i) => slope.data[i]!);
    expect(
      relative(received!, expected),
      `${d} dimensions: ${[...received!]}; ${expected}`,
    ).toBeLessThan(1e-3);
  }
});
