// Reductions over axes. A mean over the batch is a sum times 1/batch, which comes in as an input:
// the batch's size is not known to the graph.
import { graphError } from "../errors.ts";
import { blockedSum } from "../onnx/blocked.ts";
import type { Emitter } from "../onnx/emitter.ts";
import { axisIndex, type Dim, type Shape, sameShape, sizeOf } from "../shape.ts";
import { type Attributes, apply, type Operator, Tensor } from "../tensor.ts";
import { transposeOperator } from "./reshape.ts";

declare module "../tensor.ts" {
  interface Tensor {
    /** Sum over `axes` (all of them by default). */
    sum(axes?: number | readonly number[], keepDims?: boolean): Tensor;
    /** Mean over `axes` of known size: not the batch. */
    mean(axes?: number | readonly number[], keepDims?: boolean): Tensor;
    /** Largest value over `axes`; equal maxima share the gradient. */
    max(axes?: number | readonly number[], keepDims?: boolean): Tensor;
    /** Smallest value over `axes`; equal minima share the gradient. */
    min(axes?: number | readonly number[], keepDims?: boolean): Tensor;
    /** Product over `axes`; exact gradients where factors are zero. */
    prod(axes?: number | readonly number[], keepDims?: boolean): Tensor;
    /** Index (int32) of the first largest value along `axis`. */
    argmax(axis: number): Tensor;
    /** Sum over what broadcasting added, back to `shape`. */
    sumTo(shape: Shape): Tensor;
  }
}

function reducedShape(shape: Shape, axes: readonly number[], keepDims: boolean): Dim[] {
  return shape.flatMap((d, i) => (axes.includes(i) ? (keepDims ? [1] : []) : [d]));
}

/** Numbers of a register: ONNX Runtime's cpu adds up in another order from addresses between them. */
const REGISTER = 4;

/**
 * Where results must not depend on a row's place, the input of a sum over the last axis: with zeros
 * after each row, so that all rows begin at the same place of a register.
 */
function evenRows(emitter: Emitter, x: Tensor, axes: readonly number[]): string {
  const name = emitter.name(x);
  const last = x.rank - 1;
  const size = x.shape[last]!;
  const even = size < REGISTER || size % REGISTER === 0;
  if (!emitter.holdsWeights || even || !axes.includes(last) || axes.includes(0)) return name;
  const pads = new Array<number>(2 * x.rank).fill(0);
  pads[2 * x.rank - 1] = REGISTER - (size % REGISTER);
  return emitter.node("Pad", [name, emitter.int64(pads), emitter.scalar(0, "float32")]);
}

function reduction(name: string, onnx: string, gradient: Operator["gradient"] & object): Operator {
  const operator: Operator = {
    name,
    infer([x], { axes, keepDims }) {
      const list = axes as number[];
      const fits = list.every((axis, i) => axis >= 0 && list.indexOf(axis) === i);
      if (x!.dtype !== "float32" || !fits) {
        throw graphError(name, "a float32 input that has the axes asked for, each once", [x!]);
      }
      return { shape: reducedShape(x!.shape, list, keepDims as boolean), dtype: "float32" };
    },
    gradient,
    simplify([x], { axes, keepDims }) {
      if ((axes as number[]).length === 0) return x!;
      if (x!.operator !== transposeOperator) return null;
      const order = x!.attributes["permutation"] as number[];
      const under = (axes as number[]).map((axis) => order[axis]!).sort((a, b) => a - b);
      const reduced = apply(operator, [x!.inputs[0]!], { axes: under, keepDims: true });
      const whole = reduced.transpose(order);
      return keepDims ? whole : whole.reshape(reducedShape(x!.shape, axes as number[], false));
    },
    emit(emitter, node) {
      const { axes, keepDims } = node.attributes;
      const [x] = node.inputs as [Tensor];
      const sums = onnx === "ReduceSum" ? blockedSum(emitter, node) : null;
      if (sums !== null) return sums;
      const input = onnx === "ReduceSum" ? evenRows(emitter, x, axes as number[]) : emitter.name(x);
      const names = [input, emitter.int64(axes as number[])];
      return emitter.node(onnx, names, { keepdims: keepDims ? 1 : 0 });
    },
  };
  return operator;
}

