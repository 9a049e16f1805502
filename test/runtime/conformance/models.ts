// The models of PyTorch's fixtures, built as elbo builds them: schema, configuration, and the
// fixtures' names and layouts.
import type { FieldSchema } from "#elbo/fields/field.js";
import type { ModelConfig } from "#elbo/models/model.js";
import { image, schemaOf } from "../../fields/schemas.ts";
import { modelConfig } from "../../models/config.ts";

/** An array as fixtures hold it, row-major. */
export interface Values {
  shape: number[];
  data: number[];
}

export interface Fixture {
  parameters: Record<string, Values>;
  x: Values;
  epsilon: Values;
  beta: Record<string, { loss: number; gradients: Record<string, Values> }>;
}

export interface Trajectory {
  losses: number[];
  parameters: Record<string, Values>;
}

export interface FixtureModel {
  schema: FieldSchema;
  model: ModelConfig;
  /** The fixture's layers that are each of elbo's, one after another in its outputs. */
  layers: Readonly<Record<string, readonly string[]>>;
  /** The data as elbo takes them. */
  rows(x: Values): number[];
}

export const fixtureModels = {
  mlpVaeBernoulli: {
    schema: schemaOf(image("x", [1, 6, 1], { bytes: false, low: 0, high: 1, gaps: false })),
    model: modelConfig({ network: { kind: "mlp", hidden: [5] } }),
    layers: {
      "encoder.dense0": ["encoder.hidden"],
      "encoder.posterior": ["encoder.mean", "encoder.logVariance"],
      "decoder.dense0": ["decoder.hidden"],
      "decoder.output": ["decoder.output"],
    },
    rows: (x) => x.data,
  },
  convVaeBernoulli: {
    schema: schemaOf(image("image", [8, 8, 1], { binarize: "threshold", gaps: false })),
    model: modelConfig({
      network: { kind: "conv", channels: [2, 3], dense: [5] },
      output: "sigmoid",
    }),
    layers: {
      "encoder.conv0": ["encoder.conv1"],
      "encoder.conv1": ["encoder.conv2"],
      "encoder.dense0": ["encoder.dense"],
      "encoder.posterior": ["encoder.mean", "encoder.logVariance"],
      "decoder.dense0": ["decoder.dense1"],
      "decoder.unfold": ["decoder.dense2"],
      "decoder.conv1": ["decoder.conv1"],
      "decoder.conv0": ["decoder.conv2"],
    },
    rows: (x) => x.data.map((bit) => 255 * bit),
  },
} satisfies Record<string, FixtureModel>;

/** Values of the fixture under elbo's names; dense weights are (in, out) here, (out, in) there. */
export function fromFixture(
  { layers }: FixtureModel,
  values: Readonly<Record<string, Values>>,
): Map<string, Float32Array> {
  const result = new Map<string, Float32Array>();
  for (const [ours, theirs] of Object.entries(layers)) {
    const joined = (kind: string) => theirs.flatMap((name) => values[`${name}.${kind}`]!.data);
    const [weight, bias] = [joined("weight"), joined("bias")];
    const { shape } = values[`${theirs[0]}.weight`]!;
    const [outputs, inputs] = [bias.length, shape[1]!];
    const turned = (i: number) => weight[(i % outputs) * inputs + Math.floor(i / outputs)]!;
    const dense = shape.length === 2;
    result.set(
      `${ours}.weight`,
      Float32Array.from(dense ? weight.map((_, i) => turned(i)) : weight),
    );
    result.set(`${ours}.bias`, Float32Array.from(bias));
  }
  return result;
}
