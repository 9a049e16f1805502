// Elementwise functions that lose their digits when written naively.
import { graphError } from "../errors.ts";
import { apply, type CompositeOperator, Tensor } from "../tensor.ts";

declare module "../tensor.ts" {
  interface Tensor {
    /** log(1 + x) for finite x > −1, exact to rounding for small x. */
    log1p(): Tensor;
    /** exp(x) − 1, exact to rounding for small x. */
    expm1(): Tensor;
    /** log(1 + exp(x)), without overflow, exact to rounding in both tails. */
    softplus(): Tensor;
    /** log(1 / (1 + exp(−x))) = −softplus(−x). */
    logSigmoid(): Tensor;
    /** The Gaussian error linear unit x·Φ(x) (Hendrycks and Gimpel 2016), in its exact form. */
    gelu(): Tensor;
    /** x·sigmoid(x), also called swish. */
    silu(): Tensor;
    /** x where positive, else `slope`·x. Default slope 0.01, as PyTorch's. */
    leakyRelu(slope?: number): Tensor;
    /** x where positive, else exp(x) − 1. */
    elu(): Tensor;
  }
}

/** An elementwise float32 function written as others. */
export function compositeUnary(
  name: string,
  expand: (x: Tensor) => Tensor,
  gradient: (upstream: Tensor, x: Tensor, y: Tensor) => Tensor,
): CompositeOperator {
  return {
    name,
    infer([x]) {
      if (x!.dtype !== "float32") throw graphError(name, "a float32 input", [x!]);
      return { shape: [...x!.shape], dtype: "float32" };
    },
    gradient: ({ inputs, output, upstream }) => [gradient(upstream, inputs[0]!, output)],
    expand: ([x]) => expand(x!),
  };
}

const log1p = compositeUnary(
  "log1p",
  (x) => {
    // What 1 + x lost to rounding comes back to first order: log(w + d) ≈ log w + d / w.
    const w = x.add(1);
    return w.log().add(x.sub(w.sub(1)).div(w));
  },
  (g, x) => g.div(x.add(1)),
);

const expm1 = compositeUnary(
  "expm1",
  (x) => {
    const near = x.clip(-1, 1);
    const u = near.exp();
    const same = u.equal(1);
    const small = u.sub(1).mul(same.where(1, near.div(same.where(1, u.log()))));
    const isSmall = x.abs().less(0.5);
    return isSmall.where(same.where(x, small), x.exp().sub(1));
  },
  (g, _, y) => g.mul(y.add(1)),
);

const softplus = compositeUnary(
  "softplus",
  (x) => x.relu().add(x.abs().neg().exp().log1p()),
  (g, x) => g.mul(x.sigmoid()),
);

const elu = compositeUnary(
  "elu",
  (x) => x.relu().add(x.minimum(0).expm1()),
  // Written out, so that the gradient at 0 is 1 and not the half that a tie would give.
  (g, _, y) => g.mul(y.minimum(0).add(1)),
);

for (const [name, operator] of Object.entries({ log1p, expm1, softplus, elu })) {
  Tensor.prototype[name as "log1p"] = function (this: Tensor) {
    return apply(operator, [this]);
  };
}

Tensor.prototype.logSigmoid = function () {
  return this.neg().softplus().neg();
};

Tensor.prototype.gelu = function () {
  return this.mul(this.mul(Math.SQRT1_2).erf().add(1).mul(0.5));
};

Tensor.prototype.silu = function () {
  return this.mul(this.sigmoid());
};

Tensor.prototype.leakyRelu = function (slope = 0.01) {
  const scaled = this.mul(slope);
  return slope <= 1 ? this.maximum(scaled) : this.minimum(scaled);
};
