// A mixture of Gaussians for each value: several modes, and skew.
import type { Tensor } from "../graph/index.ts";
import { bounded, clamp, LOG_SCALE_BOUNDS, LOGIT_BOUNDS } from "./bounds.ts";
import { drawLevel } from "./draws.ts";
import { chosen, levelAt } from "./fixed-noise.ts";
import { standardizedLogProb } from "./gaussian.ts";
import { type Likelihood, partAt, withLastAxis } from "./likelihood.ts";
import { standardized } from "./location-scale.ts";

/** Means of the mixture's mean and mode: weighted sums of them are finite. */
const LOCATION_BOUNDS = [-1e18, 1e18] as const;

/** Steps from each component's mean towards a mode. */
const MODE_STEPS = 16;

interface Components {
  logWeights: Tensor;
  means: Tensor;
  logScales: Tensor;
}

function componentsOf(parameters: readonly Tensor[], size: number): Components {
  const parts = parameters.map((parameter) => withLastAxis(parameter, size));
  const [logits, means, logScales] = parts as [Tensor, Tensor, Tensor];
  return { logWeights: bounded(logits, LOGIT_BOUNDS).logSoftmax(-1), means, logScales };
}

/** log wₖ + log N(x; μₖ, σₖ²): an axis more than x has. */
function joint(x: Tensor, { logWeights, means, logScales }: Components): Tensor {
  const { z, logScale } = standardized(x.reshape([...x.shape, 1]), means, logScales);
  return standardizedLogProb(z, logScale).add(logWeights);
}

const withAxis = (x: Tensor) => x.reshape(x.shape.toSpliced(-1, 0, 1));

/** `(…, starts, components)`: the components beside each of their means as a start. */
function beside({ logWeights, means, logScales }: Components): Components {
  return {
    logWeights: withAxis(logWeights),
    means: withAxis(means),
    logScales: withAxis(logScales),
  };
}

/**
 * Σ wₖ N(x; μₖ, σₖ²), w the softmax of the logits, σ = exp(logScales) within `LOG_SCALE_BOUNDS`.
 * The mode is found from each component's mean by 16 steps of the fixed point
 * x ← Σ p(k|x) μₖσₖ⁻² / Σ p(k|x) σₖ⁻² (Carreira-Perpiñán 2000); the densest point reached is taken.
 * @param components how many Gaussians, K; each parameter has K numbers.
 */
export function gaussianMixture(components: number): Likelihood {
  const names = ["logits", "means", "logScales"];
  return {
    name: "gaussian-mixture",
    parameters: names.map((name) => ({ name, size: components })),
    mass: false,
    dtype: "float32",
    logProb: (x, parameters) => joint(x, componentsOf(parameters, components)).logSumExp(-1),
    mean(parameters) {
      const { logWeights, means } = componentsOf(parameters, components);
      return logWeights.exp().mul(bounded(means, LOCATION_BOUNDS)).sum(-1);
    },
    mode(parameters) {
      const given = componentsOf(parameters, components);
      const mixture = beside({ ...given, means: bounded(given.means, LOCATION_BOUNDS) });
      const logPrecisions = bounded(mixture.logScales, LOG_SCALE_BOUNDS).mul(-2);
      let points = bounded(given.means, LOCATION_BOUNDS);
      for (let step = 0; step < MODE_STEPS; step++) {
        const pull = joint(points, mixture).add(logPrecisions).softmax(-1);
        points = pull.mul(mixture.means).sum(-1);
      }
      const best = joint(points, mixture).logSumExp(-1).argmax(-1);
      return points.gatherElements(-1, best.reshape([...best.shape, 1])).reshape(best.shape);
    },
    fixedDraw: {
      noise: { normal: 1, uniform: 1 },
      draw(parameters, { normal, uniform }) {
        const { logWeights, means, logScales } = componentsOf(parameters, components);
        const one = chosen(levelAt(logWeights.exp(), uniform!), components);
        const scale = bounded(logScales, LOG_SCALE_BOUNDS).exp().mul(one).sum(-1);
        return means.mul(one).sum(-1).add(scale.mul(normal!));
      },
    },
    sample(parameters, out, draws) {
      const [logits, means, logScales] = parameters as [Float32Array, Float32Array, Float32Array];
      for (let i = 0; i < out.length; i++) {
        const k = drawLevel(draws, partAt(logits, i, components));
        const logScale = partAt(logScales, i, components)[k]!;
        const scale = Math.exp(clamp(logScale, LOG_SCALE_BOUNDS));
        out[i] = partAt(means, i, components)[k]! + scale * draws.normal();
      }
    },
  };
}
