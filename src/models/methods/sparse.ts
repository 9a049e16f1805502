// The sparse autoencoder: codes of which few say something. λ·Σⱼ |zⱼ| for each row (Ng 2011, Sparse
// autoencoder, has it as a prior), or λ·Σⱼ KL(ρ ‖ ρⱼ) of the mean ρⱼ over the batch of codes that
// pass through a sigmoid (the same, §3).
import { codeOf, codeTerms } from "../codes.ts";
import { choice, number } from "../method-options.ts";
import { method } from "../model.ts";

/** Rates are held this far from 0 and 1, where the KL has no bound. */
const CLOSEST = 1e-6;

export const sparse = method({
  title: "sparse autoencoder",
  summary: "codes of which few say something at a time",
  paper: "Ng 2011, Sparse autoencoder",
  probabilistic: false,
  hasKl: false,
  options: {
    penalty: choice("on absolute values, or on mean activations away from a rate", ["l1", "kl"]),
    lambda: number("λ, its weight beside the error of a value", 1e-3),
    rate: number("ρ, the mean activation that kl aims at", 0.05, {
      ...{ min: 1e-3, max: 0.999, of: ["penalty", ["kl"]] },
    }),
  },
  terms({ body, options, training, average }) {
    const { penalty, lambda, rate } = options;
    const plain = codeOf(body, body.encode());
    const terms = codeTerms(body, penalty === "kl" ? plain.sigmoid() : plain);
    if (!training) return terms;
    if (penalty === "l1") {
      return { ...terms, loss: terms.loss.add(terms.mean.abs().sum(1).mul(lambda)) };
    }
    const active = average(terms.mean).clip(CLOSEST, 1 - CLOSEST);
    const idle = active.neg().add(1);
    const entropy = rate * Math.log(rate) + (1 - rate) * Math.log(1 - rate);
    const divergence = active
      .log()
      .mul(-rate)
      .sub(idle.log().mul(1 - rate))
      .add(entropy);
    return { ...terms, batchLoss: divergence.sum().mul(lambda) };
  },
});
