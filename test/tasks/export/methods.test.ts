// Every method is exported: each of its files gives elbo's numbers.
import { describe, expect, test } from "vitest";
import { isModelled } from "#elbo/fields/field.js";
import { predictionGraph, scoringGraph } from "#elbo/models/exported.js";
import { resolveOptions } from "#elbo/models/method-options.js";
import { type MethodName, methodNames, methods } from "#elbo/models/methods/index.js";
import { Random, streams } from "#elbo/runtime/random.js";
import { encode } from "#elbo/tasks/encode.js";
import { partOf } from "#elbo/tasks/export/part.js";
import { partGraphs } from "#elbo/tasks/export/parts.js";
import type { PartName } from "#elbo/tasks/export/refusals.js";
import { reconstruct } from "#elbo/tasks/reconstruct.js";
import { useModel } from "#elbo/tasks/stream.js";
import { fieldsFor } from "#elbo/train/settings.js";
import { modelConfig } from "../../models/config.ts";
import { caseOf, every, picture, rows, runOf, withRole } from "./every.ts";
import { hostRows } from "./host-rows.ts";
import { expectAlike, feedsFor, runNode } from "./ports.ts";

const options = { threads: 1 };
const small: Record<string, number> = { width: 4, layers: 2, components: 3, samples: 2, codes: 4 };
const { real, second, text, count, flag, positive, date } = every;

const variants: [MethodName, object][] = [
  ...methodNames.map((method): [MethodName, object] => [method, {}]),
  ["rae", { regularizer: "spectral-norm" }],
  ["flow-vae", { flow: "coupling" }],
];

const mixture = {
  weights: Float64Array.of(0.3, 0.7),
  means: [new Float64Array(6).fill(1), new Float64Array(6).fill(-0.5)],
  factors: [1, 0.3].map((scale) =>
    Float64Array.from({ length: 36 }, (_, i) => (i % 7 === 0 ? scale : i % 6 < i / 6 ? 0.1 : 0)),
  ),
  logLikelihood: 0,
};

/** A normal and an even number for every value that could take one. */
function noiseFor(inputs: readonly { name: string; shape: readonly number[] }[]) {
  const width = (name: string) => inputs.find((port) => port.name === name)?.shape[1] ?? 0;
  const random = new Random(8);
  return {
    normals: random.normal(streams.synthetic, 1, rows * width("normals")),
    uniforms: random.uniform(streams.synthetic, 2, rows * width("uniforms")),
  };
}

const withClass = [real, second, count, withRole(text, "target")];
const tables: [string, Parameters<typeof caseOf>[0]][] = [
  ["columns", [real, count, date, positive, flag, withRole(text, "target")]],
  ["an image", [picture, withRole(text, "target")]],
];

describe.each(variants)("%s %j", (method, given) => {
  const widths = method === "vq-vae" ? { width: 2 } : {};
  const limited = Object.entries(small).filter(([name]) => name in methods[method].options);
  const all = { ...Object.fromEntries(limited), ...widths, ...given };
  const config = modelConfig({
    ...{ method, latent: 6, network: { kind: "mlp", hidden: [5] }, activation: "tanh" },
    options: resolveOptions(method, methods[method].options, all),
  });

  test.each(method === "m2" ? [["a class", withClass] as (typeof tables)[number]] : tables)(
    "%s",
    async (_, columns) => {
      const { schema: fields, source } = caseOf(columns);
      const schema = { fields: fieldsFor(method, fields.fields.filter(isModelled)) };
      const run = runOf(schema, config);
      const hasPrior = methods[method].prior !== undefined;
      const context = { mixture: hasPrior ? null : mixture };
      const part = (name: PartName) =>
        partOf(schema, run.weights, partGraphs[name](run.config, context));

      const encoder = part("encoder");
      const { mean } = await encode(run, source, options);
      const { z } = await runNode(encoder, await feedsFor(encoder, schema, source));
      expectAlike(z!, mean, "z");

      const decoder = part("decoder");
      const back = await runNode(decoder, await feedsFor(decoder, schema, source, { z: mean }));
      const expected = await reconstruct(run, source, options);
      for (const [i, { name }] of expected.columns.entries()) {
        expectAlike(back[name]!, expected.values[i]!.values as ArrayLike<number>, name);
      }

      const score = part("score");
      const scores = await runNode(score, await feedsFor(score, schema, source));
      const scoring = scoringGraph(schema, config);
      const graph = { score: scoring.score, shares: scoring.shares };
      for await (const { output } of useModel(run, source, graph, options).chunks) {
        const { probabilistic } = methods[method];
        expectAlike(scores[probabilistic ? "neg_elbo" : "error"]!, output("score"), "score");
        expectAlike(scores["shares"]!, output("shares"), "shares");
      }

      const predict = part("predict");
      const predicted = await runNode(predict, await feedsFor(predict, schema, source));
      const [prediction] = predictionGraph(schema, config);
      const outputs = { probabilities: prediction!.probabilities! };
      for await (const { output } of useModel(run, source, outputs, options).chunks) {
        const padded = output("probabilities");
        const depth = padded.length / rows;
        const p = Array.from({ length: rows }, (_, i) => {
          const own = padded.subarray(i * depth, i * depth + 3);
          return [...own].map((each) => each / own.reduce((sum, value) => sum + value, 0));
        });
        expectAlike(predicted["city_p"]!, p.flat(), "city_p");
      }
      const city = expected.columns.findIndex(({ name }) => name === "city");
      const cities = expected.values[city]!.values as ArrayLike<string>;
      expectAlike(predicted["city_predicted"]!, cities, "city_predicted");

      const sample = part("sample");
      const noise = noiseFor(sample.inputs);
      const made = await runNode(sample, await feedsFor(sample, schema, source, { ...noise }));
      const host = await hostRows(run, rows, noise, context.mixture);
      expect(Object.keys(made)).toHaveLength(host.columns.size + host.parameters.size);
      for (const [name, { values }] of host.columns) {
        expectAlike(made[name]!, values as ArrayLike<number>, name);
      }
      for (const [name, values] of host.parameters) expectAlike(made[name]!, values, name);
    },
  );
});
