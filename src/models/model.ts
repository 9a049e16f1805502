// The contract of a model: a method is a function that builds a graph from the groups of a row.
import type { Tensor } from "../graph/index.ts";
import type { Activation } from "../nn/layers.ts";
import type { NetworkSpec } from "../nn/network.ts";
import type { Decoding } from "../nn/texts/network.ts";
import type { Prior } from "../prob/priors/index.ts";
import type { Body } from "./body.ts";
import type { OptionSpecs, OptionValues } from "./method-options.ts";
import type { MethodName } from "./methods/index.ts";
import type { NoiseSource } from "./noise.ts";

export type { MethodName } from "./methods/index.ts";

/** How a KL term counts, beside its weight β; see ./kl.ts. */
export interface KlConfig {
  /** Nats that cost nothing; 0 for none. */
  freeBits: number;
  /** Whether those are of each latent or of all together. */
  freeBitsOf: "latent" | "total";
  /** Nats that the KL is held at, reached at the warm-up's end; null: none. */
  capacity: number | null;
}

/** Values of a method's options by name. */
export type ChosenOptions = Readonly<Record<string, number | string>>;

/** Everything needed to build the same model again; kept in a run's configuration. */
export interface ModelConfig {
  method: MethodName;
  /** The method's own options, those left out by their defaults. */
  options: ChosenOptions;
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
  kl: KlConfig;
  /** Mean share of the data's cells that are hidden from the encoder while it learns; left out: 0. */
  hide?: number;
}

/** What a model is built from. */
export interface ModelInput<Options = ChosenOptions> {
  body: Body;
  options: Options;
  /** Random numbers as inputs of the graph. */
  noise: NoiseSource;
  /** The KL term's weight, a scalar: β, or what its schedule makes of it. */
  klWeight: Tensor;
  /** The KL that is aimed at now, a scalar, where the configuration has a capacity. */
  klCapacity: Tensor;
  /** Whether weights are being learned: bounds of many draws, noise on inputs and the like. */
  training: boolean;
  /** Means over the rows at hand, by their weights: `(batch, …) → (…)`. */
  average(rows: Tensor): Tensor;
}

/** The new value of a parameter that is learned without a gradient, where it is training. */
export interface Assignment {
  parameter: Tensor;
  /** A mean over the rows at hand: workers' values are averaged by their rows. */
  value: Tensor;
}

/** Values of each row, `(batch,)` unless said otherwise, in nats of raw values. */
export interface RowTerms {
  /** What training lowers, averaged over rows. */
  loss: Tensor;
  /** What is added of all rows together, a scalar on the scale of one row; left out: nothing. */
  batchLoss?: Tensor;
  /** The negative log-likelihood of the row's data given the latent, or its mean squared error. */
  reconstruction: Tensor;
  /** The same of the target fields; null without any. */
  target: Tensor | null;
  /** Of each decoded group's fields: log p, `(batch, fields)`, in the order of `body.decoded`. */
  logProbs: Tensor[];
  /** KL of the posterior from the prior, terms `(batch, n)` that sum to it; null without one. */
  kl: Tensor | null;
  /** Posterior means, or codes: `(batch, latent)`. */
  mean: Tensor;
  /** Posterior standard deviations `(batch, latent)`; null without a posterior. */
  standardDeviation: Tensor | null;
  /** The row's draw, or code, `(batch, latent)`, as `decode` takes it; null where there are several. */
  latent: Tensor | null;
  /** log p(x | z) + log p(z) − log q(z | x) at the row's draw; null without a density. */
  logWeight: Tensor | null;
  /**
   * A second loss `(batch,)`, lowered after the first at each batch by the parameters whose names
   * begin with `prefix`, which the first then leaves alone.
   */
  adversary?: { loss: Tensor; prefix: string /** Times the learning rate. */; rate: number };
  /** Further figures to report, of rows `(batch,)`. */
  metrics?: Readonly<Record<string, Tensor>>;
  assignments?: readonly Assignment[];
}

/** Gaussians of latents of rows, `(batch, size)` each. */
export interface LatentGaussian {
  mean: Tensor;
  standardDeviation: Tensor;
}

/** Some of a row's latents, drawn after those of the levels above. */
export interface LatentLevel {
  size: number;
  /**
   * The Gaussian of where they stand in the prior's draws, `(batch, size)` each.
   * @param drawn where those of the levels above stand, the next one first.
   */
  posterior(drawn: readonly Tensor[]): LatentGaussian;
}

/** Some of a row's latents in a chain from the row up: as the decoder and the levels beside see them. */
export interface ChainLevel {
  size: number;
  /** @param below those of the level below; of the lowest the row is seen instead. */
  posterior(below: Tensor | undefined): LatentGaussian;
  /** p of them given those of the level above; that of the top level, N(0, I), is not asked for. */
  prior(above: Tensor): LatentGaussian;
}

/** What a method's options have to go with. */
export interface BesideOptions {
  latent: number;
  /** Whether the KL's weight is below 1 for some steps at least. */
  klRises: boolean;
}

/** The rule with what was received, and the remedy. */
export interface Refusal {
  message: string;
  hint: string;
}

/** A method: how rows become terms. Latents become rows by the body's decoder. */
export interface Method<Options = ChosenOptions> {
  /** As people call it: `β-TCVAE`. */
  title: string;
  /** One line: what it is for. */
  summary: string;
  /** Authors, year and title of its paper. */
  paper: string;
  /** Whether the loss bounds a density: there is an ELBO. If not, numbers' errors are squared. */
  probabilistic: boolean;
  /** Whether β and what belongs to it weigh a term of the loss. */
  hasKl: boolean;
  /** Why its KL has no free bits and no capacity; left out: it can have them. */
  ownKl?: string;
  /** Share of the epochs over which the KL's weight rises, whatever the rows; left out: by the rows. */
  warmup?: number;
  options: OptionSpecs;
  /** Why options within their limits cannot be what they say with the rest; left out: they can. */
  refuses?(options: Options, rest: BesideOptions): Refusal | null;
  terms(input: ModelInput<Options>): RowTerms;
  /** Where latents of new rows come from, with its parameters in the graph; none: nowhere. */
  prior?(body: Body, options: Options): { prior: Prior; parameters: readonly Tensor[] };
  /** What latents `(batch, latent)` decode to, of each of `body.decoded`; left out: the body's. */
  decode?(body: Body, latents: Tensor, options: Options): Tensor[];
  /** What the decoder takes of the prior's draws `(batch, latent)`; left out: they themselves. */
  fromPrior?(body: Body, drawn: Tensor, options: Options): Tensor;
  /** The levels that latents are drawn in, side by side in this order; left out: all at once. */
  levels?(body: Body, options: Options): LatentLevel[];
  /**
   * The levels of a chain, side by side in this order: each is inferred from the one before, and `decode`
   * takes those of the first one alone as well. Left out: there is none.
   */
  chain?(body: Body, options: Options): ChainLevel[];
}

/** A method with its options' types forgotten, as all are kept together. */
export function method<const Specs extends OptionSpecs>(
  definition: Method<OptionValues<Specs>> & { options: Specs },
): Method {
  return definition as unknown as Method;
}
