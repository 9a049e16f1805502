// Posteriors of flows and of levels, and bounds of many draws, against their formulas.
import { describe, expect, test } from "vitest";
import { noiseInput } from "#elbo/fields/layout.js";
import { build, HELD_OUT, KL_WEIGHT, priorGraph, USE } from "#elbo/models/graphs.js";
import { levelSizes } from "#elbo/models/levels.js";
import { resolveOptions } from "#elbo/models/method-options.js";
import { methods } from "#elbo/models/methods/index.js";
import { image, real, schemaOf } from "../../fields/schemas.ts";
import { evaluate, type Feeds } from "../../oracle/index.ts";
import { modelConfig } from "../config.ts";
import { feedsFor } from "../fed.ts";
import { expectNear, latent, logSumExp, make, meanOf, row, sum } from "./made.ts";

describe("bounds of many draws", () => {
  const samples = 3;
  /** log p(x, z) − log q(z | x) of each row at each draw, by the VAE one draw at a time. */
  function logWeights(draws: number, feeds: Feeds): number[][] {
    const noise = [...feeds[noiseInput("normal")]!.data];
    const each = Array.from({ length: draws }, (_, k) => {
      const data = Array.from({ length: 5 }, (__, i) =>
        row(row(noise, i, draws * latent), k, latent),
      ).flat();
      const one = make(
        "vae",
        {},
        { feeds: { ...feeds, [noiseInput("normal")]: { shape: [5, latent], data } } },
      );
      return one.of(one.terms.logWeight!)[0]!;
    });
    return Array.from({ length: 5 }, (_, i) => each.map((values) => values[i]!));
  }

  test.each([
    ["iwae", {}, (w: number[]) => logSumExp(w) - Math.log(samples)],
    [
      "miwae",
      { groups: 2 },
      (w: number[]) =>
        meanOf(
          [w.slice(0, samples), w.slice(samples)].map((g) => logSumExp(g) - Math.log(samples)),
        ),
    ],
    [
      "ciwae",
      { combination: 0.25 },
      (w: number[]) => 0.25 * meanOf(w) + 0.75 * (logSumExp(w) - Math.log(samples)),
    ],
  ] as const)("%s", (bound, more, formula) => {
    const { terms, feeds, of } = make("iwae", { samples, bound, ...more });
    const weights = logWeights(bound === "miwae" ? 2 * samples : samples, feeds);
    expectNear(
      of(terms.loss)[0]!,
      weights.map((w) => -formula(w)),
    );
  });
});

test.each(["iaf", "coupling"] as const)(
  "flows: log q by the determinant of their Jacobian: %s",
  (flow) => {
    const zero: Feeds = { [noiseInput("normal")]: { shape: [1, latent], data: [0, 0, 0, 0] } };
    const made = make("flow-vae", { flow, steps: 3, width: 6 }, { rows: 1, feeds: zero });
    // Without noise the draw begins at the mean, which the head's bias moves one to one.
    const bias = [...made.feeds["encoder.posterior.bias"]!.data];
    const at = (j: number, by: number) => {
      const moved = bias.map((value, i) => (i === j ? value + by : value));
      const feeds = { ...made.feeds, "encoder.posterior.bias": { shape: [], data: moved } };
      return [...evaluate([made.terms.mean], feeds, 1)[0]!.data];
    };
    const step = 1e-5;
    const jacobian = [0, 1, 2, 3].map((j) => {
      const [up, down] = [at(j, step), at(j, -step)];
      return up.map((value, i) => (value - down[i]!) / (2 * step));
    });
    const [z, kl] = made.of(made.terms.mean, made.terms.kl!);
    const gaussian = make("vae", {}, { rows: 1, feeds: { ...made.feeds } });
    const [deviation] = gaussian.of(gaussian.terms.standardDeviation!);
    const logBase = -sum(deviation!.map(Math.log));
    const expected =
      logBase - Math.log(Math.abs(determinant(jacobian))) + 0.5 * sum(z!.map((v) => v * v));
    expectNear(kl!, [expected], 1e-6);
  },
);

