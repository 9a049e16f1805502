// What training measured of its model, as one line.
import type { SeenEpoch } from "../train/doctor/course.ts";
import { figure } from "./format.ts";

/** How the latents are used, what they cost, and what held-out rows lose against training rows. */
export function figuresLine({ train, validation, figures }: SeenEpoch): string {
  const { activeUnits, klPerLatent, information, gradientNorms } = figures;
  const parts: string[] = [];
  if (activeUnits !== null) {
    const of = klPerLatent === null ? "" : ` of ${klPerLatent.length}`;
    parts.push(`${activeUnits}${of} latents active`);
  }
  if (validation) {
    if (validation.kl !== null) {
      const { mutualInformation, marginalKl } = information ?? {};
      const told =
        mutualInformation === undefined
          ? ""
          : marginalKl === null
            ? ` (at least ${figure(mutualInformation)} tell rows apart)`
            : ` (${figure(mutualInformation)} tell rows apart, ${figure(marginalKl!)} off the prior)`;
      parts.push(`rate ${figure(validation.kl)}${told}`);
    }
    parts.push(`distortion ${figure(validation.reconstruction)}`);
    parts.push(`gap ${figure(validation.loss - train.loss)}`);
  }
  if (gradientNorms) {
    const norms = Object.entries(gradientNorms).map(([part, norm]) => `${part} ${figure(norm)}`);
    parts.push(`gradients ${norms.join(", ")}`);
  }
  return parts.join("; ");
}
