// The graphs that a model of some data is used through: training, evaluation, encoding, decoding.
import type { FieldSchema } from "../fields/field.ts";
import type { Group } from "../fields/groups/index.ts";
import { BATCH, concat, constant, input, type Tensor } from "../graph/index.ts";
import { Parameters } from "../nn/parameters.ts";
import { Body, type BodyOptions, type Part } from "./body.ts";
import { leveledParts, levelHits } from "./level-hits.ts";
import { methods } from "./methods/index.ts";
import type { ModelConfig, RowTerms } from "./model.ts";
import { NoiseSource } from "./noise.ts";
import { numbersOf, numericParts, presentIn } from "./numbers.ts";

/** Inputs of the graphs beside the rows. */
export const LATENT = "latent";
export const KL_WEIGHT = "klWeight";
export const KL_CAPACITY = "klCapacity";
/** 1 / rows of the whole batch: what makes sums over a worker's share add up to a mean. */
export const INVERSE_BATCH = "inverseBatch";

/** The terms of rows, and what they were made of. */
export interface Built extends RowTerms {
  body: Body;
  /** The KL summed over latents, `(batch,)`; null without one. */
  totalKl: Tensor | null;
  /** The rows' weights; null without. */
  weights: Tensor | null;
}

export function build(
  schema: FieldSchema,
  config: ModelConfig,
  options: BodyOptions,
  parameters = new Parameters(),
): Built {
  const noise = new NoiseSource();
  const whole = Body.of(schema, config, parameters, options);
  const body = options.training ? whole.hiding(noise) : whole;
  const weights = options.training ? Body.weights(schema) : null;
  const counts = weights ?? constant(1).broadcastTo([BATCH]);
  const terms = methods[config.method].terms({
    body,
    options: config.options,
    noise,
    klWeight: input(KL_WEIGHT, []),
    klCapacity: input(KL_CAPACITY, []),
    training: options.training,
    average(rows) {
      const column = counts.reshape([BATCH, ...rows.shape.slice(1).map(() => 1)]);
      return (weights ? rows.mul(column) : rows).sum(0).div(counts.sum());
    },
  });
  return { ...terms, body, totalKl: terms.kl?.sum(1) ?? null, weights };
}

/** What a model's latents decode to. */
export function decoded(body: Body, latents: Tensor): Tensor[] {
  const { method, options } = body.config;
  return methods[method].decode?.(body, latents, options) ?? body.decode(latents);
}

const TRAINING: BodyOptions = { drawn: true, training: true, cut: null, gaps: false };
/** Held-out rows may have gaps where training rows have none. */
export const HELD_OUT: BodyOptions = { drawn: true, training: false, cut: null, gaps: true };
/** In use no row is drawn anew, and any cell may be missing. */
export const USE: BodyOptions = { drawn: false, training: false, cut: null, gaps: true };

/** What `trainingGraph` reports at each step before a method's own: means over the batch. */
export const trainingMetrics = ["loss", "reconstruction", "kl", "target"] as const;

/**
 * The batch's mean losses and their parts, and the parameters that lower them.
 * @param cut that the texts of all rows fit in; null for any texts. See `TextField`.
 * @param parameters of a graph of the same model for another cut.
 */
