// The prior N(0, I) (Kingma and Welling 2014).
import { bounded } from "../bounds.ts";
import type { Prior } from "./prior.ts";

/** Beyond, squares of latents would overflow. */
const FARTHEST = [-1e15, 1e15] as const;

/** log p(z) = −½‖z‖² − ½·latent·log 2π. */
export function standardNormal(latent: number): Prior {
  return {
    name: "standard-normal",
    space: "euclidean",
    latent,
    parameters: [],
    logProb: (z) =>
      bounded(z, FARTHEST)
        .square()
        .sum(-1)
        .mul(-0.5)
        .sub((latent / 2) * Math.log(2 * Math.PI)),
    fixedDraw: {
      noise: { normal: latent, uniform: 0 },
      draw: (_, { normal }) => normal!,
    },
  };
}
