// The doctor: what is wrong with a run, by how it has gone so far.
import { collapse } from "./collapse.ts";
import type { Course, Diagnose, Diagnosis } from "./course.ts";
import { deadCodes } from "./dead-codes.ts";
import { unscaledInputs } from "./inputs.ts";
import { latentLarge, latentSmall } from "./latent-size.ts";
import { learningRateHigh, learningRateLow } from "./learning-rate.ts";
import { misfits } from "./misfits.ts";
import { narrowScales } from "./narrow-scales.ts";
import { overfitting } from "./overfitting.ts";
import { silentLayers } from "./silent-layers.ts";
import { variances } from "./variances.ts";

/** What makes a model ill in many ways: where one is found, the rest follows from it. */
const causes: readonly Diagnose[] = [unscaledInputs, silentLayers, learningRateHigh, variances];

const others: readonly Diagnose[] = [
  collapse,
  deadCodes,
  narrowScales,
  misfits,
  latentLarge,
  latentSmall,
  overfitting,
  learningRateLow,
];

/** Codes of those that explain all else. */
const grave = new Set(["input-unscaled", "layer-dead", "learning-rate-high"]);

/**
 * What is wrong and has not been told; nothing of a run that goes well.
 * @param told codes that were told of the run before.
 */
export function diagnose(course: Course, told: ReadonlySet<string> = new Set()): Diagnosis[] {
  const found = (of: readonly Diagnose[]) => of.flatMap((each) => each(course) ?? []);
  const first = found(causes);
  const explained =
    first.some(({ code }) => grave.has(code)) || [...told].some((code) => grave.has(code));
  return [...first, ...(explained ? [] : found(others))].filter(({ code }) => !told.has(code));
}
