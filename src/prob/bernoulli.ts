// The Bernoulli by its logit.
import {
  apply,
  type CompositeOperator,
  graphError,
  sameShape,
  type Tensor,
} from "../graph/index.ts";
import { bounded, clamp, LOGIT_BOUNDS, sigmoid } from "./bounds.ts";
import { elementwise } from "./elementwise.ts";
import { at, type Likelihood } from "./likelihood.ts";

/** A product of this many probabilities of at least ½ is no denormal float32. */
const LONGEST_PRODUCT = 120;

/** The largest divisor of `size` that is at most `limit`. */
function divisorUpTo(size: number, limit: number): number {
  for (let divisor = Math.min(size, limit); divisor > 1; divisor--) {
    if (size % divisor === 0) return divisor;
  }
  return 1;
}

/** Σ log x over the last axis of `(batch, size)`, x in [½, 1]: one logarithm for many factors. */
function sumOfLogs(x: Tensor): Tensor {
  const size = x.shape[1]!;
  const group = divisorUpTo(size, LONGEST_PRODUCT);
  return x
    .reshape([x.shape[0]!, size / group, group])
    .prod(2)
    .log()
    .sum(1);
}

const logLikelihood: CompositeOperator = {
  name: "bernoulliLogLikelihood",
  infer([x, logits]) {
    if (x!.rank !== 2 || !sameShape(x!.shape, logits!.shape) || x!.dtype !== "float32") {
      throw graphError("bernoulliLogLikelihood", "values and logits (batch, size)", [x!, logits!]);
    }
    return { shape: [x!.shape[0]!], dtype: "float32" };
  },
  gradient({ inputs, upstream }) {
    const [x, logits] = inputs as [Tensor, Tensor];
    const rows = upstream.reshape([x.shape[0]!, 1]);
    return [rows.mul(logits), rows.mul(x.sub(logits.sigmoid()))];
  },
  expand([x, logits]) {
    // softplus(l) = max(l, 0) − log max(p, 1 − p), p the sigmoid that the gradient needs as well.
    const p = logits!.sigmoid();
    const certain = sumOfLogs(p.maximum(p.neg().add(1)));
    return x!.mul(logits!).sub(logits!.relu()).sum(1).add(certain);
  },
};

/**
 * Σ log p of each row's values in [0, 1] under Bernoulli(sigmoid(logits)), both `(batch, size)`:
 * x·logit − softplus(logit), summed to `(batch,)`. For x between 0 and 1 this is the expected
 * log-probability of pixels drawn with brightness x. The absolute error is that of the sigmoid,
 * 1e-7 a value.
 */
export function bernoulliLogLikelihood(x: Tensor, logits: Tensor): Tensor {
  return apply(logLikelihood, [x, logits]);
}

const operator = elementwise(
  "bernoulliLogProb",
  // The logit itself cancels first, so that a near certain value keeps its digits.
  (x, logit) => x!.mul(logit!).sub(logit!.relu()).sub(logit!.abs().neg().exp().log1p()),
  (x, logit) => [logit!, x!.sub(logit!.sigmoid())],
);

/**
 * x·logit − softplus(logit), the logit within ±1e6; x is 0 or 1, or between them, where it is the
 * expected log-probability. Rows of many values are summed faster by `bernoulliLogLikelihood`.
 */
export const bernoulli: Likelihood = {
  name: "bernoulli",
  parameters: [{ name: "logit", size: 1 }],
  mass: true,
  dtype: "float32",
  logProb: (x, [logit]) => apply(operator, [x, bounded(logit!, LOGIT_BOUNDS)]),
  mean: ([logit]) => logit!.sigmoid(),
  mode: ([logit]) => logit!.greater(0).cast("float32"),
  fixedDraw: {
    noise: { normal: 0, uniform: 1 },
    draw: ([logit], { uniform }) =>
      uniform!.less(bounded(logit!, LOGIT_BOUNDS).sigmoid()).cast("float32"),
  },
  sample([logit], out, draws) {
    for (let i = 0; i < out.length; i++) {
      out[i] = draws.uniform() < sigmoid(clamp(at(logit!, i), LOGIT_BOUNDS)) ? 1 : 0;
    }
  },
};
