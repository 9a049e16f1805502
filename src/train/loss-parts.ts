// What a loss is made of, as events tell it: nulls where the run has no such part.
import { methods } from "../models/methods/index.ts";
import type { LossParts } from "./events.ts";
import type { Job } from "./job.ts";

/** Of all rows of an epoch, nats per row. */
export function lossParts(
  { model, schema }: Job["config"],
  mean: Record<"loss" | "reconstruction" | "kl" | "target", number>,
): LossParts {
  const { loss, reconstruction, kl, target } = mean;
  const { probabilistic } = methods[model.method];
  return {
    loss,
    elbo: probabilistic ? -reconstruction - kl : null,
    reconstruction,
    kl: probabilistic ? kl : null,
    target: schema.fields.some(({ role }) => role === "target") ? target : null,
  };
}
