// Models of three columns with what they compute, for tests against formulas written out as loops.
import { expect } from "vitest";
import { noiseInput } from "#elbo/fields/layout.js";
import type { Tensor } from "#elbo/graph/index.js";
import { type Built, build, KL_WEIGHT, trainingGraph } from "#elbo/models/graphs.js";
import { resolveOptions } from "#elbo/models/method-options.js";
import { type MethodName, methods } from "#elbo/models/methods/index.js";
import type { ModelConfig } from "#elbo/models/model.js";
import { fieldsFor } from "#elbo/train/settings.js";
import { real, schemaOf } from "../../fields/schemas.ts";
import { evaluate, type Feeds } from "../../oracle/index.ts";
import { modelConfig } from "../config.ts";
import { feedsFor } from "../fed.ts";

const columns = ["a", "b", "c"].map((name) => real(name, { gaps: false }));
export const latent = 4;

export interface Made {
  terms: Built;
  graph: ReturnType<typeof trainingGraph>;
  feeds: Feeds;
  rows: number;
  /** Values of tensors of the model, row-major. */
  of(...tensors: Tensor[]): number[][];
}

export function make(
  method: MethodName,
  options: Record<string, number | string> = {},
  { rows = 5, feeds = {}, ...more }: Partial<ModelConfig> & { rows?: number; feeds?: Feeds } = {},
): Made {
  const schema = schemaOf(...fieldsFor(method, columns));
  const config = modelConfig({
    ...{ method, options: resolveOptions(method, methods[method].options, options), latent },
    ...{ activation: "tanh", ...more },
  });
  const terms = build(schema, config, { drawn: true, training: true, cut: null, gaps: false });
  const graph = trainingGraph(schema, config);
  const all = [
    ...[terms.loss, terms.mean, ...(terms.batchLoss ? [terms.batchLoss] : []), graph.loss],
    ...(terms.adversary ? [terms.adversary.loss] : []),
    ...graph.assignments.map(({ change }) => change),
    ...(terms.kl ? [terms.kl] : []),
  ];
  const own: Feeds = {
    ...feedsFor(all, graph.parameters, rows),
    [KL_WEIGHT]: { shape: [], data: [1] },
    ...feeds,
  };
  const of = (...tensors: Tensor[]) => evaluate(tensors, own, rows).map(({ data }) => [...data]);
  return { terms, graph, feeds: own, rows, of };
}

export const row = (values: readonly number[], i: number, width: number) =>
  values.slice(i * width, (i + 1) * width);
export const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
export const meanOf = (values: readonly number[]) => sum(values) / values.length;
export const logSumExp = (values: readonly number[]) => {
  const peak = Math.max(...values);
  return peak + Math.log(sum(values.map((value) => Math.exp(value - peak))));
};
export function expectNear(
  received: readonly number[],
  expected: readonly number[],
  tolerance = 1e-6,
) {
  expect(received.length).toBe(expected.length);
  for (const [i, value] of expected.entries()) {
    const error = Math.abs(received[i]! - value);
    expect(error, `[${i}]: ${received[i]}, ${value}`).toBeLessThan(
      tolerance * (1 + Math.abs(value)),
    );
  }
}

/** z = μ + σ·ε of a model with a diagonal Gaussian posterior. */
export function latentsOf({ terms, feeds, of }: Made): number[] {
  const [mean, deviation] = of(terms.mean, terms.standardDeviation!);
  const noise = [...feeds[noiseInput("normal")]!.data];
  return mean!.map((m, i) => m + deviation![i]! * noise[i]!);
}
