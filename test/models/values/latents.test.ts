// What is asked of a batch's latents together, against sums over its rows.
import { test } from "vitest";
import { noiseInput } from "#elbo/fields/layout.js";
import { expectNear, latent, latentsOf, logSumExp, make, meanOf, row, sum } from "./made.ts";

test("β-TCVAE: the parts of the KL, by sums over all pairs of rows", () => {
  const { terms, graph, of } = make("beta-tcvae", {
    "mutual-information": 0.5,
    "total-correlation": 3,
    dimensions: 2,
  });
  const [z, mean, deviation] = [
    latentsOf(make("beta-tcvae")),
    ...of(terms.mean, terms.standardDeviation!),
  ];
  const logNormal = (x: number, m: number, s: number) =>
    -0.5 * ((x - m) / s) ** 2 - Math.log(s) - 0.5 * Math.log(2 * Math.PI);
  const at = (i: number, k: number, j: number) =>
    logNormal(z![i * latent + j]!, mean![k * latent + j]!, deviation![k * latent + j]!);
  const [rows, dims] = [
    [0, 1, 2, 3, 4],
    [0, 1, 2, 3],
  ];
  const parts = rows.map((i) => {
    const own = sum(dims.map((j) => at(i, i, j)));
    const whole = logSumExp(rows.map((k) => sum(dims.map((j) => at(i, k, j))))) - Math.log(5);
    const product = sum(dims.map((j) => logSumExp(rows.map((k) => at(i, k, j))) - Math.log(5)));
    const prior = sum(dims.map((j) => logNormal(z![i * latent + j]!, 0, 1)));
    return [own - whole, whole - product, product - prior] as const;
  });
  const [loss, reconstruction] = of(terms.loss, terms.reconstruction);
  expectNear(
    loss!,
    parts.map(([a, b, c], i) => reconstruction![i]! + 0.5 * a + 3 * b + 2 * c),
    1e-5,
  );
  const [information, correlation] = of(...graph.metrics.slice(-2));
  expectNear(information!, [meanOf(parts.map(([a]) => a))], 1e-5);
  expectNear(correlation!, [meanOf(parts.map(([, b]) => b))], 1e-5);
});

test("FactorVAE: the discriminator sees each latent in another order of rows", () => {
  const { terms, feeds, of } = make("factor-vae", { width: 5, layers: 1, gamma: 0 });
  const vae = make("vae");
  expectNear(of(terms.loss)[0]!, vae.of(vae.terms.loss)[0]!);
  const softplus = (x: number) => Math.log1p(Math.exp(-Math.abs(x))) + Math.max(x, 0);
  const weights = (name: string) => [...feeds[`discriminator.${name}`]!.data];
  const logit = (x: readonly number[]) => {
    const [w, b, v, c] = ["dense0.weight", "dense0.bias", "output.weight", "output.bias"].map(
      weights,
    );
    const hidden = b!.map((bias, h) => {
      const value = bias + sum(x.map((xj, j) => xj * w![j * 5 + h]!));
      return value > 0 ? value : 0.01 * value;
    });
    return c![0]! + sum(hidden.map((value, h) => value * v![h]!));
  };
  const z = latentsOf(make("factor-vae", { width: 5, layers: 1 }));
  const places = [...feeds[noiseInput("permutation")]!.data];
  const shuffled = places.map((place) => z[place]!);
  const losses = [0, 1, 2, 3, 4].map(
    (i) => 0.5 * (softplus(-logit(row(z, i, latent))) + softplus(logit(row(shuffled, i, latent)))),
  );
  expectNear(of(terms.adversary!.loss)[0]!, losses);
});

test.each(["means", "latents"] as const)("DIP-VAE of %s: covariances of the batch", (of) => {
  const options = { of, "off-diagonal": 2, diagonal: 5 };
  const made = make("dip-vae", options);
  const [mean, deviation, penalty] = made.of(
    made.terms.mean,
    made.terms.standardDeviation!,
    made.terms.batchLoss!,
  );
  const center = [0, 1, 2, 3].map((j) =>
    meanOf([0, 1, 2, 3, 4].map((i) => mean![i * latent + j]!)),
  );
  let expected = 0;
  for (let j = 0; j < latent; j++) {
    for (let k = 0; k < latent; k++) {
      let c = 0;
      for (let i = 0; i < 5; i++) {
        c += ((mean![i * latent + j]! - center[j]!) * (mean![i * latent + k]! - center[k]!)) / 5;
        if (of === "latents" && j === k) c += deviation![i * latent + j]! ** 2 / 5;
      }
      expected += j === k ? 5 * (c - 1) ** 2 : 2 * c ** 2;
    }
  }
  expectNear(penalty!, [expected]);
});

test.each(["imq", "rbf"] as const)("the maximum mean discrepancy by all pairs: %s", (kernel) => {
  const made = make("wae-mmd", { kernel, lambda: 3 });
  const [z, penalty] = made.of(made.terms.mean, made.terms.batchLoss!);
  const prior = [...made.feeds[noiseInput("normal")]!.data];
  const k = (x: number[], y: number[]) => {
    const squared = sum(x.map((value, j) => (value - y[j]!) ** 2));
    if (kernel === "rbf") return Math.exp(-squared / latent);
    return meanOf(
      [0.1, 0.2, 0.5, 1, 2, 5, 10].map((s) => (2 * latent * s) / (2 * latent * s + squared)),
    );
  };
  const pairs = (x: number[], y: number[], same: boolean) => {
    const values: number[] = [];
    for (let i = 0; i < 5; i++) {
      for (let j = 0; j < 5; j++) {
        if (!same || i !== j) values.push(k(row(x, i, latent), row(y, j, latent)));
      }
    }
    return meanOf(values);
  };
  const expected = pairs(z!, z!, true) + pairs(prior, prior, true) - 2 * pairs(z!, prior, false);
  expectNear(penalty!, [(3 / 3) * expected]);
});
