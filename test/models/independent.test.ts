// Columns alone, by their statistics: what a model must do better than.
import { expect, test } from "vitest";
import type { FieldSchema } from "#elbo/fields/field.js";
import { layoutOf, maskInput, rowsInput } from "#elbo/fields/layout.js";
import { independentGraph } from "#elbo/models/graphs.js";
import { expectNear, logGaussian, logNegativeBinomial } from "../fields/groups/densities.ts";
import { measuredBy } from "../fields/measured-by.ts";
import { binary, categorical, count, positive, real, schemaOf, time } from "../fields/schemas.ts";
import { evaluate } from "../oracle/index.ts";
import { spread } from "../runtime/conformance/case.ts";
import { modelConfig } from "./config.ts";

const config = modelConfig({ latent: 1, network: { kind: "mlp", hidden: [] } });

/** −log p of each row of the one group that is fed, by `independentGraph`. */
function independent(
  schema: FieldSchema,
  cells: readonly (readonly number[])[],
  mask?: number[][],
) {
  const { parameters, outputs } = independentGraph(schema, config);
  const [layout] = layoutOf(schema);
  const matrix = (values: readonly (readonly number[])[]) => ({
    shape: [values.length, values[0]!.length],
    data: values.flat(),
  });
  const feeds = {
    [rowsInput(layout!)]: matrix(cells),
    [maskInput(layout!)]: matrix(mask ?? cells.map((row) => row.map(() => 1))),
    ...Object.fromEntries(
      parameters.specs.map(({ name, shape, initializer }) => {
        if (!("value" in initializer)) throw new Error(`${name} begins by chance`);
        const size = shape.reduce((a, b) => a * b, 1);
        return [name, { shape, data: new Array<number>(size).fill(initializer.value) }];
      }),
    ),
  };
  return [...evaluate([outputs.reconstruction], feeds, cells.length)[0]!.data];
}

test("real columns are Gaussians of their mean and deviation; missing ones say nothing", () => {
  const schema = schemaOf(
    real("a", { mean: 3, deviation: 2 }),
    real("b", { mean: -70, deviation: 0.5 }),
  );
  const [a, b] = [
    [3, 4.5, -2],
    [-70.25, -69, -71.5],
  ] as const;
  const rows = a.map((value, i) => [value, b[i]!]);
  const [ofA, ofB] = [a.map((x) => -logGaussian(x, 3, 2)), b.map((x) => -logGaussian(x, -70, 0.5))];
  const mask = [
    [1, 1],
    [1, 0],
    [0, 1],
  ];
  expectNear(independent(schema, rows, mask), [ofA[0]! + ofB[0]!, ofA[1]!, ofB[2]!]);
});
test("the scale of a column that is rounded is no less than rounding leaves", () => {
  const schema = schemaOf(real("a", { mean: 0, deviation: 1, resolution: 1 }));
  expectNear(independent(schema, [[0.5]]), [-logGaussian(0.5, 0, 1 + 1 / Math.sqrt(2 * Math.PI))]);
});
test("binary columns are Bernoullis of their share of ones", () => {
  const schema = schemaOf(binary("a", { mean: 0.2 }), binary("b", { mean: 0.75 }));
  expectNear(
    independent(schema, [
      [1, 1],
      [0, 0],
    ]),
    [-Math.log(0.2 * 0.75), -Math.log(0.8 * 0.25)],
  );
});
test("categorical columns have the shares of their levels", () => {
  const levels = ["a", "b", "c"];
  const schema = schemaOf(categorical("a", levels, { shares: [0.5, 0.4, 0.1] }));
  // The level of everything that training has not seen has its part.
  const shares = [0.5, 0.4, 0.1, 1e-5].map((share) => share / 1.00001);
  const rows = shares.map((_, k) => [k]);
  expectNear(
    independent(schema, rows),
    shares.map((share) => -Math.log(share)),
  );
});
test("log-normal columns are so by the mean and deviation of their logarithms", () => {
  const schema = schemaOf(
    positive("a", { mean: 1.5, deviation: 0.75 }),
    positive("b", { mean: -2, deviation: 1.5, offset: 0.25 }),
  );
  const log = (x: number, mean: number, deviation: number) =>
    logGaussian(Math.log(x), mean, deviation) - Math.log(x);
  expectNear(
    independent(schema, [
      [4, 0],
      [0.5, 3],
    ]),
    [-log(4, 1.5, 0.75) - log(0.25, -2, 1.5), -log(0.5, 1.5, 0.75) - log(3.25, -2, 1.5)],
  );
});
test("behind a hurdle zeros have their share, and the others are log-normals", () => {
  const hurdle = { likelihood: "hurdle-log-normal", zeros: 0.75 } as const;
  const schema = schemaOf(positive("a", { ...hurdle, mean: 1.5, deviation: 0.75 }));
  const above = logGaussian(Math.log(4), 1.5, 0.75) - Math.log(4);
  expectNear(independent(schema, [[0], [4]]), [-Math.log(0.75), -Math.log(0.25) - above]);
});
test("count columns are negative binomials by their mean and dispersion", () => {
  const schema = schemaOf(
    count("a", { logMean: Math.log(6), logInverseDispersion: Math.log(2.5) }),
  );
  expectNear(independent(schema, [[0], [11]]), [
    -logNegativeBinomial(0, 6, 2.5),
    -logNegativeBinomial(11, 6, 2.5),
  ]);
});
test("moments are Gaussians in days", () => {
  const schema = schemaOf(time("t", false, { mean: 19_000.5, deviation: 30, resolution: 0 }));
  expectNear(independent(schema, [[19_010, 64_800_000]], [[1]]), [
    -logGaussian(19_010.75, 19_000.5, 30),
  ]);
});

