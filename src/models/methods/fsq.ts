// Finite scalar quantisation (Mentzer et al. 2024, Finite Scalar Quantization: VQ-VAE Made Simple,
// §3.1): each latent is bounded and rounded to one of L values, and the gradient passes straight
// through the rounding. No codebook is learned, and none can collapse.
import { atanh } from "../../base/exact-math.ts";
import type { Tensor } from "../../graph/index.ts";
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
  terms: ({ body, options }) =>
    codeTerms(body, quantized(codeOf(body, body.encode()), options.levels)),
});
