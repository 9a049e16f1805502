// Every method is exported: each of its files gives elbo's numbers.
import { describe, test } from "vitest";
import { isModelled } from "#elbo/fields/field.js";
import { predictionGraph } from "#elbo/models/exported.js";
import { type MethodName, methodNames, methods } from "#elbo/models/methods/index.js";
import { reconstruct } from "#elbo/tasks/reconstruct.js";
import { useModel } from "#elbo/tasks/stream.js";
import { fieldsFor } from "#elbo/train/settings.js";
import { modelConfig, smallOptions } from "../../models/config.ts";
import { caseOf, every, picture, rows, runOf, withRole } from "./every.ts";
import { decoderIsLike, encoderIsLike, fileOf, sampleIsLike, scoreIsLike } from "./likeness.ts";
import { expectAlike, feedsFor, runNode } from "./ports.ts";

const options = { threads: 1 };
const small: Record<string, number> = { width: 4, layers: 2, components: 3, samples: 2, codes: 4 };
const { real, second, text, count, flag, positive, date } = every;

const variants: [MethodName, Record<string, string>][] = [
  ...methodNames.map((method): (typeof variants)[number] => [method, {}]),
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

const withClass = [real, second, count, withRole(text, "target")];
const tables: [string, Parameters<typeof caseOf>[0]][] = [
  ["columns", [real, count, date, positive, flag, withRole(text, "target")]],
  ["an image", [picture, withRole(text, "target")]],
];

describe.each(variants)("%s %j", (method, given) => {
  const config = modelConfig({
    ...{ method, latent: 6, network: { kind: "mlp", hidden: [5] }, activation: "tanh" },
    options: smallOptions(method, small, given),
  });

  test.each(method === "m2" ? [["a class", withClass] as (typeof tables)[number]] : tables)(
    "%s",
    async (_, columns) => {
      const { schema: fields, source } = caseOf(columns);
      const schema = { fields: fieldsFor(method, fields.fields.filter(isModelled)) };
      const run = runOf(schema, config);
      const z = await encoderIsLike(run, source);
      await decoderIsLike(run, source, z);
      await scoreIsLike(run, source);
      await sampleIsLike(run, source, methods[method].prior ? null : mixture);

      const predict = fileOf(run, "predict");
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
      const expected = await reconstruct(run, source, options);
      const city = expected.columns.findIndex(({ name }) => name === "city");
      const cities = expected.values[city]!.values as ArrayLike<string>;
      expectAlike(predicted["city_predicted"]!, cities, "city_predicted");
    },
  );
});
