// Every method: its graphs compute, in every form they are used in, with every network that suits
// it, and the gradients of its losses are those of central differences.
import { describe, expect, test } from "vitest";
import { type FieldSchema, isModelled } from "#elbo/fields/field.js";
import type { Tensor } from "#elbo/graph/index.js";
import { topological } from "#elbo/graph/tensor.js";
import {
  encodingGraph,
  evaluationGraph,
  priorGraph,
  reconstructionGraph,
  samplingGraph,
  trainingGraph,
  validationGraph,
} from "#elbo/models/graphs.js";
import { type MethodName, methodNames, methods } from "#elbo/models/methods/index.js";
import type { ModelConfig } from "#elbo/models/model.js";
import { fieldsFor } from "#elbo/train/settings.js";
import { binary, categorical, image, real, schemaOf, text } from "../fields/schemas.ts";
import { checkGradient } from "../graph/differences.ts";
import { evaluate } from "../oracle/index.ts";
import { modelConfig, smallOptions } from "./config.ts";
import { feedsFor } from "./fed.ts";

const rows = 5;
const known = { gaps: false } as const;
const table = schemaOf(
  ...[real("x", known), real("y"), binary("b", known)],
  categorical("c", ["a", "b", "c"], known),
);
const withRoles = schemaOf(
  ...[real("x", known), real("y", known)],
  categorical("c", ["a", "b", "c"], { ...known, role: "condition" }),
  binary("b", { role: "target" }),
);
const withClass = schemaOf(
  real("x", known),
  categorical("c", ["a", "b"], { role: "target", shares: [0.3, 0.7] }),
);
const pictures = schemaOf(image("i", [8, 8, 1], known));
const bits = schemaOf(
  image("i", [8, 8, 1], { ...known, binarize: "dynamic" }),
  categorical("c", ["a", "b"], { role: "target" }),
);
const pictured = schemaOf(
  image("i", [8, 8, 1], known),
  categorical("c", ["a", "b"], { role: "target" }),
);

const written = text("t", { length: 5, shares: [0.2, 0.4, 0.3, 0.1], cuts: [5] });
const texts = schemaOf(written);
const labelled = schemaOf(written, categorical("c", ["a", "b"], { role: "target" }));

/** Choices of options beyond the defaults, which have graphs of their own. */
const variants: Partial<Record<MethodName, Record<string, number | string>[]>> = {
  iwae: [
    { bound: "miwae", samples: 3, groups: 2 },
    { bound: "ciwae", samples: 3 },
  ],
  "dip-vae": [{ of: "latents" }],
  "info-vae": [{ kernel: "rbf", alpha: 0.5 }],
  denoising: [{ noise: "masking" }],
  sparse: [{ penalty: "kl" }],
  contractive: [{ probes: 2 }],
  rae: [{ regularizer: "gradient-penalty", lambda: 0.1 }, { regularizer: "spectral-norm" }],
  "flow-vae": [{ flow: "coupling" }],
  "ladder-vae": [{ levels: 3 }, { balance: "yes" }, { prior: "vamp" }],
  "bit-swap": [{ levels: 1 }, { levels: 3 }],
  topk: [{ k: 2, patience: 1 }],
  fsq: [{ levels: 4 }],
  "vq-vae": [{ codes: 4 }],
};
/** Small enough for the oracle. */
const small: Record<string, number> = { width: 5, layers: 2, components: 3, samples: 3, codes: 4 };

const cases = methodNames.flatMap((method) =>
  [{}, ...(variants[method] ?? [])].map((given) => {
    const title = `${method} ${JSON.stringify(given)}`;
    return { method, title, options: smallOptions(method, small, given) };
  }),
);

function configOf(
  { method, options }: (typeof cases)[number],
  network: ModelConfig["network"] = { kind: "mlp", hidden: [6] },
): ModelConfig {
  return modelConfig({ method, options, latent: 4, network, activation: "tanh" });
}

const suited = (method: MethodName, { fields }: FieldSchema) =>
  schemaOf(...fieldsFor(method, fields.filter(isModelled)));

/**
 * Parameters whose gradient is another than the loss's derivative, on purpose: rounding has none
 * that helps, a draw by rejection follows its quantile (test/prob/posteriors.test.ts), and singular
 * vectors and levels' shares of the KL are taken as they stand.
 */
function isIndirect({ method, options }: (typeof cases)[number], name: string): boolean {
  if (options["regularizer"] === "spectral-norm") return /^decoder.*weight$/.test(name);
  if (options["balance"] === "yes") return /^(encoder|decoder\.level)/.test(name);
  const indirect: readonly MethodName[] = ["fsq", "vq-vae", "hyperspherical"];
  return indirect.includes(method) && name.startsWith("encoder.");
}

