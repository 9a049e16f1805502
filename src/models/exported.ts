// The graphs of a model's parts that an exported file holds, beside the encoder: what latents decode
// to, what a row's score is, and what its targets are.
import type { FieldSchema, ModelledField } from "../fields/field.ts";
import type { Group } from "../fields/groups/index.ts";
import { noiseOf } from "../fields/layout.ts";
import {
  BATCH,
  concat,
  constant,
  input,
  substitute,
  type Tensor,
  topological,
} from "../graph/index.ts";
import { Parameters } from "../nn/parameters.ts";
import { Body, roleOf } from "./body.ts";
import { build, decoded, LATENT, USE } from "./graphs.ts";
import { methods } from "./methods/index.ts";
import type { ModelConfig } from "./model.ts";
import { dataAtMean } from "./scoring-graph.ts";

/** A decoded group's values, `(batch, values)`, on the likelihood's scale. */
export interface GroupValues {
  group: Group;
  /** Of texts that are written, what writing takes. */
  values: Tensor;
  /** What their symbols are drawn by, `(batch, places)`; left out: the most probable ones. */
  uniforms?: Tensor;
}

/** Expected values, or the most probable levels, of each decoded group at given latents. */
export function decodingGraph(schema: FieldSchema, config: ModelConfig): GroupValues[] {
  const body = Body.of(schema, config, new Parameters(), USE);
  const outputs = decoded(body, input(LATENT, [BATCH, config.latent]));
  return body.decoded.map(({ group }, i) => ({
    group,
    values: group.expected(body.parameters, outputs[i]!, null),
  }));
}

/** With noise at its middle: what a KL without a closed form is taken at. */
function still(output: Tensor): Tensor {
  const middle = topological([output]).flatMap((node): [Tensor, Tensor][] => {
    const name = node.attributes["name"];
    const noise = typeof name === "string" && node.inputs.length === 0 ? noiseOf(name) : null;
    if (noise === null) return [];
    return [[node, constant(noise.sort === "normal" ? 0 : 0.5).broadcastTo(node.shape)]];
  });
  return substitute([output], new Map(middle))[0]!;
}

export interface Score {
  /** `(batch,)`: −log p(x | z) + KL in nats at the posterior mean; of codes their mean squared error. */
  score: Tensor;
  /** `(batch,)`; null without a posterior. */
  kl: Tensor | null;
  /** What each data field adds, `(batch, fields)`; they sum to the score less the KL. */
  shares: Tensor;
  fields: ModelledField[];
}

/**
 * The negative ELBO of a row at its posterior mean, and where it comes from. A KL without a closed form
 * is log q − log p at the middle of the posterior.
 */
export function scoreGraph(schema: FieldSchema, config: ModelConfig): Score {
  const built = build(schema, config, USE);
  const { totalKl } = built;
  const { probabilistic } = methods[config.method];
  const data = dataAtMean(built);
  const values = data.reduce((sum, { part }) => sum + part.group.values, 0);
  const terms = concat(
    data.map(({ logProb }) => logProb),
    1,
  ).mul(probabilistic ? -1 : -1 / values);
  const kl = totalKl && still(totalKl);
  const sum = terms.sum(1);
  return {
    score: kl ? sum.add(kl) : sum,
    kl,
    shares: terms,
    fields: data.flatMap(({ part }) => part.group.layout.fields),
  };
}

export interface Prediction extends GroupValues {
  /** Of levels: the probability of each, `(batch, fields, depth)`; of binary fields that of 1. */
  probabilities: Tensor | null;
}

/** What the posterior mean of a row's data says of its target fields. */
export function predictionGraph(schema: FieldSchema, config: ModelConfig): Prediction[] {
  const { body, mean } = build(schema, config, USE);
  const { parameters } = body;
  const outputs = decoded(body, mean);
  return body.decoded.flatMap(({ group }, i): Prediction[] => {
    if (roleOf(group) !== "target") return [];
    const { likelihood, layout } = group;
    const given = () => group.drawn(parameters, outputs[i]!, null);
    let probabilities: Tensor | null = null;
    if (layout.fields[0]!.kind === "binary") probabilities = likelihood!.mean(given());
    else if (group.values === layout.fields.length && likelihood?.probabilities) {
      probabilities = likelihood.probabilities(given());
    }
    return [{ group, values: group.expected(parameters, outputs[i]!, null), probabilities }];
  });
}