export function trainingGraph(
  schema: FieldSchema,
  config: ModelConfig,
  cut: number | null = null,
  parameters = new Parameters(),
) {
  const terms = build(schema, config, { ...TRAINING, cut }, parameters);
  const { loss, batchLoss, reconstruction, totalKl, target, body, weights } = terms;
  const { adversary, metrics = {}, assignments = [] } = terms;
  const inverseBatch = input(INVERSE_BATCH, []);
  const mean = (rows: Tensor | null) => {
    if (!rows) return constant([0]);
    return (weights ? rows.mul(weights) : rows).sum(0, true).mul(inverseBatch);
  };
  /** This worker's share of the batch: what is of its rows together counts for as much. */
  const share = constant(1).broadcastTo([BATCH]).sum(0, true).mul(inverseBatch);
  const total = batchLoss ? mean(loss).add(batchLoss.mul(share)) : mean(loss);
  const own = Object.values(metrics);
  return {
    parameters: body.parameters,
    loss: total,
    /** The first loss, and the adversary's where there is one. */
    adversary: adversary && { ...adversary, loss: mean(adversary.loss) },
    assignments: assignments.map(({ parameter, value }) => ({
      parameter,
      // Summed over workers, what is taken from the parameter leaves the mean of their values.
      change: parameter.sub(value).mul(share),
    })),
    metrics: [total, mean(reconstruction), mean(totalKl), mean(target), ...own.map(mean)],
    metricNames: [...trainingMetrics, ...Object.keys(metrics)],
  };
}

function lossTerms({ loss, reconstruction, target, kl, mean }: Built) {
  return {
    loss,
    reconstruction,
    kl: kl ?? mean.mul(0),
    mean,
    ...(target ? { target } : {}),
  };
}

/**
 * Of each row: the loss and its parts, KL for each latent, all times the row's weight where rows
 * have some, with that weight; and the posterior's mean and deviations.
 */
export function validationGraph(schema: FieldSchema, config: ModelConfig) {
  const built = build(schema, config, HELD_OUT);
  const { mean, ...terms } = lossTerms(built);
  const { standardDeviation } = built;
  const posterior = { mean, ...(standardDeviation ? { standardDeviation } : {}) };
  const weights = Body.weights(schema);
  if (!weights) return { ...terms, ...posterior };
  const weighted = Object.entries(terms).map(([name, rows]): [string, Tensor] => {
    return [name, rows.mul(rows.rank > 1 ? weights.reshape([BATCH, 1]) : weights)];
  });
  return { ...(Object.fromEntries(weighted) as typeof terms), ...posterior, weight: weights };
}

/**
 * The same; importance weights; log p of each field; and the squared error of the decoded
 * posterior mean, a sum over numeric values that are there, with how many those are; how many levels the decoded mean has right, of how many.
 */
export function evaluationGraph(schema: FieldSchema, config: ModelConfig) {
  const built = build(schema, config, HELD_OUT);
  const { body, mean, logWeight, logProbs } = built;
  const outputs = decoded(body, mean);
  const outputOf = (group: Group) =>
    outputs[body.decoded.findIndex((part) => part.group === group)]!;
  const data = body.decoded.filter(({ group }) => group.layout.fields[0]!.role === "data");
  const numeric = numericParts(body);
  const target = numbersOf(numeric, ({ group, raw }) => group.target(raw));
  const prediction = numbersOf(numeric, ({ group, raw }) =>
    group.prediction(body.parameters, outputOf(group), raw),
  );
  return {
    ...lossTerms(built),
    ...(logWeight ? { logWeight } : {}),
    fields: concat(logProbs, 1),
    ...hitsOf(body, data, outputOf),
    ...levelHits(leveledParts(body), ({ group }) =>
      group.expected(body.parameters, outputOf(group), null),
    ),
    ...(target && prediction
      ? {
          squaredError: prediction.sub(target).square().sum(1),
          present: presentIn(numeric, mean.sum(1)),
        }
      : {}),
  };
}

/** Symbols of the data's texts that the most probable ones at these outputs are, and all of them. */
function hitsOf(body: Body, data: readonly Part[], outputOf: (group: Group) => Tensor) {
  const hits = data.flatMap(
    ({ group, raw }) => group.hits?.(body.parameters, raw, outputOf(group)) ?? [],
  );
  if (hits.length === 0) return {};
  const total = (of: "right" | "of") =>
    hits.map((each) => each[of]).reduce((sum, each) => sum.add(each));
  return { rightSymbols: total("right"), symbols: total("of") };
}

/**
 * Posterior means, or codes, `(batch, latent)`, and standard deviations; null where one number a
 * latent does not tell the spread.
 */