test("measured columns cost their entropy: a Gaussian's and that of levels", async () => {
  // Of two columns in two groups, each alone.
  const values = Float32Array.from(spread(500, -3, 9));
  const codes = Int32Array.from({ length: 500 }, (_, i) => (i * i) % 3);
  async function* pieces(group: string, packed: Float32Array | Int32Array) {
    const groups = new Map([[group, { type: "dense", values: packed } as const]]);
    yield { rows: packed.length, groups, weights: null };
  }
  const mean = (list: readonly number[]) => list.reduce((sum, x) => sum + x, 0) / list.length;
  const numbers = await measuredBy(schemaOf(real("a")), pieces("data-real-gaussian", values));
  const [field] = numbers.fields;
  if (field?.kind !== "real" || !("deviation" in field)) throw new Error("no real field");
  // Without its resolution, which widens the scale.
  const smooth = schemaOf({ ...field, resolution: 0, gaps: true });
  const average = mean([...values]);
  const variance = mean([...values].map((x) => (x - average) ** 2));
  const cost = mean(
    independent(
      smooth,
      [...values].map((x) => [x]),
    ),
  );
  expect(cost).toBeCloseTo(0.5 * Math.log(2 * Math.PI * Math.E * variance), 6);

  const levels = schemaOf(categorical("c", ["a", "b", "c"]));
  const [group] = layoutOf(levels);
  const measured = await measuredBy(levels, pieces(group!.name, codes));
  const shares = [0, 1, 2].map((k) => codes.filter((code) => code === k).length / 500);
  const entropy = -shares.reduce((sum, p) => sum + (p > 0 ? p * Math.log(p) : 0), 0);
  expect(measured.fields[0]).toMatchObject({ shares });
  const schema = schemaOf({ ...measured.fields[0]!, gaps: true } as (typeof levels.fields)[0]);
  // Two levels, of which training has not seen one, have 1e-5 each.
  expect(
    mean(
      independent(
        schema,
        [...codes].map((code) => [code]),
      ),
    ),
  ).toBeCloseTo(entropy, 4);
});
