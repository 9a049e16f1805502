// Exported files take and give raw values of every kind of field, and their numbers are elbo's.
import { describe, expect, test } from "vitest";
import { scoringGraph } from "#elbo/models/exported.js";
import { encode } from "#elbo/tasks/encode.js";
import { partOf } from "#elbo/tasks/export/part.js";
import { partGraphs } from "#elbo/tasks/export/parts.js";
import { reconstruct } from "#elbo/tasks/reconstruct.js";
import { useModel } from "#elbo/tasks/stream.js";
import { modelConfig } from "../../models/config.ts";
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
