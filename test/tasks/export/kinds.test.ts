// Exported files take and give raw values of every kind of field, and their numbers are elbo's.
import { describe, expect, test } from "vitest";
import { decodingGraph, scoringGraph } from "#elbo/models/exported.js";
import { LATENT, parametersOf } from "#elbo/models/graphs.js";
import { encode } from "#elbo/tasks/encode.js";
import { partOf } from "#elbo/tasks/export/part.js";
import { partGraphs } from "#elbo/tasks/export/parts.js";
import { reconstruct } from "#elbo/tasks/reconstruct.js";
import { useModel } from "#elbo/tasks/stream.js";
import { modelConfig } from "../../models/config.ts";
import { evaluate } from "../../oracle/index.ts";
import { type Case, caseOf, every, genes, picture, runOf, withRole, words3 } from "./every.ts";
import { expectAlike, feedsFor, runNode } from "./ports.ts";

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
  const part = (name: keyof typeof partGraphs) =>
    partOf(schema, run.weights, partGraphs[name](run.config, { mixture: null }));

  test("encoder", async () => {
    const file = part("encoder");
    const expected = await encode(run, source, { ...options, std: true });
    const results = await runNode(file, await feedsFor(file, schema, source));
    expectAlike(results["z"]!, expected.mean, "z");
    expectAlike(results["z_std"]!, expected.standardDeviation!, "z_std");
  });

  test("decoder", async () => {
    const file = part("decoder");
    const { mean } = await encode(run, source, options);
    const results = await runNode(file, await feedsFor(file, schema, source, { z: mean }));
    const expected = await reconstruct(run, source, options);
    for (const [i, { name }] of expected.columns.entries()) {
      const { values } = expected.values[i]!;
      expect(file.outputs.map((port) => port.name)).toContain(name);
      if (name !== "genes" && name !== "note") {
        expectAlike(results[name]!, values as ArrayLike<number>, name);
      }
    }
  });

  test("score", async () => {
    const file = part("score");
    const results = await runNode(file, await feedsFor(file, schema, source));
    const { score, kl, shares } = scoringGraph(schema, run.config.model);
    const graph = { score, kl: kl!, shares };
    for await (const { output } of useModel(run, source, graph, options).chunks) {
      expectAlike(results["neg_elbo"]!, output("score"), "neg_elbo");
      expectAlike(results["kl"]!, output("kl"), "kl");
      expectAlike(results["shares"]!, output("shares"), "shares");
    }
  });
});

test("predict gives the targets as elbo reconstructs them, and probabilities that sum to 1", async () => {
  const targets = [text, count, ordinal, flag, every.positive].map((c) => withRole(c, "target"));
  const { schema, source } = caseOf([real, ...targets]);
  const run = runOf(schema, modelConfig(small));
  const file = partOf(schema, run.weights, partGraphs.predict(run.config, { mixture: null }));
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

test("counts of genes and texts decode as the interpreter has them", async () => {
  const { schema, source } = caseOf([genes, words3]);
  const run = runOf(schema, modelConfig({ ...small, decoding: "one-shot" }));
  const file = partOf(schema, run.weights, partGraphs.decoder(run.config, { mixture: null }));
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
    if (column!.type === "vector") expectAlike(results["genes"]!, column!.values, "genes");
    else {
      const symbols = results["note"] as string[];
      const texts = Array.from({ length: rows }, (_, row) =>
        symbols.slice(5 * row, 5 * row + 5).join(""),
      );
      expect(texts).toEqual(column!.values);
    }
  }
});
