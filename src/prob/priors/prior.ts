// What every prior p(z) gives: log-densities and draws, in the graph.
import type { Tensor } from "../../graph/index.ts";
import type { Initializer, Parameters } from "../../nn/parameters.ts";
import type { FixedDraw } from "../fixed-noise.ts";
import type { Space } from "../posteriors/posterior.ts";

export type PriorName =
  | "standard-normal"
  | "gaussian-mixture"
  | "vamp"
  | "uniform-sphere"
  | "product";

export interface PriorParameter {
  name: string;
  shape: readonly number[];
  /** How a learned one begins; null of one that the model gives, as posteriors of pseudo-inputs. */
  initializer: Initializer | null;
}

/** A distribution of latents before a row is seen. Parameters may be any finite float32. */
export interface Prior {
  name: PriorName;
  space: Space;
  latent: number;
  parameters: readonly PriorParameter[];
  /** log p(z) in nats, constants kept: `(batch,)` of z `(batch, latent)`. */
  logProb(z: Tensor, parameters: readonly Tensor[]): Tensor;
  /** `(batch, latent)`. */
  fixedDraw: FixedDraw;
}

/**
 * A prior's parameters as tensors, in its order: learned ones are defined under `prefix`, the
 * others are taken from `given` by their names.
 */
export function priorTensors(
  prior: Prior,
  parameters: Parameters,
  prefix: string,
  given: Readonly<Record<string, Tensor>> = {},
): Tensor[] {
  return prior.parameters.map(({ name, shape, initializer }) =>
    initializer ? parameters.define(`${prefix}.${name}`, shape, initializer) : given[name]!,
  );
}
