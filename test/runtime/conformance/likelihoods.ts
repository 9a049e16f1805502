// The likelihoods' log-probabilities and gradients, against mpmath, with no operator that a device
// lacks.
import { gradients } from "#elbo/graph/index.js";
import fixture from "../../fixtures/likelihoods.json" with { type: "json" };
import { families, inputsOf } from "../../prob/families.ts";
import { type Case, evaluate, expectClose } from "./case.ts";
import { tolerance } from "./limits.ts";

/** Random points of each family come first in the fixture; extremes, which no device rounds alike, after. */
const MODERATE = 24;

/**
 * Error over (1 + |value|). The Node tests hold the cpu to the roundings that each value's condition
 * allows; here it is one number for every family and device.
 */
const USUAL = 3e-5;

interface Columns {
  [name: string]: { data: number[] };
}

export const likelihoods: Case[] = families.map(({ family }) => ({
  name: `log-probability and gradients of ${family.name}`,
  async run(device) {
    const { x, parameters } = inputsOf(family);
    const expected = fixture.cases[family.name as "gaussian"];
    const [raw, slopes] = [expected.parameters, expected.gradients] as unknown as Columns[];
    const logProb = family.logProb(x, parameters);
    const parts = gradients(logProb.sum(), parameters);
    const named = family.parameters.map(({ name }, p) => [`d ${name}`, parts[p]!] as const);
    const feeds = Object.fromEntries(
      family.parameters.map(({ name, size }) => [name, raw![name]!.data.slice(0, MODERATE * size)]),
    );
    const received = await evaluate(
      device,
      { logProb, ...Object.fromEntries(named) },
      { x: expected.x.data.slice(0, MODERATE), ...feeds },
      { batch: MODERATE },
    );
    const limit = tolerance(device, family.name, USUAL);
    expectClose(received["logProb"]!, expected.logProb.data.slice(0, MODERATE), "logProb", limit);
    for (const { name, size } of family.parameters) {
      const wanted = slopes![name]!.data.slice(0, MODERATE * size);
      expectClose(received[`d ${name}`]!, wanted, `d ${name}`, limit);
    }
  },
}));
