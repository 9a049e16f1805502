// What a run's exported files compute.
import type { CategoricalField, FieldSchema, OrdinalField } from "../../fields/field.ts";
import { concat, constant, type Tensor } from "../../graph/index.ts";
import { LEAST } from "../../metrics/temperature.ts";
import {
  decodingGraph,
  type GroupValues,
  predictionGraph,
  scoreGraph,
} from "../../models/exported.ts";
import { encodingGraph, LATENT } from "../../models/graphs.ts";
import { methods } from "../../models/methods/index.ts";
import type { RunConfig } from "../../train/config.ts";
import type { PartGraph, PartOutput } from "./part.ts";
import { type PartName, partNames, refusal } from "./refusals.ts";
import { type PartContext, sample } from "./sample-part.ts";

const latents = (latent: number) => `${latent} latents`;

function encoder({ schema, model }: RunConfig): PartGraph {
  const { mean, standardDeviation } = encodingGraph(schema, model);
  const { probabilistic } = methods[model.method];
  const outputs: PartOutput[] = [
    { name: "z", tensor: mean, holds: probabilistic ? "posterior means" : "codes" },
  ];
  if (standardDeviation) {
    const holds = "the posterior's standard deviations";
    outputs.push({ name: "z_std", tensor: standardDeviation, holds });
  }
  return { about: `Rows to ${latents(model.latent)}, as elbo encode gives them.`, outputs };
}

function decoder({ schema, model }: RunConfig): PartGraph {
  const outputs = decodingGraph(schema, model);
  return {
    about: "Latents to rows: expected numbers and the most probable levels.",
    inputs: { [LATENT]: { name: "z", holds: latents(model.latent) } },
    outputs,
  };
}

function score({ schema, model }: RunConfig): PartGraph {
  const { score: total, kl, shares, fields } = scoreGraph(schema, model);
  const order = fields.map(({ name }) => JSON.stringify(name)).join(", ");
  if (!methods[model.method].probabilistic) {
    return {
      about:
        "How far a row is from its reconstruction: higher is stranger. The method has no density.",
      outputs: [
        { name: "error", tensor: total, holds: "mean squared error on the network's scale" },
        { name: "shares", tensor: shares, holds: `what each column adds to it: ${order}` },
      ],
    };
  }
  const outputs: PartOutput[] = [
    { name: "neg_elbo", tensor: total, holds: "negative ELBO in nats; higher is stranger" },
    {
      name: "shares",
      tensor: shares,
      holds: `nats of each column, which sum to it less kl: ${order}`,
    },
  ];
  if (kl) outputs.push({ name: "kl", tensor: kl, holds: "nats from the posterior to the prior" });
  return { about: "The negative ELBO of a row at its posterior mean.", outputs };
}

/** Probabilities `(batch, levels)` to the power 1/T, as `elbo predict` gives them. */
function tempered(probabilities: Tensor, temperature = 1): Tensor {
  if (temperature === 1) return probabilities;
  return probabilities
    .maximum(LEAST)
    .log()
    .mul(1 / temperature)
    .softmax(1);
}

/** Of a group's fields with levels: the probabilities of each one's levels. */
function classProbabilities(
  { group }: GroupValues,
  probabilities: Tensor,
  temperatures: PartContext["temperatures"],
): PartOutput[] {
  return group.layout.fields.map((field, j): PartOutput => {
    const name = `${field.name}_p`;
    const own = probabilities.slice(1, j, j + 1);
    if (field.kind === "binary") {
      const holds = `probability of ${field.boolean ? "true" : "1"}`;
      const both = concat([constant(1).sub(own), own], 1);
      const tensor = tempered(both, temperatures.get(field.name)).slice(1, 1, 2);
      return { name, tensor: tensor.reshape([own.shape[0]!]), holds, field };
    }
    const { levels } = field as CategoricalField | OrdinalField;
    // Levels that training has not seen have no column.
    const seen = own.slice(2, 0, levels.length);
    const shares = seen.div(seen.sum(2, true)).reshape([own.shape[0]!, levels.length]);
    const tensor = tempered(shares, temperatures.get(field.name));
    const order = levels.map((level) => JSON.stringify(level)).join(", ");
    return { name, tensor, holds: `probabilities of ${order}`, field };
  });
}

function predict({ schema, model }: RunConfig, { temperatures, radii }: PartContext): PartGraph {
  if (!hasTargets(schema)) {
    throw refusal("predict", "the run has no target fields", "Train with --target COLUMN.");
  }
  const predictions = predictionGraph(schema, model);
  return {
    about:
      "The target columns of a row, from its data: expected numbers with intervals, levels with probabilities.",
    outputs: predictions.flatMap((each): PartOutput[] => [
      { ...each, suffix: "_predicted", radii },
      ...(each.probabilities ? classProbabilities(each, each.probabilities, temperatures) : []),
    ]),
  };
}

const hasTargets = ({ fields }: FieldSchema) => fields.some(({ role }) => role === "target");

/** The parts that a run of such fields is asked for where none is named. */
export function partsOf({ schema }: RunConfig): PartName[] {
  return partNames.filter((name) => name !== "predict" || hasTargets(schema));
}

export const partGraphs: Readonly<
  Record<PartName, (config: RunConfig, context: PartContext) => PartGraph>
> = { encoder, decoder, score, sample, predict };
