// What an encoder is given of a row before any network: what simple models are given, too.
import type { FieldSchema } from "../fields/field.ts";
import { MANY_LEVELS } from "../fields/layout.ts";
import type { Tensor } from "../graph/index.ts";
import { beside } from "../nn/network.ts";
import { Parameters } from "../nn/parameters.ts";
import { Body, type Part } from "./body.ts";
import { USE } from "./graphs.ts";
import type { ModelConfig } from "./model.ts";

/** Whether a group's features are numbers as they stand, and not learned for its levels or symbols. */
function isPlain({ group: { layout } }: Part): boolean {
  return layout.fields.every(
    (field) =>
      field.kind !== "text" && !("levels" in field && field.levels.length + 1 > MANY_LEVELS),
  );
}

/**
 * Numbers on the network's scale, levels one-hot, pixels, of data and conditions side by side,
 * `(batch, n)`; what is missing is 0, the mean. Null where rows hold none: texts, and columns of so
 * many levels that they are embedded, are left out.
 */
export function inputsGraph(schema: FieldSchema, config: ModelConfig): Tensor | null {
  const parameters = new Parameters();
  const body = Body.of(schema, config, parameters, USE);
  const parts = [...body.of("data"), ...body.of("condition")].filter(isPlain);
  if (parts.length === 0) return null;
  return beside(...parts.map(({ group, raw }) => group.features(parameters, raw)));
}
