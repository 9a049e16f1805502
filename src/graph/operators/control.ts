// What the gradient sees: stopped, passed straight through a step, or ended at a stand-in.
import { graphError } from "../errors.ts";
import { broadcastShapes, sameShape } from "../shape.ts";
import { apply, type Operator, Tensor } from "../tensor.ts";

declare module "../tensor.ts" {
  interface Tensor {
    /** The same value, constant to the gradient. */
    stopGradient(): Tensor;
    /**
     * This value with the gradient of `surrogate`, a float32 tensor that broadcasts to its shape
     * (Bengio et al. 2013, straight-through).
     */
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

/** The same value under another identity, at which a walk back through an expansion ends. */
export const standInOperator: Operator = {
  name: "standIn",
  infer: ([x]) => ({ shape: [...x!.shape], dtype: x!.dtype }),
  gradient: ({ upstream }) => [upstream],
  simplify: ([x]) => x!,
  emit: (emitter, node) => emitter.name(node.inputs[0]!),
};

const straightThrough: Operator = {
  name: "straightThrough",
  infer([x, surrogate]) {
    const shape = broadcastShapes(x!.shape, surrogate!.shape);
    const isFloat = x!.dtype === "float32" && surrogate!.dtype === "float32";
    if (!shape || !sameShape(shape, x!.shape) || !isFloat) {
      const expects = "float32 inputs, the second of which broadcasts to the first's shape";
      throw graphError("straightThrough", expects, [x!, surrogate!]);
    }
    return { shape, dtype: "float32" };
  },
  gradient: ({ inputs, upstream }) => [null, upstream.sumTo(inputs[1]!.shape)],
  simplify: ([x]) => x!,
  emit: (emitter, node) => emitter.name(node.inputs[0]!),
};

Tensor.prototype.straightThrough = function (surrogate) {
  return apply(straightThrough, [this, surrogate]);
};
