// Schedules of the learning rate against PyTorch's schedulers, and what is refused of them.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import {
  type LearningRatePlan,
  learningRateFactor,
  parseDrops,
} from "#elbo/train/learning-rate.js";
import { checkOptions } from "#elbo/train/options.js";
import { resolveTraining } from "#elbo/train/settings.js";
import { correlated, trained } from "./support.ts";

const fixture = JSON.parse(readFileSync("test/fixtures/learning_rates.json", "utf8")) as {
  steps: number;
  perEpoch: number;
  factors: Record<string, number[]>;
};

const plans: Record<string, LearningRatePlan> = {
  "constant-warmup": { schedule: { name: "constant" }, warmup: 2 },
  cosine: { schedule: { name: "cosine" }, warmup: 0 },
  "cosine-warmup": { schedule: { name: "cosine" }, warmup: 2 },
  "step-every": { schedule: { name: "step", drops: { every: 3 }, factor: 0.5 }, warmup: 0 },
  "step-at": { schedule: { name: "step", drops: { at: [1, 4, 9] }, factor: 0.1 }, warmup: 0 },
  "one-cycle": { schedule: { name: "one-cycle" }, warmup: 0 },
};

test.each(Object.keys(plans))("%s is PyTorch's", (name) => {
  const { steps, perEpoch, factors } = fixture;
  const expected = factors[name]!;
  expect(expected).toHaveLength(steps);
  // PyTorch's cosine and steps are recurrences in float64: a rounding a step.
  for (const [step, factor] of expected.entries()) {
    const ours = learningRateFactor(plans[name]!, step, steps, perEpoch);
    expect(Math.abs(ours - factor), `step ${step}`).toBeLessThan(steps * 2 ** -52);
  }
});

test("every schedule gives positive rates of at most 1, also of a run of one step", () => {
  for (const plan of Object.values(plans)) {
    for (const steps of [1, 2, 3, 7, 100]) {
      for (let step = 0; step < steps; step++) {
        const factor = learningRateFactor(plan, step, steps, 3);
        expect(factor).toBeGreaterThan(0);
        expect(factor).toBeLessThanOrEqual(1);
      }
    }
  }
});

test("drops are read, and what is none is refused", () => {
  expect(parseDrops("every:30")).toEqual({ every: 30 });
  expect(parseDrops("at:60,120")).toEqual({ at: [60, 120] });
  for (const text of ["30", "every:0", "every:3,4", "at:", "at:60,60", "at:0.5", "every:-3"]) {
    expect(() => parseDrops(text), text).toThrow(`received "${text}"`);
  }
});

test("options that do not go together are refused", () => {
  const of = (options: Parameters<typeof checkOptions>[0]) => () => {
    checkOptions(options);
    resolveTraining(options, 1000);
  };
  expect(of({ lrSchedule: "step" })).toThrow("none are given");
  expect(of({ lrSteps: "every:3" })).toThrow("--lr-steps belongs to --lr-schedule step");
  expect(of({ lrFactor: 0.5 })).toThrow("--lr-factor belongs to --lr-schedule step");
  expect(of({ lrSchedule: "one-cycle", lrWarmup: 2 })).toThrow("a rise of its own");
  expect(of({ lrFactor: 2 })).toThrow("--lr-factor");
});

test("a rate that has fallen to almost nothing leaves the weights where they are", async () => {
  const options = { epochs: 8, batch: 50, seed: 1, validation: 0, latent: 2 } as const;
  const { epochs } = await trained(correlated(200, 4), {
    ...options,
    lrSchedule: "step",
    lrSteps: "at:1",
    lrFactor: 1e-12,
  });
  const plain = await trained(correlated(200, 4), options);
  expect(epochs[0]!.train.loss).toBe(plain.epochs[0]!.train.loss);
  const falls = plain.epochs[1]!.train.loss - plain.epochs[7]!.train.loss;
  // The losses of unmoved weights differ by their draws alone.
  expect(Math.abs(epochs[1]!.train.loss - epochs[7]!.train.loss)).toBeLessThan(falls / 2);
});
