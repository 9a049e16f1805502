// A mixture of logistic distributions cut into levels, for pixels (Salimans et al. 2017, PixelCNN++,
// §2.1): black, white and the greys between them each have a component of their own.
import { constant, type Tensor } from "../graph/index.ts";
import { bounded, clamp, LOGIT_BOUNDS } from "./bounds.ts";
import { discretizedLogistic } from "./discretized-logistic.ts";
import { chosen, levelAt } from "./fixed-noise.ts";
import { type Likelihood, partAt } from "./likelihood.ts";

/** What draws of the host are within: logarithms of them are finite. */
const INSIDE = [2 ** -33, 1 - 2 ** -24] as const;

const withAxis = (x: Tensor) => x.reshape(x.shape.toSpliced(-1, 0, 1));

/**
 * Σ wₖ pₖ(x) of whole numbers x in 0 … levels − 1, w the softmax of the logits and pₖ the discretised
 * logistic at the k-th location and log scale, see `discretizedLogistic`. The mode is the most
 * probable of all levels.
 * @param levels how many, at least 2: 256 for bytes.
 * @param components how many logistics, K, at least 2; each parameter has K numbers.
 */
export function discretizedLogisticMixture(levels: number, components: number): Likelihood {
  const one = discretizedLogistic(levels);
  const logWeights = (logits: Tensor) => bounded(logits, LOGIT_BOUNDS).logSoftmax(-1);
  /** @param x with an axis of 1, or as many as components, at its end. */
  function logSum(x: Tensor, [logits, ...parts]: readonly Tensor[]): Tensor {
    return one.logProb(x, parts).add(logWeights(logits!)).logSumExp(-1);
  }
  return {
    name: "discretized-logistic-mixture",
    parameters: ["logits", "locations", "logScales"].map((name) => ({ name, size: components })),
    mass: true,
    dtype: "float32",
    logProb: (x, parameters) => logSum(x.reshape([...x.shape, 1]), parameters),
    mean([logits, ...parts]) {
      return logWeights(logits!).exp().mul(one.mean(parts)).sum(-1);
    },
    mode(parameters) {
      const all = constant(
        Array.from({ length: levels }, (_, k) => k),
        [levels, 1],
      );
      return logSum(all, parameters.map(withAxis)).argmax(-1).cast("float32");
    },
    fixedDraw: {
      noise: { normal: 0, uniform: 1 },
      /** One number chooses the component, and where it lies in that one's stretch is the draw. */
      draw([logits, ...parts], { uniform }) {
        const weights = logWeights(logits!).exp();
        const which = chosen(levelAt(weights, uniform!), components);
        const ofChosen = (x: Tensor) => x.mul(which).sum(-1);
        const start = ofChosen(weights.cumulativeSum(weights.rank - 1).sub(weights));
        const rest = uniform!.sub(start).div(ofChosen(weights));
        return one.fixedDraw!.draw(parts.map(ofChosen), { normal: null, uniform: rest });
      },
    },
    sample([logits, ...parts], out, draws) {
      for (let i = 0; i < out.length; i++) {
        const { k, rest } = stretchAt(partAt(logits!, i, components), draws.uniform());
        const own = parts.map((part) => partAt(part, i, components).subarray(k, k + 1));
        one.sample(own, out.subarray(i, i + 1), { normal: draws.normal, uniform: () => rest });
      }
    },
  };
}

/** The component whose stretch of (0, 1) holds u, and where u lies in it, within (0, 1) too. */
function stretchAt(logits: Float32Array, u: number): { k: number; rest: number } {
  const held = Array.from(logits, (logit) => clamp(logit, LOGIT_BOUNDS));
  const peak = Math.max(...held);
  const weights = held.map((logit) => Math.exp(logit - peak));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  let k = 0;
  let rest = u * sum;
  while (k < weights.length - 1 && rest >= weights[k]!) rest -= weights[k++]!;
  return { k, rest: clamp(rest / weights[k]!, INSIDE) };
}
