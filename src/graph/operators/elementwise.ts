// Elementwise functions of one tensor that ONNX has on every device.
import { graphError } from "../errors.ts";
import type { NodeAttributes } from "../onnx/values.ts";
import { apply, type Operator, Tensor } from "../tensor.ts";
import { broadcastOperator, underTranspose } from "./reshape.ts";
import { constant, constantValue } from "./sources.ts";

declare module "../tensor.ts" {
  interface Tensor {
    neg(): Tensor;
    abs(): Tensor;
    exp(): Tensor;
    log(): Tensor;
    sqrt(): Tensor;
    reciprocal(): Tensor;
    square(): Tensor;
    sin(): Tensor;
    cos(): Tensor;
    tanh(): Tensor;
    sigmoid(): Tensor;
    relu(): Tensor;
    /** The error function 2/√π ∫₀ˣ exp(−t²) dt. */
    erf(): Tensor;
    /** The largest integer not above; its gradient is zero. */
    floor(): Tensor;
    /** −1, 0 or 1; its gradient is zero. */
    sign(): Tensor;
  }
}

interface Unary {
  name: string;
  onnx: string;
  attributes?: NodeAttributes;
  fold?(x: number): number;
  /** The derivative times the upstream gradient. */
  gradient(upstream: Tensor, x: Tensor, y: Tensor): Tensor | null;
}

function unary({ name, onnx, attributes, fold, gradient }: Unary): Operator {
  const operator: Operator = {
    name,
    infer([x]) {
      if (x!.dtype !== "float32") throw graphError(name, "a float32 input", [x!]);
      return { shape: [...x!.shape], dtype: "float32" };
    },
    gradient: ({ inputs, output, upstream }) => [gradient(upstream, inputs[0]!, output)],
    simplify([x]) {
      // Twice negated is as it was.
      if (name === "neg" && x!.operator === operator) return x!.inputs[0]!;
      const value = constantValue(x!);
      if (fold && value !== undefined) {
        const { length } = x!.attributes["values"] as Float32Array;
        return constant(new Array<number>(length).fill(fold(value)), x!.shape);
      }
      // The function of few values, broadcast, is less work than of many.
      if (x!.operator === broadcastOperator) {
        return apply(operator, [x!.inputs[0]!]).broadcastTo(x!.shape);
      }
      // Transposes wait until after, where they may meet another.
      const under = underTranspose([x!]);
      return under && apply(operator, under.operands).transpose(under.permutation);
    },
    emit: (emitter, node) => emitter.node(onnx, emitter.names(node), attributes),
    elementwise: { type: onnx, ...(attributes && { attributes }) },
  };
  return operator;
}

const definitions: Unary[] = [
  { name: "abs", onnx: "Abs", fold: Math.abs, gradient: (g, x) => g.mul(x.sign()) },
  { name: "exp", onnx: "Exp", fold: Math.exp, gradient: (g, _, y) => g.mul(y) },
  { name: "log", onnx: "Log", fold: Math.log, gradient: (g, x) => g.div(x) },
  { name: "sqrt", onnx: "Sqrt", fold: Math.sqrt, gradient: (g, _, y) => g.div(y.mul(2)) },
  { name: "neg", onnx: "Neg", fold: (x) => -x, gradient: (g) => g.neg() },
  {
    name: "reciprocal",
    onnx: "Reciprocal",
    fold: (x) => 1 / x,
    gradient: (g, _, y) => g.mul(y.square()).neg(),
  },
  { name: "sin", onnx: "Sin", fold: Math.sin, gradient: (g, x) => g.mul(x.cos()) },
  { name: "cos", onnx: "Cos", fold: Math.cos, gradient: (g, x) => g.mul(x.sin()).neg() },
  {
    name: "tanh",
    onnx: "Tanh",
    fold: Math.tanh,
    gradient: (g, _, y) => g.mul(y.square().neg().add(1)),
  },
  { name: "sigmoid", onnx: "Sigmoid", gradient: (g, _, y) => g.mul(y.mul(y.neg().add(1))) },
  { name: "relu", onnx: "Relu", gradient: (g, _, y) => g.mul(apply(unitStep, [y])) },
  {
    name: "erf",
    onnx: "Erf",
    gradient: (g, x) =>
      g.mul(
        x
          .square()
          .neg()
          .exp()
          .mul(2 / Math.sqrt(Math.PI)),
      ),
  },
  { name: "floor", onnx: "Floor", fold: Math.floor, gradient: () => null },
];

/**
 * 1 above 0, else 0, in one pass where a comparison and a cast are two: a sigmoid of straight lines,
 * so steep that every normal float32 above 0 gives 1.
 */
const unitStep = unary({
  name: "unitStep",
  onnx: "HardSigmoid",
  attributes: { alpha: 3.4e38, beta: 0 },
  gradient: () => null,
});

const operators = new Map(definitions.map((definition) => [definition.name, unary(definition)]));

for (const [name, operator] of operators) {
  Tensor.prototype[name as "neg"] = function (this: Tensor) {
    return apply(operator, [this]);
  };
}

Tensor.prototype.square = function () {
  return this.mul(this);
};

// The WebGPU provider lacks Sign.
Tensor.prototype.sign = function () {
  return this.greater(0).cast("float32").sub(this.less(0).cast("float32"));
};
