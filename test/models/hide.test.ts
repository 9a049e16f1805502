// Cells that are hidden from the encoder while it learns: it sees the others, and is told which.
import { expect, test } from "vitest";
import { layoutOf, noiseInput, rowsInput } from "#elbo/fields/layout.js";
import { Body } from "#elbo/models/body.js";
import { NoiseSource } from "#elbo/models/noise.js";
import { Parameters } from "#elbo/nn/parameters.js";
import { real, schemaOf } from "../fields/schemas.ts";
import { evaluate } from "../oracle/index.ts";
import { modelConfig } from "./config.ts";

const schema = schemaOf(
  real("a", { gaps: false }),
  real("b", { gaps: false }),
  real("c", { gaps: false, role: "condition" }),
);
const options = { drawn: true, training: true, cut: null, gaps: false };
const config = modelConfig({ latent: 1, network: { kind: "mlp", hidden: [] }, hide: 0.25 });
const { mean, deviation } = real("a");

const matrix = (values: number[][]) => ({
  shape: [values.length, values[0]!.length],
  data: values.flat(),
});

test("a row hides cells below its own share, which goes to twice the mean one", () => {
  const body = Body.of(schema, config, new Parameters(), options).hiding(new NoiseSource());
  const [data, condition] = layoutOf(schema);
  const rows = [0, 1, 2].map((i) => [1 + i, 4 + i]);
  // Shares of 0.45, 0.25 and 0 of the cells.
  const shares = [[0.9], [0.5], [0]];
  const chance = [
    [0.44, 0.46],
    [0.1, 0.24],
    [0, 0.9],
  ];
  const feeds = {
    [rowsInput(data!)]: matrix(rows),
    [rowsInput(condition!)]: matrix([[7], [8], [9]]),
    [noiseInput("uniform", 0)]: matrix(shares),
    [noiseInput("uniform", 1)]: matrix(chance),
  };
  const seen = [...evaluate([body.features().flat!], feeds, 3)[0]!.data];
  const scaled = (x: number) => (x - mean) / deviation;
  const expected = rows.flatMap((row, i) => {
    const kept = row.map((_, j) => +(chance[i]![j]! >= shares[i]![0]! * 0.5));
    return [...row.map((x, j) => scaled(x) * kept[j]!), ...kept, scaled(7 + i)];
  });
  expect(seen.length).toBe(expected.length);
  for (const [i, value] of expected.entries()) expect(seen[i]).toBeCloseTo(value, 6);
  expect(expected.filter((value) => value === 0).length).toBeGreaterThan(3);
});

test("what the decoder has to give is all that is there", () => {
  const whole = Body.of(schema, config, new Parameters(), options);
  expect(whole.hiding(new NoiseSource()).decoded).toEqual(whole.decoded);
  const plain = Body.of(schema, modelConfig({ latent: 1 }), new Parameters(), options);
  expect(plain.hiding(new NoiseSource())).toBe(plain);
});
