// Exported files take and give raw values of every kind of field, and their numbers are elbo's.
import { describe, expect, test } from "vitest";
import { likelihoods } from "#elbo/fields/field.js";
import { decodingGraph } from "#elbo/models/exported.js";
import { LATENT, parametersOf } from "#elbo/models/graphs.js";
import { encode } from "#elbo/tasks/encode.js";
import { radiiOf } from "#elbo/tasks/export/export.js";
import { predict } from "#elbo/tasks/predict.js";
import { reconstruct } from "#elbo/tasks/reconstruct.js";
import { sample } from "#elbo/tasks/sample.js";
import { modelConfig } from "../../models/config.ts";
import { evaluate } from "../../oracle/index.ts";
import { type Case, caseOf, every, genes, picture, runOf, withRole, words3 } from "./every.ts";
import { decoderIsLike, encoderIsLike, fileOf, sampleIsLike, scoreIsLike } from "./likeness.ts";
import { expectAlike, type Feeds, feedsFor, runNode } from "./ports.ts";

const { real, text, date, count, flag, ordinal, many, vector } = every;
const options = { threads: 1 };
const small = { latent: 3, network: { kind: "mlp", hidden: [6] }, activation: "tanh" } as const;

const cases: [string, Case, object][] = [
  ...Object.entries(every).map(([name, column]): [string, Case, object] => [
    `a column: ${name}`,
    caseOf([column, real === column ? every.second : real]),
    {},
  ]),
  ["a table of all of them", caseOf(Object.values(every)), {}],
  ["an image", caseOf([picture]), {}],
  ["counts of genes", caseOf([genes]), {}],
  ["a text", caseOf([words3, text]), { decoding: "one-shot" }],
  [
    "conditions",
    caseOf([real, flag, ...[text, date, many, vector].map((each) => withRole(each, "condition"))]),
    {},
  ],
  [
    "targets",
    caseOf([real, ...[text, count, ordinal, flag].map((c) => withRole(c, "target"))]),
    {},
  ],
];

describe.each(cases)("%s", (_, { schema, source }, more) => {
  const run = runOf(schema, modelConfig({ ...small, ...more }));

  test("encoder", async () => {
    await encoderIsLike(run, source);
  });

  test("decoder", async () => {
    const { mean } = await encode(run, source, options);
    // Of genes elbo knows the row's sum: below.
    await decoderIsLike(run, source, mean, ["genes"]);
  });

  test("score", () => scoreIsLike(run, source));
});

/** Columns of every likelihood that a kind has. */
const chosen = Object.entries(likelihoods).flatMap(([kind, names]) => {
  const of: Partial<Record<string, (typeof every)[keyof typeof every] | typeof picture>> = {
    ...{ real, positive: every.positive, count, binary: flag, categorical: text, ordinal },
    ...{ time: every.moment, vector, image: picture },
  };
  const column = of[kind];
  if (!column) return [];
  return names.map((likelihood) => ({ title: `${kind}, ${likelihood}`, column, likelihood }));
});

test.each(chosen)("$title: every part", async ({ column, likelihood }) => {
  const counted = likelihood === "negative-binomial" && column === vector;
  const field = { ...(counted ? genes : column).field, likelihood } as typeof column.field;
  const unit = { mean: 0, deviation: 1, decimals: null };
  const bits = column === real && likelihood.endsWith("bernoulli");
  const own = bits
    ? {
        field: { ...field, ...unit } as typeof column.field,
        info: column.info,
        values: { type: "number", values: Float64Array.from({ length: 12 }, (_, i) => i / 11) },
      }
    : { ...(counted ? genes : column), field };
  const { schema, source } = caseOf([own as typeof picture, every.second]);
  const run = runOf(schema, modelConfig(small));
  const z = await encoderIsLike(run, source);
  await decoderIsLike(run, source, z, ["genes"]);
  await scoreIsLike(run, source);
  await sampleIsLike(run, source, null);
});

test.each([
  { bytes: false, low: -1, high: 2, likelihood: "gaussian" },
  { bytes: true, low: 0, high: 255, binarize: "threshold" },
  { bytes: true, low: 0, high: 255, binarize: "dynamic" },
] as const)("images of %j", async (more) => {
  const pixels = picture.values.values as Uint8Array;
  const values = more.bytes ? pixels : Float32Array.from(pixels, (v) => v / 85 - 1);
  const field = { ...picture.field, ...more } as typeof picture.field;
  const { schema, source } = caseOf([{ ...picture, field, values: { type: "image", values } }]);
  const run = runOf(schema, modelConfig(small));
  const z = await encoderIsLike(run, source);
  await decoderIsLike(run, source, z);
  await scoreIsLike(run, source);
  await sampleIsLike(run, source, null);
});