function determinant(matrix: number[][]): number {
  const [first, ...rest] = matrix;
  if (!first) return 1;
  return sum(
    first.map(
      (value, j) =>
        (j % 2 === 0 ? 1 : -1) * value * determinant(rest.map((r) => r.toSpliced(j, 1))),
    ),
  );
}

test("VampPrior: pseudo-images whose numbers are 0 are the mean image, none of it wholly dark", () => {
  const bytes = [0, 51, 204];
  const mean = btoa(String.fromCharCode(...bytes));
  const more = { bytes: false, low: 0, high: 1, gaps: false, mean };
  const schema = schemaOf(image("i", [1, 3, 1], more));
  const options = resolveOptions("vamp-vae", methods["vamp-vae"].options, { components: 2 });
  const config = modelConfig({ method: "vamp-vae", options, latent, activation: "tanh" });
  const { mean: posterior, standardDeviation, body } = build(schema, config, USE);
  const found = priorGraph(schema, config)!;
  const outputs = Object.values(found.outputs);
  const feeds: Feeds = {
    ...feedsFor([posterior, ...outputs], body.parameters, 1),
    "prior.pseudo.pixels": { shape: [], data: new Float64Array(6) },
    "rows:data-image-bernoulli-i": { shape: [1, 3], data: [0.01, 0.2, 0.8] },
  };
  const [own, deviation, means, logVariances] = evaluate(
    [posterior, standardDeviation!, ...outputs],
    feeds,
    1,
  ).map(({ data }) => [...data]);
  expectNear(means!, [...own!, ...own!]);
  const log = deviation!.map((d) => 2 * Math.log(d));
  expectNear(logVariances!, [...log, ...log]);
});

test("ladder: the KL in closed form is the mean of log q − log p over draws", () => {
  expect([levelSizes(4, 2), levelSizes(20, 3), levelSizes(3, 3), levelSizes(9, 8)]).toEqual([
    ...[
      [1, 3],
      [2, 5, 13],
      [1, 1, 1],
      [1, 1, 1, 1, 1, 1, 1, 2],
    ],
  ]);
  for (let latent = 1; latent <= 30; latent++) {
    for (let levels = 1; levels <= latent; levels++) {
      const sizes = levelSizes(latent, levels);
      expect(sizes.reduce((sum, size) => sum + size)).toBe(latent);
      expect(sizes[0]).toBeGreaterThan(0);
      expect(sizes).toEqual(sizes.toSorted((a, b) => a - b));
    }
  }
  const rows = 4000;
  const { terms, feeds } = make("ladder-vae", { width: 5 }, { rows });
  // All rows alike: draws of one posterior.
  const same = Object.entries(feeds).map(([name, feed]): [string, Feeds[string]] => {
    if (!name.startsWith("rows:")) return [name, feed];
    return [
      name,
      { ...feed, data: Array.from({ length: rows * 3 }, (_, i) => [0.5, -1, 2][i % 3]!) },
    ];
  });
  const tensors = [terms.kl!.sum(1), terms.reconstruction.neg().sub(terms.logWeight!)];
  const [kl, ratio] = evaluate(tensors, Object.fromEntries(same), rows);
  const differences = [...ratio!.data].map((value, i) => value - kl!.data[i]!);
  const deviation = Math.sqrt(meanOf(differences.map((d) => d * d)));
  expect(deviation).toBeGreaterThan(0.1);
  expect(Math.abs(meanOf(differences))).toBeLessThan((5 * deviation) / Math.sqrt(rows));
});

