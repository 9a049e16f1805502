// log Σ exp and its relatives, computed around the maximum so that nothing overflows.

import { graphError } from "../errors.ts";
import { axisIndex } from "../shape.ts";
import { apply, type CompositeOperator, Tensor } from "../tensor.ts";

declare module "../tensor.ts" {
  interface Tensor {
    /** log Σ exp over `axis`. */
    logSumExp(axis: number, keepDims?: boolean): Tensor;
    /** exp(x − logSumExp(x)). */
    softmax(axis: number): Tensor;
    /** x − logSumExp(x). */
    logSoftmax(axis: number): Tensor;
  }
}

const logSumExp: CompositeOperator = {
  name: "logSumExp",
  infer([x], { axis }) {
    const a = axis as number;
    if (a < 0 || x!.dtype !== "float32") {
      throw graphError("logSumExp", "a float32 input that has the axis asked for", [x!]);
    }
    return { shape: x!.shape.with(a, 1), dtype: "float32" };
  },
  gradient: ({ inputs, output, upstream }) => [upstream.mul(inputs[0]!.sub(output).exp())],
  expand([x], { axis }) {
    // A row of −∞ alone has the logarithm −∞, not the NaN of −∞ − (−∞).
    const peak = x!.max(axis as number, true).maximum(-3.4e38);
    return x!
      .sub(peak)
      .exp()
      .sum(axis as number, true)
      .log()
      .add(peak);
  },
};

Tensor.prototype.logSumExp = function (axis, keepDims = false) {
  const index = axisIndex(axis, this.rank);
  const result = apply(logSumExp, [this], { axis: index });
  return keepDims ? result : result.reshape(this.shape.toSpliced(index, 1));
};

Tensor.prototype.logSoftmax = function (axis) {
  return this.sub(this.logSumExp(axis, true));
};

Tensor.prototype.softmax = function (axis) {
  return this.logSoftmax(axis).exp();
};
