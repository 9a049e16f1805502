// How precise the special functions are over (1e-4, 1e6), against mpmath.
import { BATCH, input } from "#elbo/graph/index.js";
import fixture from "../../fixtures/special.json" with { type: "json" };
import { type Case, evaluate, expectClose } from "./case.ts";
import { tolerance } from "./limits.ts";

/** Error over (1 + |value|) on every device that ./limits.ts has nothing about. */
const USUAL = 1e-6;

const x = input("x", [BATCH]);
const r = input("r", [BATCH]);

type Name = keyof typeof fixture.functions;

export const special: Case[] = [
  ...(Object.keys(fixture.functions) as Name[]).map(
    (name): Case => ({
      name: `precision of ${name}`,
      async run(device) {
        const { x: places, y } = fixture.functions[name];
        const batch = places.length;
        const { out } = await evaluate(device, { out: x[name]() }, { x: places }, { batch });
        expectClose(out!, y, name, tolerance(device, name, USUAL));
      },
    }),
  ),
  {
    name: "precision of lgammaDifference",
    async run(device) {
      const { k, r: counts, value } = fixture.lgammaDifference;
      const feeds = { x: k, r: counts };
      const outputs = { out: x.lgammaDifference(r) };
      const { out } = await evaluate(device, outputs, feeds, { batch: k.length });
      const limit = tolerance(device, "lgammaDifference", USUAL);
      expectClose(out!, value, "lgammaDifference", limit);
    },
  },
];