test.each([
  { network: { kind: "mlp", hidden: [6] } },
  { network: { kind: "transformer", width: 8, layers: 2, dense: [] } },
  { network: { kind: "mlp", hidden: [6] }, decoding: "one-shot" },
] as const)("texts by %j: every part", async (more) => {
  const { schema, source } = caseOf([words3, real]);
  const run = runOf(schema, modelConfig({ ...small, ...more }));
  const z = await encoderIsLike(run, source);
  await decoderIsLike(run, source, z);
  await scoreIsLike(run, source);
  await sampleIsLike(run, source, null);
  // Texts that all were the same would tell nothing.
  const made = await sample(run, 12, options);
  const place = made.columns.findIndex(({ name }) => name === "note");
  expect(new Set(made.values[place]!.values as string[]).size).toBeGreaterThan(3);
});

test("columns may be called anything", async () => {
  const names = ["z", "", "_0", "kl", "normals", "shares", "z_std", "encoder.layer0.weight", "z_2"];
  const columns = names.map((name) => ({
    ...every.gamma,
    field: { ...every.gamma.field, name },
    info: { ...every.gamma.info, name },
  }));
  const { schema, source } = caseOf(columns);
  const run = runOf(schema, modelConfig(small));
  const file = fileOf(run, "encoder");
  expect(file.inputs.map(({ name }) => name)).toEqual([
    ...["z_2", "column", "column_0", "kl", "normals", "shares", "z_std_2"],
    ...["encoder.layer0.weight", "z_2_2"],
  ]);
  const feeds: Feeds = {};
  for (const [i, port] of file.inputs.entries()) {
    feeds[port.name] = { port, data: columns[i]!.values.values as Float64Array, shape: [12] };
  }
  const { mean } = await encode(run, source, options);
  expectAlike((await runNode(file, feeds))["z"]!, mean, "z");
  for (const part of ["decoder", "score", "sample"] as const) {
    const { inputs, outputs } = fileOf(run, part);
    const all = [...inputs, ...outputs].map(({ name }) => name);
    expect(new Set(all).size).toBe(all.length);
  }
});

test("a row's numbers are the same whatever rows are beside it", async () => {
  const { schema, source } = caseOf(Object.values(every));
  const file = fileOf(runOf(schema, modelConfig(small)), "score");
  const whole = await feedsFor(file, schema, source);
  const together = await runNode(file, whole);
  for (const row of [0, 5, 11]) {
    const alone = Object.entries(whole).map(([name, { port, data, shape }]) => {
      const width = data.length / 12;
      const own = data.slice(row * width, (row + 1) * width);
      return [name, { port, data: own, shape: shape.with(0, 1) }] as const;
    });
    const results = await runNode(file, Object.fromEntries(alone));
    expectAlike([results["neg_elbo"]![0]!], [together["neg_elbo"]![row]!], "alone");
  }
});

test("predict gives the targets as elbo reconstructs them, and probabilities that sum to 1", async () => {
  const targets = [text, count, ordinal, flag, every.positive].map((c) => withRole(c, "target"));
  const { schema, source } = caseOf([real, ...targets]);
  const run = runOf(schema, modelConfig(small));
  const file = fileOf(run, "predict");
  expect(file.inputs.map(({ name }) => name)).toEqual(["height"]);
  expect(file.outputs.map(({ name }) => name)).toEqual([
    ...["city_predicted", "city_p", "visits_predicted", "size_predicted", "size_p"],
    ...["member_predicted", "member_p", "income_predicted"],
  ]);
  const results = await runNode(file, await feedsFor(file, schema, source));
  const expected = await reconstruct(run, source, options);
  for (const { field } of targets) {
    const place = expected.columns.findIndex(({ name }) => name === field.name);
    const { values } = expected.values[place]!;
    expectAlike(results[`${field.name}_predicted`]!, values as ArrayLike<number>, field.name);
  }
  for (const [name, levels] of [
    ["city", ["Bern", "Zürich", "d'Or"]],
    ["size", ["S", "M", "L", "XL"]],
  ] as const) {
    const p = results[`${name}_p`] as Float32Array;
    for (let row = 0; row < p.length / levels.length; row++) {
      const own = p.subarray(row * levels.length, (row + 1) * levels.length);
      expect(own.reduce((sum, each) => sum + each, 0)).toBeCloseTo(1, 5);
      const best = levels[own.indexOf(Math.max(...own))];
      expect(results[`${name}_predicted`]![row]).toBe(best);
    }
  }
  const [bits, p] = [results["member_predicted"]!, results["member_p"]!];
  for (let row = 0; row < bits.length; row++)
    expect(bits[row]).toBe((p[row] as number) > 0.5 ? 1 : 0);
});

