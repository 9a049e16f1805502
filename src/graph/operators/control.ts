// What the gradient sees: stopped, or passed straight through a step.
import { apply, type Operator, Tensor } from "../tensor.ts";

declare module "../tensor.ts" {
  interface Tensor {
    /** The same value, constant to the gradient. */
    stopGradient(): Tensor;
    /** This value with the gradient of `surrogate` (Bengio et al. 2013, straight-through). */
    straightThrough(surrogate: Tensor): Tensor;
  }
}

const stopGradient: Operator = {
  name: "stopGradient",
  infer: ([x]) => ({ shape: [...x!.shape], dtype: x!.dtype }),
  gradient: () => [null],
  simplify: ([x]) => x!,
  emit: (emitter, node) => emitter.name(node.inputs[0]!),
};

Tensor.prototype.stopGradient = function () {
  return apply(stopGradient, [this]);
};

const straightThrough: Operator = {
  name: "straightThrough",
  infer: ([x]) => ({ shape: [...x!.shape], dtype: x!.dtype }),
  gradient: ({ inputs, upstream }) => [null, upstream.sumTo(inputs[1]!.shape)],
  simplify: ([x]) => x!,
  emit: (emitter, node) => emitter.name(node.inputs[0]!),
};

Tensor.prototype.straightThrough = function (surrogate) {
  return apply(straightThrough, [this, surrogate]);
};
