// The contract of a model: a function that builds a graph from encoded rows.
import type { Tensor } from "../graph/index.ts";
import type { Activation } from "../nn/layers.ts";
import type { DataShape, NetworkSpec } from "../nn/network.ts";
import type { Parameters } from "../nn/parameters.ts";

/** Everything needed to build the same model again; kept in a run's configuration. */
export interface ModelConfig {
  method: MethodName;
  /** Latent dimensions. */
  latent: number;
  network: NetworkSpec;
  activation: Activation;
  /** What an autoencoder's code passes through; nothing where it is left out. */
  codeActivation?: Activation;
  likelihood: Likelihood;
  /** What the decoder's outputs pass through; Bernoulli logits always pass through a sigmoid. */
  output: "linear" | "sigmoid";
}

export type MethodName = "ae" | "vae";
export const methodNames: readonly MethodName[] = ["vae", "ae"];
export type Likelihood = "bernoulli" | "gaussian" | "squared-error";

/** What a model is built from. */
export interface ModelInput {
  /** Encoded rows `(batch, size)`. */
  x: Tensor;
  shape: DataShape;
  /** Standard normal noise `(batch, latent)`; a model without a posterior's draw ignores it. */
  noise: Tensor;
  /** The KL term's weight, a scalar: β, or less while it warms up. */
  klWeight: Tensor;
}

/** Values of each row, `(batch,)` unless said otherwise, in nats and without the change of scale. */
export interface RowTerms {
  /** What training lowers, averaged over rows. */
  loss: Tensor;
  /** The negative log-likelihood of the row given the latent, or its squared error. */
  reconstruction: Tensor;
  /** KL of the posterior from the prior, for each latent: `(batch, latent)`; null without one. */
  kl: Tensor | null;
  /** Posterior means, or codes: `(batch, latent)`. */
  mean: Tensor;
  /** Posterior standard deviations `(batch, latent)`; null without a posterior. */
  standardDeviation: Tensor | null;
  /** log p(x | z) + log p(z) − log q(z | x) at the row's draw; null without a density. */
  logWeight: Tensor | null;
}

/** A method: how rows become terms, and latents become rows. */
export interface Method {
  /** Whether the loss bounds a density: there is an ELBO. */
  probabilistic: boolean;
  terms(config: ModelConfig, parameters: Parameters, input: ModelInput): RowTerms;
  /** The decoder's outputs at a latent `(batch, latent)`: `(batch, size)`. */
  decode(config: ModelConfig, parameters: Parameters, z: Tensor, shape: DataShape): Tensor;
}