test("probabilities are those of elbo predict, at the temperatures of rows held out", async () => {
  const targets = [text, ordinal, flag].map((c) => withRole(c, "target"));
  const { schema, source } = caseOf([real, ...targets]);
  const temperatures = new Map([
    ["city", 2.5],
    ["size", 0.4],
    ["member", 3],
  ]);
  const calibration = async () => ({ temperatures, errors: new Map<string, Float32Array>() });
  const run = { ...runOf(schema, modelConfig(small)), calibration };
  const file = fileOf(run, "predict", null, temperatures);
  const results = await runNode(file, await feedsFor(file, schema, source));
  const { columns, values, rows } = await predict(run, source, options);
  const column = (name: string) =>
    values[columns.findIndex((each) => each.name === name)]!.values as ArrayLike<number>;
  for (const [name, levels] of [
    ["city", ["Bern", "Zürich", "d'Or"]],
    ["size", ["S", "M", "L", "XL"]],
  ] as const) {
    const all = Array.from({ length: rows }, (_, row) =>
      levels.map((level) => column(`${name}_p_${level}`)[row]!),
    );
    expectAlike(results[`${name}_p`]!, all.flat(), name);
  }
  expectAlike(results["member_p"]!, column("member_p_true"), "member");
  const plain = await runNode(fileOf(run, "predict"), await feedsFor(file, schema, source));
  expect(results["city_p"]).not.toEqual(plain["city_p"]);
});

test("intervals are those of elbo predict, as far as rows held out were off", async () => {
  const { positive, hurdle, moment, second } = every;
  const kinds = [positive, hurdle, count, moment, date, second];
  const targets = kinds.map((each) => withRole(each, "target"));
  const { schema, source } = caseOf([real, ...targets]);
  const errors = new Map(
    targets.map(({ field: { name, kind } }, t) => {
      const far = kind === "time" ? 86_400_000 : 1;
      return [name, Float32Array.from({ length: 30 }, (_, i) => far * (i + 1) * (0.01 + t / 40))];
    }),
  );
  const calibration = async () => ({ temperatures: new Map<string, number>(), errors });
  const run = { ...runOf(schema, modelConfig(small)), calibration };
  const file = fileOf(run, "predict", null, new Map(), radiiOf(errors));
  const names = targets.flatMap(({ field: { name } }) =>
    ["predicted", "low", "high"].map((end) => `${name}_${end}`),
  );
  expect(new Set(file.outputs.map(({ name }) => name))).toEqual(new Set(names));
  const results = await runNode(file, await feedsFor(file, schema, source));
  const { columns, values } = await predict(run, source, options);
  for (const name of names) {
    const own = values[columns.findIndex((each) => each.name === name)]!.values;
    expectAlike(results[name]!, own as ArrayLike<number>, name);
  }
  // Fewer held-out rows than an interval of 90 % takes tell none.
  const few = radiiOf(new Map([[second.field.name, Float32Array.of(1, 2, 3)]]));
  expect(few.size).toBe(0);
});

test("counts of genes decode as the interpreter has them", async () => {
  const { schema, source } = caseOf([genes, real]);
  const run = runOf(schema, modelConfig(small));
  const file = fileOf(run, "decoder");
  const { mean, rows } = await encode(run, source, options);
  const results = await runNode(file, await feedsFor(file, schema, source, { z: mean }));
  const graph = decodingGraph(schema, run.config.model);
  const weights = Object.entries(Object.fromEntries(run.weights));
  const shapes = new Map(
    parametersOf(schema, run.config.model).specs.map(({ name, shape }) => [name, shape]),
  );
  const feeds = Object.fromEntries([
    ...weights.map(([name, data]) => [name, { shape: shapes.get(name)!, data }] as const),
    [LATENT, { shape: [rows, 3], data: mean }] as const,
  ]);
  const tensors = graph.map(({ values }) => values);
  for (const [i, { data }] of evaluate(tensors, feeds, rows).entries()) {
    const { group } = graph[i]!;
    const [column] = group.columns(Float32Array.from(data), rows);
    const { name } = group.layout.fields[0]!;
    expectAlike(results[name]!, column!.values as ArrayLike<number>, name);
  }
});
