// The graphs that a model of some data is used through: training, evaluation, encoding, decoding.
import { decodeRows, type Encoded, encodeRows, NOISE } from "../fields/encoding.ts";
import { rowLength, type Schema } from "../fields/schema.ts";
import { BATCH, constant, input, type Tensor } from "../graph/index.ts";
import type { DataShape } from "../nn/network.ts";
import { Parameters } from "../nn/parameters.ts";
import { likelihoodDraw, likelihoodMean } from "./likelihood.ts";
import type { ModelConfig, RowTerms } from "./model.ts";
import { methods } from "./registry.ts";

/** Inputs of the graphs beside the rows. */
export const LATENT = "latent";
export const LIKELIHOOD_NOISE = "likelihoodNoise";
export const KL_WEIGHT = "klWeight";
/** What `momentsGraph` takes from every row. */
export const CENTER = "center";
/** 1 / rows of the whole batch: what makes sums over a worker's share add up to a mean. */
export const INVERSE_BATCH = "inverseBatch";

export function dataShape(schema: Schema): DataShape {
  if (schema.kind === "table") return [rowLength(schema)];
  const [{ channels, height, width }] = schema.fields;
  return [channels, height, width];
}

interface Built extends RowTerms {
  encoded: Encoded;
  /** The KL summed over latents, `(batch,)`; null without one. */
  totalKl: Tensor | null;
  parameters: Parameters;
}

function build(schema: Schema, config: ModelConfig, drawn: boolean): Built {
  const parameters = new Parameters();
  const encoded = encodeRows(schema, drawn);
  const terms = methods[config.method].terms(config, parameters, {
    x: encoded.x,
    shape: dataShape(schema),
    noise: input(NOISE, [BATCH, config.latent]),
    klWeight: input(KL_WEIGHT, []),
  });
  const totalKl = terms.kl?.sum(1) ?? null;
  return { ...terms, encoded, totalKl, parameters };
}

/** What `trainingGraph` reports at each step, in this order: means over the batch. */
export const trainingMetrics = ["loss", "reconstruction", "kl"] as const;

/** The batch's mean loss and its parts, and the parameters that lower it. */
export function trainingGraph(schema: Schema, config: ModelConfig) {
  const { loss, reconstruction, totalKl, parameters } = build(schema, config, true);
  const inverseBatch = input(INVERSE_BATCH, []);
  const mean = (rows: Tensor | null) => rows?.sum(0, true).mul(inverseBatch) ?? constant([0]);
  return {
    parameters,
    loss: mean(loss),
    metrics: [mean(loss), mean(reconstruction), mean(totalKl)],
  };
}

/**
 * Σ log |d network value / d raw value| of a row where the likelihood is a density: added to
 * log-likelihoods, and taken from losses, to speak of raw values.
 */
export function rawShift(schema: Schema, config: ModelConfig): number {
  return config.likelihood === "gaussian" ? encodeRows(schema, true).logJacobian : 0;
}

/** Of each row: the loss and its parts, KL for each latent, and the posterior mean. */
export function validationGraph(schema: Schema, config: ModelConfig) {
  return lossTerms(build(schema, config, true));
}

function lossTerms({ loss, reconstruction, kl, mean }: Built) {
  return { loss, reconstruction, kl: kl ?? mean.mul(0), mean };
}

/** The same; importance weights; and the error of the decoded posterior mean, network scale. */
export function evaluationGraph(schema: Schema, config: ModelConfig) {
  const built = build(schema, config, true);
  const { mean, encoded, parameters, logWeight } = built;
  const outputs = methods[config.method].decode(config, parameters, mean, dataShape(schema));
  return {
    ...lossTerms(built),
    ...(logWeight ? { logWeight } : {}),
    squaredError: likelihoodMean(config, outputs).sub(encoded.x).square().mean(1),
  };
}

/** Posterior means and standard deviations (zeros without a posterior): `(batch, latent)`. */
export function encodingGraph(schema: Schema, config: ModelConfig) {
  const { mean, standardDeviation } = build(schema, config, false);
  return { mean, standardDeviation: standardDeviation ?? mean.mul(0) };
}

/** Each row's posterior mean, decoded to raw values: `(batch, size)`. */
export function reconstructionGraph(schema: Schema, config: ModelConfig) {
  const { mean, parameters } = build(schema, config, false);
  const outputs = methods[config.method].decode(config, parameters, mean, dataShape(schema));
  return { values: decodeRows(schema, likelihoodMean(config, outputs)) };
}

/** Raw values drawn from the likelihood at each latent: `(batch, size)`. */
export function samplingGraph(schema: Schema, config: ModelConfig) {
  const { outputs, parameters } = decoderOutputs(schema, config);
  const noise = input(LIKELIHOOD_NOISE, [BATCH, rowLength(schema)]);
  const draw = likelihoodDraw(config, parameters, outputs, noise);
  return { values: decodeRows(schema, draw) };
}

function decoderOutputs(schema: Schema, config: ModelConfig) {
  const parameters = new Parameters();
  const z = input(LATENT, [BATCH, config.latent]);
  const { decode } = methods[config.method];
  return { parameters, outputs: decode(config, parameters, z, dataShape(schema)) };
}

/**
 * Sums over the batch of d = x − CENTER (size,) and of d dᵀ (size, size), on the network's scale: a
 * center near the mean keeps a variance from drowning in float32 squares.
 */
export function momentsGraph(schema: Schema) {
  const x = encodeRows(schema, true).x.sub(input(CENTER, [rowLength(schema)]));
  return { first: x.sum(0), second: x.transpose().matmul(x) };
}
