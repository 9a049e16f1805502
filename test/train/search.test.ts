// What a sweep draws.
import { expect, test } from "vitest";
import { drawTrial, parseSearch } from "#elbo/train/search.js";

test("ranges, choices with commas in them, and what is neither", () => {
  expect(parseSearch("latent=2..32,lr=1e-4..1e-2,network=mlp:64,64|mlp:256,beta=1..4")).toEqual([
    { kind: "range", name: "latent", low: 2, high: 32, whole: true, log: true },
    { kind: "range", name: "lr", low: 1e-4, high: 1e-2, whole: false, log: true },
    { kind: "choice", name: "network", choices: ["mlp:64,64", "mlp:256"] },
    { kind: "range", name: "beta", low: 1, high: 4, whole: false, log: false },
  ]);
  for (const text of [
    "latent",
    "latent=3",
    "beta=4..1",
    "latent=1.5..3",
    "a=1..2,a=2..3",
    "lr=x..2",
  ]) {
    expect(() => parseSearch(text), text).toThrow("--search is");
  }
});

test("draws lie in their ranges, evenly, and hang on the seed and the trial alone", () => {
  const axes = parseSearch("latent=2..5,lr=1e-4..1e-2,method=ae|vae|rae,beta=1..4");
  const trials = Array.from({ length: 4000 }, (_, trial) => drawTrial(axes, 7, trial));
  expect(drawTrial(axes, 7, 99)).toEqual(trials[99]);
  expect(drawTrial(axes, 8, 99)).not.toEqual(trials[99]);
  const counts = (name: string) => {
    const found = new Map<string, number>();
    for (const trial of trials) found.set(trial[name]!, (found.get(trial[name]!) ?? 0) + 1);
    return found;
  };
  // Each count is binomial; five standard deviations.
  for (const [name, levels] of [
    ["latent", ["2", "3", "4", "5"]],
    ["method", ["ae", "vae", "rae"]],
  ] as const) {
    const found = counts(name);
    expect([...found.keys()].sort()).toEqual([...levels].sort());
    const p = 1 / levels.length;
    const width = 5 * Math.sqrt(4000 * p * (1 - p));
    for (const count of found.values()) expect(Math.abs(count - 4000 * p)).toBeLessThan(width);
  }
  // Half of the rates lie below the geometric mean, half of the betas below the middle.
  const below = (name: string, middle: number) =>
    trials.filter((trial) => Number(trial[name]) < middle).length;
  const width = 5 * Math.sqrt(4000 / 4);
  expect(Math.abs(below("lr", 1e-3) - 2000)).toBeLessThan(width);
  expect(Math.abs(below("beta", 2.5) - 2000)).toBeLessThan(width);
  for (const trial of trials) {
    expect(Number(trial["lr"])).toBeGreaterThanOrEqual(1e-4);
    expect(Number(trial["lr"])).toBeLessThanOrEqual(1e-2);
  }
});
