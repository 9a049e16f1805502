// Where values come into a graph: inputs fed at each run, parameters, constants.
import { ElboError } from "../../base/errors.ts";
import type { Dim, DType } from "../shape.ts";
import { formatShape, sizeOf } from "../shape.ts";
import { apply, type Operator, type Tensor } from "../tensor.ts";

export const inputOperator: Operator = {
  name: "input",
  infer: (_, { shape, dtype }) => ({ shape: [...(shape as Dim[])], dtype: dtype as DType }),
  gradient: () => [],
  emit: (emitter, node) => emitter.input(node),
};

export const parameterOperator: Operator = {
  name: "parameter",
  infer: (_, { shape }) => ({ shape: [...(shape as Dim[])], dtype: "float32" }),
  gradient: () => [],
  emit: (emitter, node) => emitter.parameter(node),
};

export const constantOperator: Operator = {
  name: "constant",
  infer: (_, { shape, dtype }) => ({ shape: [...(shape as Dim[])], dtype: dtype as DType }),
  gradient: () => [],
  emit: (emitter, node) => emitter.constant(node),
};

/** A value given at each run. One dimension of `shape` may be BATCH. */
export function input(name: string, shape: readonly Dim[], dtype: DType = "float32"): Tensor {
  return apply(inputOperator, [], { name, shape, dtype });
}

/**
 * A learned float32 value: an input when training, an initializer when inferring.
 * Names are unique in a graph; equal names are the same parameter.
 */
export function parameter(name: string, shape: readonly number[]): Tensor {
  return apply(parameterOperator, [], { name, shape });
}

/** A fixed value; a number gives a scalar of shape `()`. */
export function constant(
  values: number | readonly number[] | Float32Array | Int32Array,
  shape?: readonly number[],
  dtype: "float32" | "int32" = "float32",
): Tensor {
  const list = typeof values === "number" ? [values] : values;
  const data = dtype === "int32" ? Int32Array.from(list) : Float32Array.from(list);
  const dims = shape ?? (typeof values === "number" ? [] : [data.length]);
  if (sizeOf(dims) !== data.length) {
    throw new ElboError({
      code: "shape",
      kind: "usage",
      message: `a constant of shape ${formatShape(dims)} holds ${sizeOf(dims)} values, received ${data.length}`,
      hint: "Give as many values as the shape holds.",
    });
  }
  return apply(constantOperator, [], { values: data, shape: dims, dtype });
}

/** The single value of a constant whose elements are all equal, else undefined. */
export function constantValue(tensor: Tensor): number | undefined {
  if (tensor.operator !== constantOperator) return undefined;
  const values = tensor.attributes["values"] as Float32Array;
  const first = values[0];
  return values.every((v) => v === first) ? first : undefined;
}
