// Levels in an order, by one location and cut points between them (McCullagh 1980: the
// proportional-odds, or cumulative-logit, model).
import { logit } from "../base/exact-math.ts";
import { concat, type Tensor } from "../graph/index.ts";
import { bounded, clamp, LOGIT_BOUNDS, softplus } from "./bounds.ts";
import { logisticOf } from "./fixed-noise.ts";
import { expectedCode, pick } from "./levels.ts";
import { at, type Likelihood, partAt, withLastAxis } from "./likelihood.ts";

/** Of raw distances between cut points. */
const RAW_DISTANCE_BOUNDS = [-1e4, 1e4] as const;

/** log p of each level, `(…, levels)`. */
function logProbabilities(parameters: readonly Tensor[], levels: number): Tensor {
  const [rawLocation, given] = parameters as [Tensor, Tensor];
  const raw = withLastAxis(given, levels - 1);
  const location = bounded(rawLocation, LOGIT_BOUNDS);
  const { cuts, distances } = cutsOf(raw, levels);
  // log(σ(b) − σ(a)) = log(1 − e^(a − b)) + log σ(b) + log σ(−a), where the last level has no upper
  // cut b and the first no lower cut a.
  if (distances === null) return edges(cuts, location).neg();
  // 1 − exp(−softplus(d)) = σ(d).
  return distances
    .logSigmoid()
    .pad(raw.rank - 1, 1, 1)
    .sub(edges(cuts, location));
}

/** The cut points in ascending order, and the raw distances that all but the first lie apart. */
function cutsOf(raw: Tensor, levels: number): { cuts: Tensor; distances: Tensor | null } {
  const axis = raw.rank - 1;
  const first = bounded(raw.slice(axis, 0, 1), LOGIT_BOUNDS);
  if (levels === 2) return { cuts: first, distances: null };
  const distances = bounded(raw.slice(axis, 1, levels - 1), RAW_DISTANCE_BOUNDS);
  return { cuts: concat([first, distances.softplus()], axis).cumulativeSum(axis), distances };
}

/** −log σ(upper − location) − log σ(location − lower) of each level. */
function edges(cuts: Tensor, location: Tensor): Tensor {
  const above = cuts.sub(location.reshape([...location.shape, 1]));
  const last = above.rank - 1;
  return above
    .neg()
    .softplus()
    .pad(last, 0, 1)
    .add(above.softplus().pad(last, 1, 0));
}

/**
 * P(x <= k) = sigmoid(cutₖ − location) for codes 0 … levels − 1: cut₀ is the first raw cut point,
 * each further one lies softplus(raw) above the one before.
 * @param levels how many, at least 2; `cuts` has one number fewer.
 */
export function ordinal(levels: number): Likelihood {
  const probabilities = (parameters: readonly Tensor[]) =>
    logProbabilities(parameters, levels).exp();
  return {
    name: "ordinal",
    parameters: [
      { name: "location", size: 1 },
      { name: "cuts", size: levels - 1 },
    ],
    mass: true,
    dtype: "int32",
    logProb: (x, parameters) => pick(x, logProbabilities(parameters, levels)),
    mean: (parameters) => expectedCode(probabilities(parameters)),
    mode: (parameters) => logProbabilities(parameters, levels).argmax(-1),
    probabilities,
    fixedDraw: {
      noise: { normal: 0, uniform: 1 },
      draw([location, given], { uniform }) {
        const { cuts } = cutsOf(withLastAxis(given!, levels - 1), levels);
        const value = bounded(location!, LOGIT_BOUNDS).add(logisticOf(uniform!));
        return value
          .reshape([...value.shape, 1])
          .greater(cuts)
          .cast("float32")
          .sum(-1);
      },
    },
    sample(parameters, out, draws) {
      const [location, raw] = parameters as [Float32Array, Float32Array];
      for (let i = 0; i < out.length; i++) {
        const cuts = partAt(raw, i, levels - 1);
        const value = clamp(at(location, i), LOGIT_BOUNDS) + logit(draws.uniform());
        let cut = clamp(cuts[0]!, LOGIT_BOUNDS);
        let level = 0;
        while (level < levels - 1 && value > cut) {
          level += 1;
          if (level < levels - 1) cut += softplus(clamp(cuts[level]!, RAW_DISTANCE_BOUNDS));
        }
        out[i] = level;
      }
    },
  };
}
