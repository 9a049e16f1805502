// How the KL term counts in a loss, for every method that has one. All is in nats for each row,
// summed over latents: weight 1 is the ELBO.
import { concat, constant, type Tensor } from "../graph/index.ts";
import type { ModelInput } from "./model.ts";

/**
 * The KL's part of the loss, for each row or of all together:
 * - β·Σⱼ KLⱼ (Higgins et al. 2017, "beta-VAE", equation 4);
 * - with free bits λ, β·Σⱼ max(λ, KLⱼ), the KL a mean over the batch (Kingma et al. 2016,
 *   "Improved Variational Inference with Inverse Autoregressive Flow", equation 15), or β·max(λ, KL)
 *   of all latents together;
 * - with a capacity C, β·|KL − C| (Burgess et al. 2018, "Understanding disentangling in β-VAE",
 *   equation 8).
 * Outside training it is the first, so that epochs and models compare.
 * @param kl `(batch, n)`, terms that sum to the KL.
 */
export function klLoss(
  kl: Tensor,
  { body, klWeight, klCapacity, training, average }: ModelInput<unknown>,
): { rows: Tensor } | { batch: Tensor } {
  const { freeBits, freeBitsOf, capacity } = body.config.kl;
  if (training && capacity !== null) {
    return { batch: average(kl).sum().sub(klCapacity).abs().mul(klWeight) };
  }
  if (training && freeBits > 0) {
    const nats = average(freeBitsOf === "latent" ? kl : kl.sum(1, true));
    return { batch: nats.maximum(constant(freeBits)).sum().mul(klWeight) };
  }
  return { rows: kl.sum(1).mul(klWeight) };
}

/** Nats of a level that count where it has none, so that it has a share of the balance. */
const LEAST = 0.01;

/**
 * The KL of levels of latents, balanced between them while its weight rises to 1: a level counts by its
 * share of the batch's nats, times the number of levels, so that the cost of one that says little is
 * little and it may begin to say more (Vahdat and Kautz 2020, "NVAE", section 3.2 and appendix A). At
 * weight 1 all count alike, and the loss is the ELBO.
 * @param levels `(batch, n)` each. @returns `(batch, Σ n)`.
 */
export function balancedKl(
  levels: readonly Tensor[],
  { klWeight, training, average }: ModelInput<unknown>,
): Tensor {
  if (!training) return concat(levels, 1);
  const nats = levels.map((kl) => average(kl.sum(1)).add(LEAST).stopGradient());
  const all = nats.reduce((sum, each) => sum.add(each));
  const risen = klWeight.minimum(1);
  const rest = constant(1).sub(risen).mul(levels.length);
  return concat(
    levels.map((kl, l) => kl.mul(nats[l]!.div(all).mul(rest).add(risen))),
    1,
  );
}

/** What rows and targets cost given their latents: the loss less its KL. */
export function dataLoss({
  reconstruction,
  target,
}: {
  reconstruction: Tensor;
  target: Tensor | null;
}): Tensor {
  return target ? reconstruction.add(target) : reconstruction;
}

/** The loss of terms that have a KL: −log p(x | z), the KL as it counts, and the targets. */
export function elboLoss(
  terms: { reconstruction: Tensor; target: Tensor | null; kl: Tensor },
  input: ModelInput<unknown>,
): { loss: Tensor; batchLoss?: Tensor } {
  const part = klLoss(terms.kl, input);
  const data = dataLoss(terms);
  if ("batch" in part) return { loss: data, batchLoss: part.batch };
  return { loss: data.add(part.rows) };
}