describe.each(cases)("$title", (each) => {
  const config = configOf(each);

  // Of a class there is none without a target.
  const tables: [string, FieldSchema][] = [
    ...(each.method === "m2" ? [] : ([["a table", table]] as [string, FieldSchema][])),
    ["roles", withRoles],
    ["a class", withClass],
  ];
  test.each(tables)("gradients by central differences: %s", (_, fields) => {
    const graph = trainingGraph(suited(each.method, fields), config);
    const losses = [graph.loss, ...(graph.adversary ? [graph.adversary.loss] : [])];
    const feeds = feedsFor([...losses, ...graph.metrics], graph.parameters, rows);
    for (const [i, loss] of losses.entries()) {
      const learned = graph.parameters.tensors().filter((tensor) => {
        const name = tensor.attributes["name"] as string;
        if (i === 1) return name.startsWith(graph.adversary!.prefix);
        const assigned = graph.assignments.some(({ parameter }) => parameter === tensor);
        return !isIndirect(each, name) && !assigned && !name.startsWith("discriminator.");
      });
      checkGradient(loss.reshape([]), { feeds: () => feeds, reals: learned, batch: rows }, 2);
    }
  });

  const every: [string, FieldSchema, ModelConfig["network"]][] = [
    ["a table", table, { kind: "mlp", hidden: [6] }],
    ["roles", withRoles, { kind: "mlp", hidden: [] }],
    ["images", pictures, { kind: "mlp", hidden: [6] }],
    ["images, convolutions", pictures, { kind: "conv", channels: [2, 3], dense: [5] }],
    ["images, residual", pictures, { kind: "conv", channels: [2], dense: [5], blocks: 1 }],
    ["images of bits and a class", bits, { kind: "mlp", hidden: [6] }],
    ["texts, convolutions", texts, { kind: "conv", channels: [4], dense: [5] }],
    ["texts, transformer", texts, { kind: "transformer", width: 4, layers: 1, dense: [5] }],
    ["texts of a class", labelled, { kind: "conv", channels: [4], dense: [5] }],
    ["images of a class", pictured, { kind: "conv", channels: [2, 3], dense: [5] }],
  ];
  const targeted = ({ fields }: FieldSchema) => fields.some(({ role }) => role === "target");
  const networks = every.filter(([, schema]) => each.method !== "m2" || targeted(schema));
  test.each(networks)(
    "every graph gives finite numbers of the shape it says: %s",
    (_, fields, network) => {
      const model = configOf(each, network);
      const schema = suited(each.method, fields);
      const training = trainingGraph(schema, model);
      const { parameters } = training;
      const learned = new Set(parameters.specs.map(({ name }) => name));
      const check = (outputs: Record<string, Tensor>) => {
        const tensors = Object.values(outputs);
        // What is used is learned: no graph has a parameter that training has not.
        const used = topological(tensors).filter(({ operator }) => operator.name === "parameter");
        const names = used.map(({ attributes }) => attributes["name"] as string);
        expect(names.filter((name) => !learned.has(name))).toEqual([]);
        const values = evaluate(tensors, feedsFor(tensors, parameters, rows), rows);
        for (const [i, name] of Object.keys(outputs).entries()) {
          expect([...values[i]!.data].every(Number.isFinite), name).toBe(true);
        }
        return Object.fromEntries(Object.keys(outputs).map((name, i) => [name, values[i]!]));
      };
      check(
        Object.fromEntries(training.metrics.map((metric, i) => [training.metricNames[i]!, metric])),
      );
      check(
        Object.fromEntries(training.assignments.map(({ change }, i) => [`change ${i}`, change])),
      );
      const { loss, kl } = check(validationGraph(schema, model));
      expect([loss!.shape, kl!.shape[0]]).toEqual([[rows], rows]);
      const evaluated = check(evaluationGraph(schema, model));
      expect("logWeight" in evaluated).toBe(methods[each.method].probabilistic);
      expect(check({ mean: encodingGraph(schema, model).mean })["mean"]!.shape).toEqual([rows, 4]);
      check(reconstructionGraph(schema, model));
      check(samplingGraph(schema, model, "latent"));
      check(samplingGraph(schema, model, "prior"));
      const prior = priorGraph(schema, model);
      expect(prior !== null).toBe(methods[each.method].prior !== undefined);
      if (prior) {
        const shapes = Object.values(check(prior.outputs)).map(({ shape }) => shape);
        expect(shapes).toEqual(prior.prior.parameters.map(({ shape }) => shape));
      }
    },
  );
});