export function encodingGraph(schema: FieldSchema, config: ModelConfig) {
  const { mean, standardDeviation } = build(schema, config, USE);
  return { mean, standardDeviation };
}

/**
 * log p of each field where every decoded number is 0 and everything learned is as it begins:
 * each column alone, by its own statistics. What a model must do better than.
 */
export function independentGraph(schema: FieldSchema, config: ModelConfig) {
  const body = Body.of(schema, config, new Parameters(), HELD_OUT);
  const outputs = body.decoded.map(({ group, raw }) => {
    const row = raw.rows.slice(1, 0, 1).cast("float32").mul(0);
    return row.add(constant(new Float32Array(group.outputs), [1, group.outputs]));
  });
  return {
    parameters: body.parameters,
    outputs: { reconstruction: body.total(body.logProbs(outputs), "data")!.neg() },
  };
}

/** Outputs of a graph, named by the groups that they are of. */
const named = (parts: readonly Part[], value: (part: Part, i: number) => Tensor) =>
  Object.fromEntries(parts.map((part, i) => [part.group.layout.name, value(part, i)]));

/** Each row's posterior mean, decoded: expected values of each decoded group. */
export function reconstructionGraph(schema: FieldSchema, config: ModelConfig) {
  const { mean, body } = build(schema, config, USE);
  const outputs = decoded(body, mean);
  return named(body.decoded, ({ group, raw }, i) =>
    group.expected(body.parameters, outputs[i]!, raw),
  );
}

/** The name of a likelihood's parameter among the outputs of `samplingGraph`. */
export const drawnName = (group: string, place: number) => `${group}/${place}`;

/**
 * What the input `LATENT` decodes to: draws of the prior, or what the decoder takes.
 * @param size of the input: fewer than all, where the decoder sees the lowest level of a chain alone.
 */
export function decodedFrom(
  schema: FieldSchema,
  config: ModelConfig,
  from: "prior" | "latent",
  size = config.latent,
) {
  const body = Body.of(schema, config, new Parameters(), USE);
  const given = input(LATENT, [BATCH, size]);
  const { fromPrior } = methods[config.method];
  const latent = from === "prior" && fromPrior ? fromPrior(body, given, config.options) : given;
  return { body, outputs: decoded(body, latent) };
}

/**
 * At each latent: the parameters that draws are made by, of each decoded group; the expected
 * values of one without a likelihood.
 * @param from whether latents are draws of the prior, or what the decoder takes.
 */
export function samplingGraph(schema: FieldSchema, config: ModelConfig, from: "prior" | "latent") {
  const { body, outputs } = decodedFrom(schema, config, from);
  return {
    ...Object.fromEntries(
      body.decoded.flatMap(({ group }, i) =>
        (group.likelihood
          ? group.drawn(body.parameters, outputs[i]!, null)
          : [group.expected(body.parameters, outputs[i]!, null)]
        ).map((tensor, place) => [drawnName(group.layout.name, place), tensor]),
      ),
    ),
  };
}

/** The prior of a model and its parameters in a graph without rows; null where it has none. */
export function priorGraph(schema: FieldSchema, config: ModelConfig) {
  const body = Body.of(schema, config, new Parameters(), USE);
  const found = methods[config.method].prior?.(body, config.options);
  if (!found) return null;
  const { prior, parameters } = found;
  const names = prior.parameters.map(({ name }) => name);
  return {
    prior,
    names,
    outputs: Object.fromEntries(names.map((name, i) => [name, parameters[i]!])),
  };
}

/** The decoded groups of a model, to turn their graphs' outputs into columns. */
export function decodedGroups(schema: FieldSchema, config: ModelConfig) {
  return Body.of(schema, config, new Parameters(), USE).decoded.map(({ group }) => group);
}

/** Every parameter of a model, with its shape and beginning. */
export function parametersOf(schema: FieldSchema, config: ModelConfig): Parameters {
  return trainingGraph(schema, config).parameters;
}
