// The file that makes rows of noise.
import { isShared, type ModelledField } from "../../fields/field.ts";
import { drawingGraph, type ExportedDraw, NORMALS, UNIFORMS } from "../../models/exported-draws.ts";
import type { FittedMixture } from "../../prob/mixture-fit.ts";
import type { RunConfig } from "../../train/config.ts";
import type { PartGraph, PartOutput } from "./part.ts";

/** What parts are made of beside the run's configuration. */
export interface PartContext {
  /** The density of latents that a method without a prior draws of; null where there is a prior. */
  mixture: FittedMixture | null;
  /** By the names of target fields: what held-out rows make of their probabilities; 1 where left out. */
  temperatures: ReadonlyMap<string, number>;
  /** And how far their numbers are off, on the scale of errors; no interval where left out. */
  radii: ReadonlyMap<string, number>;
}

/** The scale that a likelihood's parameters are on. */
function scaleOf(field: ModelledField): string {
  switch (field.kind) {
    case "real":
      return `(value − ${field.mean}) / ${field.deviation}`;
    case "time":
      return `(days since 1970 − ${field.mean}) / ${field.deviation}`;
    case "positive":
      return field.offset === 0 ? "the value" : `value + ${field.offset}`;
    case "image":
      return "pixels from 0 to 255, channel by channel";
    case "vector":
      if (isShared(field)) return "the values";
      return "each value less its mean, by its deviation, as config.json has them";
    case "count":
    case "binary":
    case "categorical":
    case "ordinal":
    case "text":
      return "the value";
    default:
      return field satisfies never;
  }
}

/** What values of a group are drawn by, for each field where there are several. */
function parameterOutputs({ group, parameters }: Extract<ExportedDraw, { parameters: unknown }>) {
  const { likelihood, layout } = group;
  const each = layout.fields.length === group.values;
  return layout.fields.flatMap((field, j) =>
    parameters.map(({ name, tensor }): PartOutput => {
      const [batch, , ...rest] = tensor.shape as [number, number, ...number[]];
      const own = each ? tensor.slice(1, j, j + 1).reshape([batch, ...rest]) : tensor;
      const holds = `${name} of the ${likelihood!.name} of ${scaleOf(field)}`;
      return { name: `${field.name}.${name}`, tensor: own, holds, field };
    }),
  );
}

export function sample({ schema, model }: RunConfig, { mixture }: PartContext): PartGraph {
  const draws = drawingGraph(schema, model, mixture);
  const from = mixture
    ? "a mixture of Gaussians fitted to the latents of the run's data"
    : "the prior";
  return {
    about: `Noise to new rows: latents of ${from}, decoded and drawn. Columns of which a draw takes more than fixed noise are given by their distribution's parameters.`,
    inputs: {
      [NORMALS]: { name: NORMALS, holds: "standard normal numbers" },
      [UNIFORMS]: { name: UNIFORMS, holds: "numbers even in [0, 1)" },
    },
    outputs: draws.flatMap((draw): PartOutput[] =>
      "values" in draw ? [draw] : parameterOutputs(draw),
    ),
  };
}
