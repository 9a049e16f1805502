// Finite scalar quantisation (Mentzer et al. 2024, Finite Scalar Quantization: VQ-VAE Made Simple,
// §3.1): each latent is bounded and rounded to one of L values, and the gradient passes straight
// through the rounding. No codebook is learned, and none can collapse.
import { atanh } from "../../base/exact-math.ts";
import { BATCH, constant, type Tensor } from "../../graph/index.ts";
import { codeOf, codeTerms } from "../codes.ts";
import { number } from "../method-options.ts";
import { method } from "../model.ts";

/** Bounds are this far inside, so that rounding never leaves them. */
const MARGIN = 1e-3;

/** One of `levels` values, evenly in [−1, 1]: equation in §3.1, with its shift for even numbers. */
function quantized(x: Tensor, levels: number): Tensor {
  const half = ((levels - 1) * (1 + MARGIN)) / 2;
  const offset = levels % 2 === 0 ? 0.5 : 0;
  const shift = atanh(offset / half);
  const bounded = x.add(shift).tanh().mul(half).sub(offset);
  const rounded = bounded.add(0.5).floor().straightThrough(bounded);
  return rounded.div(Math.floor(levels / 2));
}

export const fsq = method({
  title: "FSQ",
  summary: "codes of whole numbers, each latent rounded to a few values",
  paper: "Mentzer et al. 2024, Finite Scalar Quantization: VQ-VAE Made Simple",
  probabilistic: false,
  hasKl: false,
  options: {
    levels: number("L, the values that a latent can have", 8, {
      min: 2,
      integer: true,
      max: 1024,
    }),
  },
  terms({ body, options: { levels }, training, average }) {
    const { latent } = body.config;
    const terms = codeTerms(body, quantized(codeOf(body, body.encode()), levels));
    if (!training) return terms;
    // Of a batch: how many of its values a latent uses, as many even ones as have their entropy.
    const half = Math.floor(levels / 2);
    const values = constant(Array.from({ length: levels }, (_, i) => i - half));
    const whole = terms.mean.stopGradient().mul(half).reshape([BATCH, latent, 1]);
    const shares = average(whole.sub(values).abs().less(0.5).cast("float32"));
    const entropy = shares.mul(shares.maximum(1e-10).log()).sum(1).neg();
    const inUse = entropy.exp().sum().div(latent);
    return { ...terms, metrics: { valuesInUse: terms.loss.mul(0).add(inUse) } };
  },
});
