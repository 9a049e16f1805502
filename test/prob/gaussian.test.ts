// The Gaussian: log-densities, KL, reparameterised draws and bounds.
import { expect, test } from "vitest";
import { gradients, input } from "#elbo/graph/index.js";
import { bounded, gaussianKl, gaussianLogProb, reparameterize } from "#elbo/prob/gaussian.js";
import { Random, streams } from "#elbo/runtime/random.js";
import { checkGradient, lossOf } from "../graph/differences.ts";
import { forExamples } from "../graph/draw.ts";
import { expectLayer, inputsOf, type Numbers } from "../graph/pytorch.ts";
import { losses, type TermFixture } from "../models/losses.ts";
import { evaluate } from "../oracle/index.ts";

const feedsOf = (term: TermFixture, names: string[]) =>
  Object.fromEntries(names.map((name) => [name, term[name] as Numbers]));

test.each(Object.entries(losses.gaussian))("log-density, %s, is PyTorch's", (_, term) => {
  const feeds = feedsOf(term, ["x", "mean", "logScale"]);
  const { x, mean, logScale } = inputsOf(feeds) as Record<string, ReturnType<typeof input>>;
  const output = gaussianLogProb(x!, mean!, logScale!).sum(1);
  const inputs = { x: x!, mean: mean!, logScale: logScale! };
  return expectLayer({ ...term, output: term.logProb }, inputs, output, feeds);
});

test("KL from the standard normal is PyTorch's", () => {
  const feeds = feedsOf(losses.kl, ["mean", "logVariance"]);
  const inputs = inputsOf(feeds);
  const output = gaussianKl(inputs["mean"]!, inputs["logVariance"]!).sum(1);
  return expectLayer({ ...losses.kl, output: losses.kl.kl }, inputs, output, feeds);
});

test("KL is zero at the prior and nowhere less", async () => {
  await forExamples(
    (draw) => {
      const shape = draw.shape();
      return gaussianKl(draw.real(shape), draw.real(shape, { low: -8, scale: 4 }));
    },
    50,
    (kl, draw) => {
      const { data } = evaluate([kl], draw.feeds(), draw.batch)[0]!;
      expect(Math.min(...data)).toBeGreaterThanOrEqual(0);
    },
  );
  const zero = { shape: [1], data: [0] };
  const kl = gaussianKl(input("mean", [1]), input("logVariance", [1]));
  expect(evaluate([kl], { mean: zero, logVariance: zero })[0]!.data[0]).toBe(0);
});

test("gradients of density, KL and draw are central differences", async () => {
  await forExamples(
    (draw) => {
      const shape = draw.shape(2);
      const [mean, spread, other] = [draw.real(shape), draw.real(shape), draw.real(shape)];
      return draw.pick([
        () => gaussianLogProb(other, mean, spread),
        () => gaussianKl(mean, spread).add(other),
        () => reparameterize(mean, spread, other),
      ])();
    },
    30,
    (y, draw) => checkGradient(lossOf(y, draw), draw),
  );
});

test("a draw has the mean and variance it is asked for", () => {
  const n = 40_000;
  const [mean, variance] = [-1.5, 4];
  const noise = new Random(7).normal(streams.posterior, 1, n);
  const draw = reparameterize(input("mean", [1]), input("logVariance", [1]), input("noise", [n]));
  const { data } = evaluate([draw], {
    mean: { shape: [1], data: [mean] },
    logVariance: { shape: [1], data: [Math.log(variance)] },
    noise: { shape: [n], data: noise },
  })[0]!;
  const average = data.reduce((sum, x) => sum + x, 0) / n;
  const spread = data.reduce((sum, x) => sum + (x - average) ** 2, 0) / (n - 1);
  // Five standard errors: σ/√n of a mean, σ²·√(2/n) of a variance.
  expect(Math.abs(average - mean)).toBeLessThan(5 * Math.sqrt(variance / n));
  expect(Math.abs(spread - variance)).toBeLessThan(5 * variance * Math.sqrt(2 / n));
});

test("a bounded value is held, and its gradient passes inside and outside", () => {
  const x = input("x", [5]);
  const y = bounded(x, [-10, 10]);
  const [slope] = gradients(y.square().sum(), [x]);
  const feeds = { x: { shape: [5], data: [-1e6, -10, 0.5, 10, 25] } };
  const [value, gradient] = evaluate([y, slope!], feeds);
  expect([...value!.data]).toEqual([-10, -10, 0.5, 10, 10]);
  // 2y, as though no bound were there: descent from outside comes back.
  expect([...gradient!.data]).toEqual([-20, -20, 1, 20, 20]);
});
