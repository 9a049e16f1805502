// Gradients of several batches for one step: the step of one large batch.
import { expect, test } from "vitest";
import type { TrainOptions } from "#elbo/train/options.js";
import { resolveTraining } from "#elbo/train/settings.js";
import { correlated, grey, mixed, trained } from "./support.ts";

const options = { epochs: 2, seed: 1, validation: 0, latent: 2, optimizer: "sgd" } as const;

const cases: [string, ReturnType<typeof mixed>, TrainOptions][] = [
  ["a VAE of mixed columns with gaps", mixed(250, 0.2), {}],
  ["with clipping and averages", correlated(250, 4), { clip: 0.5, ema: 0.9, optimizer: "adam" }],
  // Its adversary shuffles within each batch, which so few small steps of it do not yet show, at this weight.
  [
    "FactorVAE, of two losses",
    correlated(250, 4),
    { method: "factor-vae", methodOption: { gamma: 10 } },
  ],
  ["VQ-VAE, with assignments", correlated(250, 4), { method: "vq-vae" }],
  ["two phases", correlated(250, 4), { schedule: "two-phase" }],
  ["a ConvNet on two workers", grey(250, 8), { network: "conv:4/8", threads: 2 }],
];

test.each(cases)("%s: 4 batches of 16 are one of 64", async (_, data, given) => {
  // 250 rows: the last step has 58, the last of its batches 10.
  const parts = await trained(data, { ...options, ...given, batch: 16, accumulate: 4 });
  const whole = await trained(data, { ...options, ...given, batch: 64 });
  for (const [i, { train }] of parts.epochs.entries()) {
    const expected = whole.epochs[i]!.train;
    expect(train.loss).not.toBe(0);
    for (const name of ["loss", "reconstruction", "kl"] as const) {
      if (expected[name] === null) continue;
      // Sums of float32 in another order: about 1e-7 of each term, over 8 steps.
      const tolerance = 2e-5 * Math.max(1, Math.abs(expected[name]));
      expect(Math.abs(train[name]! - expected[name]), name).toBeLessThan(tolerance);
    }
  }
});

test("more than the rows to train on are refused", () => {
  expect(() => resolveTraining({ batch: 32, accumulate: 4 }, 100)).toThrow(
    "--accumulate 4 batches of 32 are larger than the data, which has 100 rows to train on",
  );
});
