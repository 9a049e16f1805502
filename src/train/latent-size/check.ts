// Whether the latents of a model can be pruned by what they tell of held-out rows.
import { ElboError } from "../../base/errors.ts";
import type { FieldSchema } from "../../fields/field.ts";
import { encodingGraph } from "../../models/graphs.ts";
import type { ModelConfig } from "../../models/model.ts";

/** Fewer rows cannot tell a small loss from none. */
const FEWEST = 30;

/** @throws ElboError for a method whose latents do not fall silent one by one, or too few rows. */
export function checkPrunable(schema: FieldSchema, model: ModelConfig, heldOut: number): void {
  if (encodingGraph(schema, model).standardDeviation === null) {
    throw new ElboError({
      code: "latent-auto",
      kind: "usage",
      message: `--latent auto keeps the latents that carry information; of ${model.method} none falls silent by itself`,
      hint: "Give --latent N or --search latent=2..32, or --method vae.",
    });
  }
  if (heldOut < FEWEST) {
    throw new ElboError({
      code: "latent-auto",
      kind: "usage",
      message: `--latent auto is confirmed on held-out rows, of which it needs ${FEWEST}, received ${heldOut}`,
      hint: "Give a larger --validation, or --latent N.",
    });
  }
}
