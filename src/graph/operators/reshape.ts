// The same values in another shape: reshape, transpose, broadcast.
import { graphError } from "../errors.ts";
import { expand, runtimeShape } from "../onnx/batch-shapes.ts";
import {
  broadcastShapes,
  type Dim,
  formatShape,
  type Shape,
  sameShape,
  sameSize,
  sizeOf,
} from "../shape.ts";
import { apply, type Operator, Tensor } from "../tensor.ts";

declare module "../tensor.ts" {
  interface Tensor {
    reshape(shape: Shape): Tensor;
    /** Permutes the axes; by default reverses them. */
    transpose(permutation?: readonly number[]): Tensor;
    /** Repeats along axes of size 1 and new leading axes. */
    broadcastTo(shape: Shape): Tensor;
  }
}

const reshape: Operator = {
  name: "reshape",
  infer([x], { shape }) {
    const target = shape as Dim[];
    if (!sameSize(target, x!.shape)) {
      throw graphError("reshape", `an input with as many values as ${formatShape(target)}`, [x!]);
    }
    return { shape: [...target], dtype: x!.dtype };
  },
  gradient: ({ inputs, upstream }) => [upstream.reshape(inputs[0]!.shape)],
  simplify([x], { shape }) {
    if (sameShape(x!.shape, shape as Dim[])) return x!;
    if (x!.operator === broadcastOperator && sizeOf(x!.inputs[0]!.shape) === 1) {
      return x!.inputs[0]!.reshape([]).broadcastTo(shape as Dim[]);
    }
    if (x!.operator !== reshape) return null;
    return apply(reshape, [x!.inputs[0]!], { shape: shape! });
  },
  emit(emitter, node) {
    const x = emitter.name(node.inputs[0]!);
    const target = node.shape.map((d) => (d < 0 ? -1 : d));
    // ONNX finds out one size by itself, but not of nothing; pairs of rows have two.
    const isEmpty = target.includes(0);
    if (!isEmpty && target.filter((d) => d < 0).length <= 1) {
      return emitter.node("Reshape", [x, emitter.int64(target)]);
    }
    const attributes = isEmpty ? { allowzero: 1 } : {};
    return emitter.node("Reshape", [x, runtimeShape(emitter, node.shape)], attributes);
  },
};

Tensor.prototype.reshape = function (shape) {
  return sameShape(this.shape, shape) ? this : apply(reshape, [this], { shape });
};

export const transposeOperator: Operator = {
  name: "transpose",
  infer([x], { permutation }) {
    const order = permutation as number[];
    const sorted = [...order].sort((a, b) => a - b);
    if (order.length !== x!.rank || !sorted.every((axis, i) => axis === i)) {
      throw graphError("transpose", `a permutation of the input's axes, not [${order}]`, [x!]);
    }
    return { shape: order.map((axis) => x!.shape[axis]!), dtype: x!.dtype };
  },
  gradient({ attributes, upstream }) {
    const order = attributes["permutation"] as number[];
    return [upstream.transpose(order.map((_, i) => order.indexOf(i)))];
  },
  simplify([x], { permutation }) {
    const order = permutation as number[];
    if (order.every((axis, i) => axis === i)) return x!;
    // Of one long axis, wherever it goes, the values stay in order.
    if (x!.shape.filter((d) => d !== 1).length <= 1) {
      return x!.reshape(order.map((axis) => x!.shape[axis]!));
    }
    if (x!.operator !== transposeOperator) return null;
    const inner = x!.attributes["permutation"] as number[];
    return x!.inputs[0]!.transpose(order.map((axis) => inner[axis]!));
  },
  emit: (emitter, node) =>
    emitter.node("Transpose", emitter.names(node), {
      perm: node.attributes["permutation"] as number[],
    }),
};

Tensor.prototype.transpose = function (permutation) {
  const order = permutation ?? this.shape.map((_, i) => this.rank - 1 - i);
  return apply(transposeOperator, [this], { permutation: order });
};

/**
 * What elementwise operands are transposes of, and how: all by the same permutation, but for those
 * with one long axis at most, which cost nothing to transpose. Null where they are none.
 */
export function underTranspose(
  operands: readonly Tensor[],
): { operands: Tensor[]; permutation: readonly number[] } | null {
  const first = operands.find((x) => x.operator === transposeOperator);
  if (!first) return null;
  const permutation = first.attributes["permutation"] as number[];
  const back = permutation.map((_, i) => permutation.indexOf(i));
  const under = operands.map((x) => {
    if (x.operator === transposeOperator && `${x.attributes["permutation"]}` === `${permutation}`) {
      return x.inputs[0]!;
    }
    if (x.rank > first.rank || x.shape.filter((d) => d !== 1).length > 1) return null;
    if (x.shape.every((d) => d === 1)) return x.reshape([]);
    const whole = x.reshape([...new Array<number>(first.rank - x.rank).fill(1), ...x.shape]);
    return whole.transpose(back);
  });
  return under.includes(null) ? null : { operands: under as Tensor[], permutation };
}

export const broadcastOperator: Operator = {
  name: "broadcast",
  infer([x], { shape }) {
    const target = shape as Dim[];
    const result = broadcastShapes(x!.shape, target);
    if (!result || !sameShape(result, target)) {
      throw graphError("broadcastTo", `an input that broadcasts to ${formatShape(target)}`, [x!]);
    }
    return { shape: [...target], dtype: x!.dtype };
  },
  gradient: ({ inputs, upstream }) => [upstream.sumTo(inputs[0]!.shape)],
  simplify: ([x], { shape }) => (sameShape(x!.shape, shape as Dim[]) ? x! : null),
  emit(emitter, node) {
    const x = node.inputs[0]!;
    return expand(emitter, emitter.name(x), x.shape, node.shape);
  },
};

Tensor.prototype.broadcastTo = function (shape) {
  return sameShape(this.shape, shape) ? this : apply(broadcastOperator, [this], { shape });
};
