// The graphs by which a model is explained: what each latent changes in what is decoded, and what the
// encoder's inputs add to a latent or to a score (integrated gradients: Sundararajan, Taly and Yan 2017,
// Axiomatic Attribution for Deep Networks, equation 1).
import type { FieldSchema } from "../fields/field.ts";
import type { Group } from "../fields/groups/index.ts";
import { concat, gradients, input, substitute, type Tensor } from "../graph/index.ts";
import { build, decoded, decodedFrom, USE } from "./graphs.ts";
import { probabilitiesOf } from "./inference-graphs.ts";
import { isLeveled } from "./level-hits.ts";
import type { ModelConfig } from "./model.ts";

/**
 * Of each decoded group at the input `LATENT`: probabilities of levels, or expected values, by its name.
 * Texts that are written symbol by symbol have none.
 */
export function responseGraph(schema: FieldSchema, config: ModelConfig) {
  const { body, outputs } = decodedFrom(schema, config, "latent");
  return Object.fromEntries(
    body.decoded.flatMap(({ group }, i): [string, Tensor][] => {
      if (group.written) return [];
      const { name } = group.layout;
      if (!isLeveled(group)) return [[name, group.expected(body.parameters, outputs[i]!, null)]];
      return [[name, probabilitiesOf(group, group.drawn(body.parameters, outputs[i]!, null))]];
    }),
  );
}

/** Which latent `attributionGraph` is asked for: a weight of each, `(latent,)`. */
export const CHOSEN_LATENT = "chosenLatent";
/** How far the path is from the baseline, 0, to the row, 1. */
export const PATH = "path";
/** The baseline, all that the encoder sees side by side. */
export const BASELINE = "baseline";
/** What the encoder sees of rows, `(batch, n)`, among the outputs. */
export const SEEN = "seen";
/** What was asked for at the point of the path, `(batch,)`. */
export const VALUE = "value";
/** Its gradient there times the distance from the baseline, `(batch, n)`. */
export const ADDED = "added";

/** Where what the encoder sees of a group stands in `SEEN`. */
export interface Entering {
  group: Group;
  start: number;
  size: number;
  /** Numbers that say which cells are there, after its features. */
  mask: number;
}

/** The widths of all that the encoder sees. */
export function enteringOf(schema: FieldSchema, config: ModelConfig): Entering[] {
  let start = 0;
  return build(schema, config, USE)
    .body.entering()
    .map(({ group, tensors }) => {
      const [size, mask = 0] = tensors.map(({ shape }) => shape[1] as number) as [number, number?];
      const own = { group, start, size, mask };
      start += size + mask;
      return own;
    });
}

/**
 * A weighted sum of latents, or the score, at one point of the straight path from a baseline to each row,
 * and what each input of the encoder adds there. The score is −log p(row | z) at the mean, plus the KL
 * where the method has one; the row that is to be decoded stays as it is. Of latents nothing is decoded:
 * that costs most of texts and counts.
 */
export function attributionGraph(
  schema: FieldSchema,
  config: ModelConfig,
  of: "latents" | "score",
) {
  const { body, mean, totalKl } = build(schema, config, USE);
  const tensors = body.entering().flatMap((part) => part.tensors);
  const sizes = tensors.map(({ shape }) => shape[1] as number);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const seen = tensors.length > 1 ? concat(tensors, 1) : tensors[0]!;
  const baseline = input(BASELINE, [total]);
  const away = seen.sub(baseline);
  const point = away.mul(input(PATH, [])).add(baseline);
  const points = sizes.length > 1 ? point.split(1, sizes) : [point];
  const moved = substitute(
    totalKl ? [mean, totalKl] : [mean],
    new Map(tensors.map((tensor, i) => [tensor, points[i]!])),
  );
  const [latents, kl] = moved as [Tensor, Tensor?];
  const score = () => {
    const logProb = body.total(body.logProbs(decoded(body, latents)), "data")!;
    return kl ? kl.sub(logProb) : logProb.neg();
  };
  const value =
    of === "score" ? score() : latents.mul(input(CHOSEN_LATENT, [config.latent])).sum(1);
  const [slope] = gradients(value.sum(), [point]) as [Tensor];
  return { [SEEN]: seen, [VALUE]: value, [ADDED]: slope.mul(away) };
}