test("ladder: levels' densities are those of their latents, by loops over the row", () => {
  const [width, hidden] = [5, 8];
  const { terms, feeds, of } = make(
    "ladder-vae",
    { width },
    { rows: 1, network: { kind: "mlp", hidden: [hidden] } },
  );
  const dense = (name: string, x: readonly number[], act: (v: number) => number) => {
    const [weight, bias] = ["weight", "bias"].map((part) => [...feeds[`${name}.${part}`]!.data]);
    return bias!.map((b, j) =>
      act(b + sum(x.map((value, i) => value * weight![i * bias!.length + j]!))),
    );
  };
  const pair = (name: string, x: readonly number[]) => {
    const all = dense(name, x, (v) => v);
    return { mean: all.slice(0, all.length / 2), log: all.slice(all.length / 2) };
  };
  const [e1, e0] = [
    [...feeds[noiseInput("normal")]!.data].slice(1),
    [...feeds[noiseInput("normal")]!.data].slice(0, 1),
  ];
  const seen = dense("encoder.dense0", [...feeds["rows:data-real-gaussian"]!.data], Math.tanh);
  const top = pair("encoder.posterior1", seen);
  const z1 = top.mean.map((m, i) => m + Math.exp(top.log[i]! / 2) * e1[i]!);
  const apart = pair(
    "encoder.posterior0",
    dense("encoder.level0.dense0", [...seen, ...z1], Math.tanh),
  );
  const p = pair("decoder.level0.prior", dense("decoder.level0.dense0", z1, Math.tanh));
  // Δμ counts in p's deviations, and deviations multiply.
  const q = {
    mean: p.mean.map((m, i) => m + Math.exp(p.log[i]! / 2) * apart.mean[i]!),
    log: p.log.map((log, i) => log + apart.log[i]!),
  };
  const z0 = q.mean.map((m, i) => m + Math.exp(q.log[i]! / 2) * e0[i]!);
  const density = (z: readonly number[], { mean, log }: typeof q) =>
    sum(
      z.map(
        (v, i) =>
          -0.5 * ((v - mean[i]!) ** 2 / Math.exp(log[i]!) + log[i]! + Math.log(2 * Math.PI)),
      ),
    );
  const standard = { mean: [0, 0, 0], log: [0, 0, 0] };
  const logPrior = density(z1, standard) + density(z0, p);
  const logPosterior = density(z1, top) + density(z0, q);
  const [latents, weight, data, kl] = of(
    terms.latent!,
    terms.logWeight!,
    terms.reconstruction,
    terms.totalKl!,
  );
  expectNear(latents!, [...z0, ...z1]);
  expectNear([weight![0]! + data![0]!], [logPrior - logPosterior]);
  // KL(q ‖ p) of Gaussians in closed form.
  const closed = (a: typeof q, b: typeof q) =>
    sum(
      a.mean.map((m, i) => {
        const far = (m - b.mean[i]!) ** 2 + Math.exp(a.log[i]!);
        return 0.5 * (b.log[i]! - a.log[i]! + far / Math.exp(b.log[i]!) - 1);
      }),
    );
  expectNear(kl!, [closed(top, standard) + closed(q, p)]);
});

test("ladder: its VampPrior is the mean of the top posterior at pseudo-inputs", () => {
  const components = 3;
  const points = [0.5, -1, 2, 0, 0.3, -0.4, -2, 1, 1.5];
  const [width, rows] = [5, components];
  // Pseudo-inputs that are the rows themselves.
  const feeds = {
    "rows:data-real-gaussian": { shape: [rows, 3], data: points },
    "prior.pseudo.flat": { shape: [], data: points },
  };
  const vamp = make("ladder-vae", { width, prior: "vamp", components }, { rows, feeds });
  const { terms, of } = vamp;
  const sizes = levelSizes(latent, 2);
  const [below, top] = sizes as [number, number];
  const [mean, deviation, z, weights, data, kl] = of(
    ...[terms.mean, terms.standardDeviation!, terms.latent!, terms.logWeight!],
    ...[terms.reconstruction, terms.kl!],
  );
  const ofTop = (values: number[], i: number) => row(values, i, latent).slice(below);
  const density = (x: readonly number[], k: number) =>
    sum(
      ofTop(mean!, k).map((m, j) => {
        const scale = ofTop(deviation!, k)[j]!;
        return -0.5 * (((x[j]! - m) / scale) ** 2 + Math.log(2 * Math.PI)) - Math.log(scale);
      }),
    );
  const each = Array.from({ length: rows }, (_, i) => {
    const x = ofTop(z!, i);
    const mixed = Array.from({ length: components }, (__, k) => density(x, k));
    return { own: density(x, i), prior: logSumExp(mixed) - Math.log(components), x };
  });
  // One number of the top level, as no latent of a mixture has a share of its own.
  expect(kl).toHaveLength(rows * (below + 1));
  expectNear(
    each.map((_, i) => row(kl!, i, below + 1)[below]!),
    each.map(({ own, prior }) => own - prior),
  );
  // All else is as under N(0, I).
  const normal = make("ladder-vae", { width }, { rows, feeds: vamp.feeds });
  const [plain, other, closed] = normal.of(
    ...[normal.terms.logWeight!, normal.terms.reconstruction, normal.terms.kl!],
  );
  expectNear(data!, other!);
  expectNear(
    each.map((_, i) => weights![i]! - plain![i]!),
    each.map(({ x, prior }) => {
      return prior + 0.5 * sum(x.map((v) => v * v + Math.log(2 * Math.PI)));
    }),
  );
  for (let i = 0; i < rows; i++) {
    expectNear(
      row(kl!, i, below + 1).slice(0, below),
      row(closed!, i, below + top).slice(0, below),
    );
  }
});

