// The sampler that is proposed where draws of the prior would be unlike the rows.
import type { EpochEvent } from "../train/events.ts";
import type { SamplerName } from "./samplers.ts";

/**
 * N rows tell ln N nats of each other at most, so that what the rate has above that is how far latents of rows
 * are from the prior (Hoffman & Johnson 2016, equation 8). Where it is the most of it, draws of the prior
 * are unlike any row, and those of a mixture fitted to the latents are not.
 */
const FAR_FROM_PRIOR = 4;

/**
 * Null where the default serves.
 * @param last the epoch that training ended with.
 * @param rows that it was trained on.
 */
export function proposedSampler(
  last: Pick<EpochEvent, "validation" | "train"> | null,
  rows: number,
): SamplerName | null {
  const rate = (last?.validation ?? last?.train)?.kl ?? 0;
  return rate > FAR_FROM_PRIOR * Math.log(rows) ? "mixture" : null;
}
