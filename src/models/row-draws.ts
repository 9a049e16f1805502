// New rows in a graph: latents drawn from noise, and what latents decode to drawn by their likelihoods.
// A draw that takes more than fixed noise is left to the host, which is given what it draws by.
import type { FieldSchema } from "../fields/field.ts";
import type { Group } from "../fields/groups/index.ts";
import { BATCH, type Tensor } from "../graph/index.ts";
import { Parameters } from "../nn/parameters.ts";
import type { FixedDraw, FixedNoise, NoiseCount } from "../prob/fixed-noise.ts";
import { Body } from "./body.ts";
import { decodedFrom, drawnName, USE } from "./graphs.ts";
import { methods } from "./methods/index.ts";
import type { ModelConfig } from "./model.ts";
import { NoiseSource } from "./noise.ts";

/** A group's values drawn, or what they are drawn by. */
export type GroupDraw =
  | { values: Tensor }
  | { parameters: readonly { name: string; tensor: Tensor }[] };

/** Where values from 0 to 1 have a Bernoulli, its mean says more than bits that no row has. */
export const showsMean = ({ layout: { fields } }: Group) =>
  fields[0]!.kind !== "binary" && fields[0]!.likelihood === "bernoulli";

/** Noise that a group's draw takes, of all its values. */
export function noiseCount(group: Group): NoiseCount {
  const draw = group.written || showsMean(group) ? null : group.likelihood?.fixedDraw;
  const { normal, uniform } = draw?.noise ?? { normal: 0, uniform: 0 };
  return { normal: normal * group.values, uniform: uniform * group.values };
}

/** @param output what the decoder gives of the group. Texts that are written are not its job. */
export function drawGroup(
  { parameters }: Body,
  group: Group,
  output: Tensor,
  noise: FixedNoise,
): GroupDraw {
  const { likelihood } = group;
  if (likelihood === null) return { values: group.expected(parameters, output, null) };
  const all = group.drawn(parameters, output, null).map((given, k) => {
    const { size } = likelihood.parameters[k]!;
    return given.reshape([BATCH, group.values, ...(size > 1 ? [size] : [])]);
  });
  if (showsMean(group)) return { values: all[0]!.sigmoid() };
  if (likelihood.fixedDraw) return { values: likelihood.fixedDraw.draw(all, noise) };
  return {
    parameters: likelihood.parameters.map(({ name }, k) => ({ name, tensor: all[k]! })),
  };
}

function taken(noise: NoiseSource, { normal, uniform }: NoiseCount): FixedNoise {
  return {
    normal: normal > 0 ? noise.normal(normal) : null,
    uniform: uniform > 0 ? noise.uniform(uniform) : null,
  };
}

/** Whether the graph of `rowsGraph` gives the group's values, and not what they are drawn by. */
export const drawsInGraph = ({ written, likelihood }: Group) =>
  !written && (likelihood === null || likelihood.fixedDraw !== undefined);

/**
 * At each latent of the input `LATENT`, of each decoded group: its values, as output 0, or the parameters
 * that the host draws by; of a text what writing takes.
 * @param from whether latents are draws of the prior, or what the decoder takes.
 */
export function rowsGraph(
  schema: FieldSchema,
  config: ModelConfig,
  from: "prior" | "latent",
): Record<string, Tensor> {
  const { body, outputs } = decodedFrom(schema, config, from);
  const noise = new NoiseSource();
  return Object.fromEntries(
    body.decoded.flatMap(({ group }, i): [string, Tensor][] => {
      const { name } = group.layout;
      const output = outputs[i]!;
      if (group.written) {
        return [[drawnName(name, 0), group.drawn(body.parameters, output, null)[0]!]];
      }
      const draw = drawGroup(body, group, output, taken(noise, noiseCount(group)));
      if ("values" in draw) return [[drawnName(name, 0), draw.values]];
      return draw.parameters.map(({ tensor }, place) => [drawnName(name, place), tensor]);
    }),
  );
}

/** The output of the graphs below, `(batch, latent)`. */
export const LATENTS = "latents";

/** Draws of the prior; null of a method without one. */
export function priorDraws(schema: FieldSchema, config: ModelConfig) {
  const body = Body.of(schema, config, new Parameters(), USE);
  const found = methods[config.method].prior?.(body, config.options);
  return found ? latentDraws(found.prior.fixedDraw, found.parameters) : null;
}

export function latentDraws(sampler: FixedDraw, parameters: readonly Tensor[] = []) {
  const noise = taken(new NoiseSource(), sampler.noise);
  return { [LATENTS]: sampler.draw(parameters, noise) };
}