test("ladder: a balanced KL counts levels by their shares while its weight rises", () => {
  const weight = 0.25;
  const feeds = { [KL_WEIGHT]: { shape: [], data: [weight] } };
  const options = { width: 8, balance: "yes" };
  const { terms, of, rows } = make("ladder-vae", options, { feeds });
  const [loss, reconstruction, kl] = of(terms.loss, terms.reconstruction, terms.kl!);
  const sizes = levelSizes(latent, 2);
  const starts = sizes.map((_, l) => sum(sizes.slice(0, l)));
  const each = Array.from({ length: rows }, (_, i) =>
    sizes.map((size, l) => sum(row(kl!, i, latent).slice(starts[l], starts[l]! + size))),
  );
  const nats = sizes.map((_, l) => meanOf(each.map((levels) => levels[l]!)) + 0.01);
  const counts = nats.map((n) => weight + (1 - weight) * 2 * (n / sum(nats)));
  // Levels differ, or nothing would be balanced.
  expect(Math.abs(counts[0]! - counts[1]!)).toBeGreaterThan(0.1);
  expectNear(
    loss!,
    each.map((levels, i) => {
      return reconstruction![i]! + weight * sum(levels.map((n, l) => counts[l]! * n));
    }),
  );
  const whole = make("ladder-vae", options);
  const [risen, data, plain] = whole.of(
    ...[whole.terms.loss, whole.terms.reconstruction, whole.terms.totalKl!],
  );
  expectNear(
    risen!,
    data!.map((nat, i) => nat + plain![i]!),
  );
});

test("iwae: outside training the loss is the bound, and all else is the ELBO's", () => {
  const rows = 400;
  const { feeds, terms } = make("iwae", { samples: 8 }, { rows });
  const schema = schemaOf(...["a", "b", "c"].map((name) => real(name, { gaps: false })));
  const options = resolveOptions("iwae", methods.iwae.options, { samples: 8 });
  const config = modelConfig({ method: "iwae", options, latent, activation: "tanh" });
  const held = build(schema, config, { ...HELD_OUT, gaps: false });
  const tensors = [held.loss, held.reconstruction.add(held.totalKl!), terms.loss];
  const all = { ...feedsFor(tensors, held.body.parameters, rows), ...feeds };
  const [loss, elbo] = evaluate(tensors, all, rows).map(({ data }) => [...data]);
  // Eight draws bound log p more tightly than one.
  const gains = elbo!.map((value, i) => value - loss![i]!);
  const deviation = Math.sqrt(meanOf(gains.map((gain) => gain * gain)));
  expect(meanOf(gains)).toBeGreaterThan((3 * deviation) / Math.sqrt(rows));
  expect(held.logWeight).not.toBeNull();
});
