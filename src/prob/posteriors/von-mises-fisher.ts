// The von Mises-Fisher distribution on the unit sphere, as posterior of a hyperspherical VAE
// (Davidson et al. 2018, "Hyperspherical Variational Auto-Encoders"):
//   q(z) = exp(κ μᵀz) / (F(κ) · area of the sphere), F as in ../bessel.ts.
import { ElboError } from "../../base/errors.ts";
import { concat, constant, type Tensor } from "../../graph/index.ts";
import { divergenceOf, restOf } from "../bessel.ts";
import { bounded } from "../bounds.ts";
import { logSphereArea } from "../sphere.ts";
import { column, type Posterior } from "./posterior.ts";
import { drawDistance, PROPOSALS } from "./von-mises-fisher-draw.ts";

/** Concentrations from 1e-3, uniform but for 1 in 1000, to 1e4. */
export const LOG_CONCENTRATION_BOUNDS = [Math.log(1e-3), Math.log(1e4)] as const;

/** A direction shorter than this in every coordinate is none, and counts as the first axis. */
const LEAST_LENGTH = 1e-12;

/** x / ‖x‖ of `(…, latent)`, whatever finite numbers it holds. */
function normalized(x: Tensor, latent: number): Tensor {
  const size = x.abs().max(-1, true).stopGradient();
  const first = constant([1, ...new Array<number>(latent - 1).fill(0)]);
  const scaled = x.mul(size.maximum(LEAST_LENGTH).reciprocal());
  const direction = size.less(LEAST_LENGTH).where(first, scaled);
  return direction.div(direction.square().sum(-1, true).sqrt());
}

function held(parameters: readonly Tensor[], latent: number) {
  const [direction, logConcentration] = parameters as [Tensor, Tensor];
  return {
    direction: normalized(direction, latent),
    logKappa: bounded(logConcentration, LOG_CONCENTRATION_BOUNDS),
  };
}

/** log q at distances t = 1 − μᵀz, `(…, 1)`, summed over that axis. */
function logDensity(t: Tensor, logKappa: Tensor, latent: number): Tensor {
  const kappa = logKappa.exp();
  const relative = restOf(kappa, latent).sub(kappa.mul(t));
  return relative.sub(logSphereArea(latent)).sum(-1);
}

/**
 * The point at distance t along μ, in the direction of `tangent` around it: Householder's
 * reflection that takes the first axis to −sign(μ₁)μ, whose vector is never short.
 */
function turned(t: Tensor, tangent: Tensor, direction: Tensor): Tensor {
  const radius = t.mul(t.neg().add(2)).maximum(1e-30).sqrt();
  const around = tangent.div(tangent.square().sum(-1, true).maximum(1e-20).sqrt());
  const point = concat([t.neg().add(1), around.mul(radius)], 1);
  const first = column(direction, 0);
  const sign = first.less(0).where(-1, constant(1));
  const latent = direction.shape.at(-1)!;
  const axis = constant([1, ...new Array<number>(latent - 1).fill(0)]);
  const mirror = axis.add(sign.mul(direction));
  const along = point.mul(mirror).sum(-1, true).div(first.abs().add(1));
  return mirror.mul(along).sub(point).mul(sign);
}

/**
 * `direction` has any length but 0; κ = exp(logConcentration) within `LOG_CONCENTRATION_BOUNDS`.
 * Draws take `PROPOSALS` proposals at once, of which none is accepted with probability 3.6e-8 at
 * most, and their gradient by κ is implicit (see von-mises-fisher-draw.ts).
 * @throws ElboError `latent-invalid` where latent < 2: a sphere of one dimension is two points.
 */
export function vonMisesFisher(latent: number): Posterior {
  if (!(latent >= 2)) {
    throw new ElboError({
      code: "latent-invalid",
      kind: "usage",
      message: `the von Mises-Fisher posterior has 2 latent dimensions or more; received ${latent}`,
      hint: "Ask for more latent dimensions, or for a Gaussian posterior.",
    });
  }
  return {
    name: "von-mises-fisher",
    space: "sphere",
    latent,
    parameters: [
      { name: "direction", size: latent },
      { name: "logConcentration", size: 1 },
    ],
    noise: { normal: latent - 1, uniform: 3 * PROPOSALS },
    draw(parameters, { normal, uniform }) {
      const { direction, logKappa } = held(parameters, latent);
      const t = drawDistance(logKappa, uniform!, latent);
      return {
        z: turned(t, normal!, direction),
        logProb: logDensity(t, logKappa, latent),
      };
    },
    logProb(z, parameters) {
      const { direction, logKappa } = held(parameters, latent);
      const t = bounded(z.sub(direction).square().sum(-1, true).mul(0.5), [0, 2]);
      return logDensity(t, logKappa, latent);
    },
    mean: (parameters) => held(parameters, latent).direction,
    standardDeviation: () => null,
    klFromUniform: (parameters) => divergenceOf(held(parameters, latent).logKappa.exp(), latent),
  };
}
