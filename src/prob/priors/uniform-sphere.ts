// The uniform distribution on the unit sphere, the prior of hyperspherical VAEs (Davidson et al.
// 2018): −log of the sphere's area, wherever z is on it.
import { column } from "../posteriors/posterior.ts";
import { logSphereArea } from "../sphere.ts";
import type { Prior } from "./prior.ts";

/** log p(z) = −log(2π^(latent/2) / Γ(latent/2)). */
export function uniformSphere(latent: number): Prior {
  return {
    name: "uniform-sphere",
    space: "sphere",
    latent,
    parameters: [],
    logProb: (z) => column(z, 0).clip(-1, 1).mul(0).sum(-1).sub(logSphereArea(latent)),
    fixedDraw: {
      noise: { normal: latent, uniform: 0 },
      draw: (_, { normal }) => normal!.div(normal!.square().sum(1, true).sqrt().maximum(1e-12)),
    },
  };
}
