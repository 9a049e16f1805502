// The graphs by which cells are inferred from others of their row: a draw of the latent with its
// importance weight, and what it says of each field.
import type { FieldSchema } from "../fields/field.ts";
import type { Group } from "../fields/groups/index.ts";
import type { Tensor } from "../graph/index.ts";
import { build, decoded, decodedFrom, decodedGroups, drawnName, USE } from "./graphs.ts";
import { isLeveled } from "./level-hits.ts";
import type { ModelConfig } from "./model.ts";

/** The log importance weight of each row's draw, `(batch,)`, among the outputs of `inferenceGraph`. */
export const LOG_WEIGHT = "logWeight";
/** The name of what a group's fields are expected to be. */
export const expectedName = (group: string) => `${group}/expected`;

/** Of each field of a group with levels: `(batch, fields · levels)`; of binary ones that of 1. */
export function probabilitiesOf({ likelihood }: Group, parameters: readonly Tensor[]): Tensor {
  if (!likelihood!.probabilities) return likelihood!.mean(parameters);
  const all = likelihood!.probabilities(parameters);
  const [batch, fields, levels] = all.shape as [number, number, number];
  return all.reshape([batch, fields * levels]);
}

/**
 * A draw of each row's latent given its cells, with log p(x | z) + log p(z) − log q(z | x) where the
 * method has a density (Mattei and Frellsen 2019, MIWAE, equation 10): of each decoded group what is
 * expected there, the probabilities of levels, and the parameters that values are drawn by.
 * @param targets whether targets that are there count among the cells given.
 */
export function inferenceGraph(schema: FieldSchema, config: ModelConfig, targets: boolean) {
  const { body, latent, logWeight } = build(schema, config, USE);
  const outputs = decoded(body, latent!);
  const ofTargets = targets ? body.total(body.logProbs(outputs), "target") : null;
  const weight = logWeight && ofTargets ? logWeight.add(ofTargets) : logWeight;
  const groups = body.decoded.flatMap(({ group, raw }, i): [string, Tensor][] => {
    const { name } = group.layout;
    const drawn = group.drawn(body.parameters, outputs[i]!, raw);
    const expected = isLeveled(group)
      ? probabilitiesOf(group, drawn)
      : group.expected(body.parameters, outputs[i]!, raw);
    return [
      [expectedName(name), expected],
      ...drawn.map((tensor, place): [string, Tensor] => [drawnName(name, place), tensor]),
    ];
  });
  return { ...(weight ? { [LOG_WEIGHT]: weight } : {}), ...Object.fromEntries(groups) };
}

/** The target groups whose fields are predicted: of one value a row. */
export function predictedGroups(schema: FieldSchema, config: ModelConfig): Group[] {
  return decodedGroups(schema, config).filter(({ layout: { fields } }) => {
    const [{ role, kind }] = fields as [(typeof fields)[number]];
    return role === "target" && kind !== "image" && kind !== "vector" && kind !== "text";
  });
}

/**
 * What each row's posterior mean says of the targets: the probabilities of levels, expected numbers,
 * by the names of their groups, and, where asked for, the mean. It is what training has made the mean for, and the same at every call.
 */
export function predictionGraph(
  schema: FieldSchema,
  config: ModelConfig,
  withMean = false,
): Record<string, Tensor> {
  const { body, mean } = build(schema, config, USE);
  const outputs = decoded(body, mean);
  const names = predictedGroups(schema, config).map(({ layout }) => layout.name);
  const predicted = Object.fromEntries(
    body.decoded.flatMap(({ group, raw }, i): [string, Tensor][] => {
      const { name } = group.layout;
      if (!names.includes(name)) return [];
      if (!isLeveled(group)) return [[name, group.expected(body.parameters, outputs[i]!, raw)]];
      return [[name, probabilitiesOf(group, group.drawn(body.parameters, outputs[i]!, raw))]];
    }),
  );
  return { ...predicted, ...(withMean ? { [MEAN]: mean } : {}) };
}

/** The posterior mean among the outputs of `predictionGraph`. */
export const MEAN = "mean";

/** The draw among the outputs of `posteriorGraph`. */
export const DRAWN = "drawn";

/** A draw of each row's latent given its cells, targets among them, and its log importance weight. */
export function posteriorGraph(schema: FieldSchema, config: ModelConfig) {
  const { body, latent, logWeight } = build(schema, config, USE);
  const ofTargets = body.total(body.logProbs(decoded(body, latent!)), "target");
  return {
    [DRAWN]: latent!,
    [LOG_WEIGHT]: ofTargets ? logWeight!.add(ofTargets) : logWeight!,
  };
}

/** log p of the cells that are there in some fields, at the latents that come in, `(batch,)`. */
export function givenGraph(
  schema: FieldSchema,
  config: ModelConfig,
  names: readonly string[],
  from: "prior" | "latent",
) {
  const { body, outputs } = decodedFrom(schema, config, from);
  const terms = body.decoded.flatMap(({ group, raw }, i) =>
    group.layout.fields.some(({ name }) => names.includes(name))
      ? [group.logProb(body.parameters, raw, outputs[i]!).sum(1)]
      : [],
  );
  return { [LOG_WEIGHT]: terms.reduce((sum, term) => sum.add(term)) };
}
