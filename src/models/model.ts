// The contract of a model: a function that builds a graph from the groups of a row.
import type { Tensor } from "../graph/index.ts";
import type { Activation } from "../nn/layers.ts";
import type { NetworkSpec } from "../nn/network.ts";
import type { Decoding } from "../nn/texts/network.ts";
import type { Body } from "./body.ts";

/** Everything needed to build the same model again; kept in a run's configuration. */
export interface ModelConfig {
  method: MethodName;
  /** Latent dimensions. */
  latent: number;
  network: NetworkSpec;
  activation: Activation;
  /** What an autoencoder's code passes through; nothing where it is left out. */
  codeActivation?: Activation;
  /** How texts are given; `autoregressive` where it is left out. */
  decoding?: Decoding;
  /** What the decoder's locations pass through, for Gaussians and squared errors. */
  output: "linear" | "sigmoid";
}

export type MethodName = "ae" | "vae";
export const methodNames: readonly MethodName[] = ["vae", "ae"];

/** What a model is built from. */
export interface ModelInput {
  body: Body;
  /** Standard normal noise `(batch, latent)`; a model without a posterior's draw ignores it. */
  noise: Tensor;
  /** The KL term's weight, a scalar: β, or less while it warms up. */
  klWeight: Tensor;
}

/** Values of each row, `(batch,)` unless said otherwise, in nats of raw values. */
export interface RowTerms {
  /** What training lowers, averaged over rows. */
  loss: Tensor;
  /** The negative log-likelihood of the row's data given the latent, or its mean squared error. */
  reconstruction: Tensor;
  /** The same of the target fields; null without any. */
  target: Tensor | null;
  /** Of each decoded group's fields: log p, `(batch, fields)`, in the order of `body.decoded`. */
  logProbs: Tensor[];
  /** KL of the posterior from the prior, for each latent: `(batch, latent)`; null without one. */
  kl: Tensor | null;
  /** Posterior means, or codes: `(batch, latent)`. */
  mean: Tensor;
  /** Posterior standard deviations `(batch, latent)`; null without a posterior. */
  standardDeviation: Tensor | null;
  /** log p(x | z) + log p(z) − log q(z | x) at the row's draw; null without a density. */
  logWeight: Tensor | null;
}

/** A method: how rows become terms. Latents become rows by the body's decoder. */
export interface Method {
  /** Whether the loss bounds a density: there is an ELBO. */
  probabilistic: boolean;
  terms(input: ModelInput): RowTerms;
}
