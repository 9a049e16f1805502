// The chain of levels from the row up, against its formulas by loops over a row.
import { expect, test } from "vitest";
import { noiseInput } from "#elbo/fields/layout.js";
import { input } from "#elbo/graph/index.js";
import { decoded } from "#elbo/models/graphs.js";
import { evenSizes } from "#elbo/models/levels.js";
import { methods } from "#elbo/models/methods/index.js";
import { evaluate, type Feeds } from "../../oracle/index.ts";
import { expectNear, latent, make, meanOf, sum } from "./made.ts";

const [width, hidden] = [5, 8];
const options = { levels: 3, width };

interface Gaussian {
  mean: number[];
  log: number[];
}

const zero = (v: number) => v;
const network = { kind: "mlp", hidden: [hidden] } as const;

/** The model's layers by loops: of a row the posteriors and draws, the lowest first, and priors below the top. */
function looped(feeds: Feeds) {
  const dense = (name: string, x: readonly number[], act: (v: number) => number) => {
    const [weight, bias] = ["weight", "bias"].map((part) => [...feeds[`${name}.${part}`]!.data]);
    return bias!.map((b, j) =>
      act(b + sum(x.map((value, i) => value * weight![i * bias!.length + j]!))),
    );
  };
  const pair = (name: string, x: readonly number[]): Gaussian => {
    const all = dense(name, x, zero);
    return { mean: all.slice(0, all.length / 2), log: all.slice(all.length / 2) };
  };
  const prior = (l: number, above: readonly number[]) =>
    pair(`decoder.level${l}.prior`, dense(`decoder.level${l}.dense0`, above, Math.tanh));
  const noise = [...feeds[noiseInput("normal")]!.data];
  const at = ({ mean, log }: Gaussian, l: number) =>
    mean.map((m, i) => m + Math.exp(log[i]! / 2) * noise[[0, 2, 3][l]! + i]!);
  const row = dense("encoder.dense0", [...feeds["rows:data-real-gaussian"]!.data], Math.tanh);
  const posteriors = [pair("encoder.posterior0", row)];
  const draws = [at(posteriors[0]!, 0)];
  for (const l of [1, 2]) {
    const seen = dense(`encoder.level${l}.dense0`, draws[l - 1]!, Math.tanh);
    posteriors.push(pair(`encoder.posterior${l}`, seen));
    draws.push(at(posteriors[l]!, l));
  }
  return { posteriors, draws, prior };
}

/** log N(z; mean, exp(log)) of each latent. */
const density = (z: readonly number[], { mean, log }: Gaussian) =>
  z.map(
    (v, i) => -0.5 * ((v - mean[i]!) ** 2 / Math.exp(log[i]!) + log[i]! + Math.log(2 * Math.PI)),
  );

test("levels' densities are those of their latents, and the KL is theirs", () => {
  expect([evenSizes(4, 3), evenSizes(20, 2), evenSizes(7, 1)]).toEqual([
    ...[[2, 1, 1], [10, 10], [7]],
  ]);
  const { terms, feeds, of } = make("bit-swap", options, { rows: 1, network });
  const { posteriors, draws, prior } = looped(feeds);
  const [z0, z1, z2] = draws as [number[], number[], number[]];
  const logPriors = [
    density(z0, prior(0, z1)),
    density(z1, prior(1, z2)),
    density(z2, { mean: [0], log: [0] }),
  ];
  const logPosteriors = posteriors.map((posterior, l) => density(draws[l]!, posterior));
  const [latents, weight, data, kl, loss] = of(
    ...[terms.latent!, terms.logWeight!, terms.reconstruction, terms.kl!, terms.loss],
  );
  expectNear(latents!, draws.flat());
  const total = sum(logPriors.flat()) - sum(logPosteriors.flat());
  expectNear([weight![0]! + data![0]!], [total]);
  // On top KL(q ‖ N(0, 1)) in closed form.
  const top = posteriors[2]!;
  const closed = 0.5 * (top.mean[0]! ** 2 + Math.exp(top.log[0]!) - top.log[0]! - 1);
  const below = [0, 1].flatMap((l) => logPosteriors[l]!.map((q, i) => q - logPriors[l]![i]!));
  expectNear(kl!, [...below, closed]);
  expectNear(loss!, [data![0]! + sum(below) + closed]);
});

test("the decoder sees the lowest level, and draws of the prior come from the top down", () => {
  const { terms, feeds, rows } = make("bit-swap", options, { rows: 2, network });
  const z = input("z", [rows, latent]);
  const given = [0.3, -1, 0.7, 0.2, 1.1, 0.4, -0.5, 2];
  const [fromPrior] = [methods["bit-swap"].fromPrior!(terms.body, z, terms.body.config.options)];
  const [lowest] = z.split(1, [2, 2]);
  const outputs = [fromPrior!, ...decoded(terms.body, z), ...decoded(terms.body, lowest!)];
  const own: Feeds = { ...feeds, z: { shape: [rows, latent], data: given } };
  const [down, whole, alone] = evaluate(outputs, own, rows).map(({ data }) => [...data]);
  expectNear(alone!, whole!);
  const { prior } = looped({
    ...feeds,
    "rows:data-real-gaussian": { shape: [1, 3], data: [0, 0, 0] },
  });
  const placed = ({ mean, log }: Gaussian, u: readonly number[]) =>
    mean.map((m, i) => m + Math.exp(log[i]! / 2) * u[i]!);
  const expected = [given.slice(0, 4), given.slice(4)].flatMap((u) => {
    const z1 = placed(prior(1, u.slice(3)), u.slice(2, 3));
    return [...placed(prior(0, z1), u.slice(0, 2)), ...z1, ...u.slice(3)];
  });
  expectNear(down!, expected);
});

test("the mean of log weights over draws is the ELBO", () => {
  const rows = 4000;
  const { terms, feeds } = make("bit-swap", options, { rows });
  const alike = Array.from({ length: rows * 3 }, (_, i) => [0.5, -1, 2][i % 3]!);
  const own: Feeds = {
    ...feeds,
    "rows:data-real-gaussian": { shape: [rows, 3], data: alike },
  };
  const elbo = terms.reconstruction.neg().sub(terms.totalKl!);
  const [bound, weight] = evaluate([elbo, terms.logWeight!], own, rows);
  const differences = [...weight!.data].map((value, i) => value - bound!.data[i]!);
  const deviation = Math.sqrt(meanOf(differences.map((d) => d * d)));
  expect(deviation).toBeGreaterThan(0.1);
  expect(Math.abs(meanOf(differences))).toBeLessThan((5 * deviation) / Math.sqrt(rows));
});
