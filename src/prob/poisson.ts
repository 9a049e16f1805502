// The Poisson, by the log of its rate.
import { apply } from "../graph/index.ts";
import { bounded, clamp, LOG_RATE_BOUNDS } from "./bounds.ts";
import { drawPoisson } from "./draws.ts";
import { elementwise } from "./elementwise.ts";
import { at, type Likelihood } from "./likelihood.ts";
import { factorialRest, logOfRatio } from "./stirling.ts";

/** Counts beyond, which float32 does not tell apart by far, count as this. */
export const LARGEST_COUNT = 1e12;

const operator = elementwise(
  "poissonLogProb",
  (counts, logRate) => {
    const x = counts!.minimum(LARGEST_COUNT);
    const positive = x.maximum(1);
    const rate = logRate!.exp();
    const above = rate.sub(x);
    const logRatio = logOfRatio(rate.div(positive), above.div(positive));
    return factorialRest(x).sub(positive.log().mul(0.5)).add(x.mul(logRatio)).sub(above);
  },
  (x, logRate) => [null, x!.minimum(LARGEST_COUNT).sub(logRate!.exp())],
);

/**
 * log p(x) = x log λ − λ − log x!, λ = exp(logRate), the log rate within ±25, computed as the
 * deviance from x itself, whose terms stay small (Loader 2000). An offset, as the log of a row's
 * total, is added to logRate by the caller.
 */
export const poisson: Likelihood = {
  name: "poisson",
  parameters: [{ name: "logRate", size: 1 }],
  mass: true,
  dtype: "float32",
  logProb: (x, [logRate]) => apply(operator, [x, bounded(logRate!, LOG_RATE_BOUNDS)]),
  mean: ([logRate]) => bounded(logRate!, LOG_RATE_BOUNDS).exp(),
  mode: ([logRate]) => bounded(logRate!, LOG_RATE_BOUNDS).exp().floor(),
  sample([logRate], out, draws) {
    for (let i = 0; i < out.length; i++) {
      out[i] = drawPoisson(draws, Math.exp(clamp(at(logRate!, i), LOG_RATE_BOUNDS)));
    }
  },
};
