// The graphs of what is known of rows beside their posterior means: draws, hidden features, and the
// components of a mixture prior.
import type { FieldSchema } from "../fields/field.ts";
import { BATCH, type Tensor } from "../graph/index.ts";
import { gaussianShares } from "../prob/priors/index.ts";
import { build, USE } from "./graphs.ts";
import { methods } from "./methods/index.ts";
import type { ModelConfig } from "./model.ts";

/** A draw of each row's posterior, `(batch, latent)`; null of a method without, or with several at once. */
export function drawGraph(schema: FieldSchema, config: ModelConfig): Tensor | null {
  const { latent } = build(schema, config, USE);
  return methods[config.method].probabilistic ? latent : null;
}

/** What each layer of the encoder gives, `(batch, n)`; of pictures channel by channel. */
export function layersGraph(schema: FieldSchema, config: ModelConfig): Map<string, Tensor> {
  const { layers } = build(schema, config, USE).body.parameters;
  const own = [...layers].filter(([name]) => name.startsWith("encoder."));
  return new Map(
    own.map(([name, output]) => {
      const size = output.shape
        .slice(1)
        .reduce<number>((product, side) => product * Number(side), 1);
      return [name, output.reshape([BATCH, size])];
    }),
  );
}

/**
 * Of each row's posterior mean the probability of each component of a prior that is a mixture of
 * Gaussians, `(batch, components)`; null of other priors.
 */
export function componentsGraph(schema: FieldSchema, config: ModelConfig): Tensor | null {
  const { body, mean } = build(schema, config, USE);
  const found = methods[config.method].prior?.(body, config.options);
  return found?.prior.name === "gaussian-mixture" ? gaussianShares(mean, found.parameters) : null;
}
