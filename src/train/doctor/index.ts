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

/** From causes to what follows from them. */
const diagnoses: readonly Diagnose[] = [
  unscaledInputs,
  silentLayers,
  learningRateHigh,
  variances,
  collapse,
  deadCodes,
  narrowScales,
  misfits,
  latentLarge,
  latentSmall,
  overfitting,
  learningRateLow,
];

/** All that is wrong; nothing of a run that goes well. */
export function diagnose(course: Course): Diagnosis[] {
  return diagnoses.flatMap((each) => each(course) ?? []);
}
