// An image as it is and as the model sees it, on one scale.
import type { FieldSchema, ImageField } from "../fields/field.ts";
import type { Tensor } from "../graph/index.ts";
import { build, decoded, USE } from "./graphs.ts";
import type { ModelConfig } from "./model.ts";

export interface ImageGraph {
  field: ImageField;
  /** Pixels from 0 to 1, channels first, `(batch, C·H·W)`: the row's, and those that its mean decodes to. */
  outputs: { pixels: Tensor; decoded: Tensor };
}

/** Of the data's first image; null without one. */
export function imageGraph(schema: FieldSchema, config: ModelConfig): ImageGraph | null {
  const { mean, body } = build(schema, config, USE);
  const at = body.decoded.findIndex(({ group: { layout } }) => {
    const [field] = layout.fields as [(typeof layout.fields)[number]];
    return field.kind === "image" && field.role === "data";
  });
  if (at < 0) return null;
  const { group, raw } = body.decoded[at]!;
  const output = decoded(body, mean)[at]!;
  return {
    field: group.layout.fields[0] as ImageField,
    outputs: {
      pixels: group.target(raw)!,
      decoded: group.prediction(body.parameters, output, raw)!,
    },
  };
}
