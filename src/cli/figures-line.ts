// What training measured of its model, as one line.
import type { ModelConfig } from "../models/model.ts";
import type { SeenEpoch } from "../train/doctor/course.ts";
import { figure } from "./format.ts";

/** Latents whose KL is told one by one. */
const MOST_TOLD = 32;

function klText(klPerLatent: readonly number[]): string {
  const told = (nats: number) => String(Number(nats.toPrecision(2)));
  if (klPerLatent.length <= MOST_TOLD) return `KL ${klPerLatent.map(told).join(" ")}`;
  return `KL ${told(Math.min(...klPerLatent))} to ${told(Math.max(...klPerLatent))} a latent`;
}

/** What a batch used of the codes that there are. */
function codesText({ metrics = {} }: SeenEpoch["train"], { options, latent }: ModelConfig) {
  const { codesInUse, valuesInUse, deadUnits } = metrics;
  if (codesInUse !== undefined) return `${figure(codesInUse)} of ${options["codes"]} codes in use`;
  if (deadUnits !== undefined) return `${figure(deadUnits)} of ${latent} values dead`;
  return valuesInUse === undefined
    ? null
    : `${figure(valuesInUse)} of ${options["levels"]} values of a latent in use`;
}

/**
 * How the latents are used, what they cost, what held-out rows lose against training rows, and the
 * column whose predictions misfit the most.
 */
export function figuresLine({ train, validation, figures }: SeenEpoch, model: ModelConfig): string {
  const { activeUnits, klPerLatent, information, gradientNorms, misfits } = figures;
  const parts: string[] = [];
  if (activeUnits !== null) {
    const of = klPerLatent === null ? "" : ` of ${klPerLatent.length}`;
    parts.push(`${activeUnits}${of} latents active`);
  }
  const codes = codesText(train, model);
  if (codes !== null) parts.push(codes);
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
    if (klPerLatent !== null) parts.push(klText(klPerLatent));
    parts.push(`distortion ${figure(validation.reconstruction)}`);
    parts.push(`gap ${figure(validation.loss - train.loss)}`);
  }
  if (gradientNorms) {
    const norms = Object.entries(gradientNorms).map(([part, norm]) => `${part} ${figure(norm)}`);
    parts.push(`gradients ${norms.join(", ")}`);
  }
  const [misfit] = Object.entries(misfits ?? {}).sort(([, a], [, b]) => b.distance - a.distance);
  if (misfit) parts.push(`misfit ${figure(misfit[1].distance)} (column ${misfit[0]})`);
  return parts.join("; ");
}