/** A reduced tensor with its lost axes back as 1, so that it broadcasts against the input. */
function restored(reduced: Tensor, input: Tensor, attributes: Attributes): Tensor {
  return reduced.reshape(reducedShape(input.shape, attributes["axes"] as number[], true));
}

const sum = reduction("sum", "ReduceSum", ({ inputs, attributes, upstream }) => [
  restored(upstream, inputs[0]!, attributes).broadcastTo(inputs[0]!.shape),
]);

const extremeGradient: Operator["gradient"] = ({ inputs, output, attributes, upstream }) => {
  const x = inputs[0]!;
  const chosen = x.equal(restored(output, x, attributes)).cast("float32");
  const count = chosen.sum(attributes["axes"] as number[], true);
  return [chosen.mul(restored(upstream, x, attributes).div(count))];
};
const max = reduction("max", "ReduceMax", extremeGradient);
const min = reduction("min", "ReduceMin", extremeGradient);

function reduce(operator: Operator, x: Tensor, axes: number | readonly number[] | undefined) {
  const list = axes === undefined ? x.shape.map((_, i) => i) : [axes].flat();
  return { operator, axes: list.map((axis) => axisIndex(axis, x.rank)).sort((a, b) => a - b) };
}

const prod = reduction("prod", "ReduceProd", ({ inputs, output, attributes, upstream }) => {
  // The product of the other factors: by division, unless a factor is zero.
  const x = inputs[0]!;
  const axes = attributes["axes"] as number[];
  const isZero = x.equal(0);
  const zeros = isZero.cast("float32").sum(axes, true);
  const safe = isZero.where(1, x);
  const whole = restored(output, x, attributes).div(safe);
  const others = isZero.where(zeros.equal(1).where(safe.prod(axes, true), 0), whole);
  return [others.mul(restored(upstream, x, attributes))];
});

for (const [name, operator] of Object.entries({ sum, max, min, prod })) {
  Tensor.prototype[name as "sum"] = function (this: Tensor, axes, keepDims = false) {
    return apply(operator, [this], { axes: reduce(operator, this, axes).axes, keepDims });
  };
}

Tensor.prototype.mean = function (axes, keepDims = false) {
  const { axes: list } = reduce(sum, this, axes);
  const count = sizeOf(list.map((axis) => this.shape[axis] ?? 1));
  if (!(count >= 0)) {
    throw graphError(
      "mean",
      "axes of known size, not the batch",
      [this],
      "Sum over the batch and multiply by an input that holds 1/batch.",
    );
  }
  return this.sum(list, keepDims).mul(1 / count);
};

const argmax: Operator = {
  name: "argmax",
  infer([x], { axis }) {
    if (x!.dtype !== "float32" || (axis as number) < 0) {
      throw graphError("argmax", "a float32 input that has the axis asked for", [x!]);
    }
    return { shape: reducedShape(x!.shape, [axis as number], false), dtype: "int32" };
  },
  gradient: () => [null],
  emit(emitter, node) {
    const axis = node.attributes["axis"] as number;
    const index = emitter.node("ArgMax", emitter.names(node), { axis, keepdims: 0 });
    return emitter.smallIndices(index, node.inputs[0]!.shape[axis]!);
  },
};

Tensor.prototype.argmax = function (axis) {
  return apply(argmax, [this], { axis: axisIndex(axis, this.rank) });
};

Tensor.prototype.sumTo = function (shape) {
  if (sameShape(this.shape, shape)) return this;
  const extra = this.rank - shape.length;
  const axes = this.shape.flatMap((d, i) =>
    i < extra || (shape[i - extra] === 1 && d !== 1) ? [i] : [],
  );
  // Leading axes alone need no reshape after them.
  return axes.length === extra ? this.sum(axes) : this.sum(axes, true).reshape(shape);
};
