// Values by index and back: gather, scatter-add, one-hot, top-k, cumulative sums. Indices are int32
// and must lie inside the axis.
import { graphError } from "../errors.ts";
import { filled } from "../onnx/batch-shapes.ts";
import { axisIndex, type Dim, type Shape, sameShape } from "../shape.ts";
import { apply, type Operator, Tensor } from "../tensor.ts";
import { constant } from "./sources.ts";

declare module "../tensor.ts" {
  interface Tensor {
    /** Slices of `axis` in the order of `indices` (int32, any shape, which replaces the axis). */
    gather(axis: number, indices: Tensor | readonly number[]): Tensor;
    /** One element of `axis` for each index: `indices` has this shape but for `axis`. */
    gatherElements(axis: number, indices: Tensor): Tensor;
    /** Zeros with `size` rows, to which row i of this `(n, …)` is added at row `indices[i]`. */
    scatterAdd(indices: Tensor, size: number): Tensor;
    /** Of int32 indices: a new last axis of `depth` with a 1 at the index. */
    oneHot(depth: number): Tensor;
    /** The `k` largest of the last axis in descending order, and where they stood. */
    topK(k: number): { values: Tensor; indices: Tensor };
    /** Running sums along `axis`; `reverse` sums from the end. */
    cumulativeSum(axis: number, reverse?: boolean): Tensor;
  }
}

const gather: Operator = {
  name: "gather",
  infer([x, indices], { axis }) {
    const a = axis as number;
    if (a < 0 || indices!.dtype !== "int32") {
      throw graphError("gather", `an input with the axis asked for and int32 indices`, [
        x!,
        indices!,
      ]);
    }
    return { shape: x!.shape.toSpliced(a, 1, ...indices!.shape), dtype: x!.dtype };
  },
  gradient({ inputs, attributes, upstream }) {
    const [x, indices] = inputs as [Tensor, Tensor];
    const a = attributes["axis"] as number;
    const rows = indices.shape.reduce<Dim>((size, d) => size * d, 1);
    const rest = x.shape.toSpliced(a, 1);
    // (before, indices…, after) → (indices, before, after), then one row of sums an index.
    const before = a;
    const middle = indices.rank;
    const order = upstream.shape.map((_, i) => i);
    const moved = upstream.transpose([
      ...order.slice(before, before + middle),
      ...order.slice(0, before),
      ...order.slice(before + middle),
    ]);
    const sums = moved.reshape([rows, ...rest]).scatterAdd(indices.reshape([rows]), x.shape[a]!);
    const back = rest.map((_, i) => i + 1);
    return [sums.transpose(back.toSpliced(a, 0, 0)), null];
  },
  emit: (emitter, node) =>
    emitter.node("Gather", emitter.names(node), { axis: node.attributes["axis"] as number }),
};

Tensor.prototype.gather = function (axis, indices) {
  const list = indices instanceof Tensor ? indices : constant(indices, undefined, "int32");
  return apply(gather, [this, list], { axis: axisIndex(axis, this.rank) });
};

const scatterAdd: Operator = {
  name: "scatterAdd",
  infer([x, indices], { size }) {
    const fits = indices!.rank === 1 && x!.rank >= 1 && indices!.shape[0] === x!.shape[0];
    if (!fits || indices!.dtype !== "int32" || x!.dtype !== "float32") {
      throw graphError("scatterAdd", "float32 rows (n, …) and int32 indices (n,)", [x!, indices!]);
    }
    return { shape: x!.shape.with(0, size as number), dtype: "float32" };
  },
  gradient: ({ inputs, upstream }) => [upstream.gather(0, inputs[1]!), null],
  emit(emitter, node) {
    const [x, indices] = node.inputs as [Tensor, Tensor];
    const column = emitter.node("Reshape", [emitter.name(indices), emitter.int64([-1, 1])]);
    const index = emitter.cast(column, "int64");
    const zeros = filled(emitter, node.shape, 0);
    return emitter.node("ScatterND", [zeros, index, emitter.name(x)], { reduction: "add" });
  },
};

Tensor.prototype.scatterAdd = function (indices, size) {
  return apply(scatterAdd, [this, indices], { size });
};

Tensor.prototype.gatherElements = function (axis, indices) {
  // A weighted sum with a one-hot row is exact here, and differentiable on every device.
  const a = axisIndex(axis, this.rank);
  const size = this.shape[a] ?? -1;
  const isSame = (shape: Shape) => sameShape(shape.with(a, size), this.shape);
  if (size < 0 || indices.rank !== this.rank || !isSame(indices.shape)) {
    const expects = "an axis of known size and int32 indices of the same shape elsewhere";
    throw graphError("gatherElements", expects, [this, indices]);
  }
  const last = this.rank - 1;
  const order = this.shape.map((_, i) => i);
  [order[a], order[last]] = [last, a];
  const rows = this.transpose(order).reshape([
    ...this.transpose(order).shape.slice(0, -1),
    1,
    size,
  ]);
  const picked = indices.transpose(order).oneHot(size).cast("bool").where(rows, 0).sum(-1);
  return picked.transpose(order);
};

Tensor.prototype.oneHot = function (depth) {
  if (this.dtype !== "int32") throw graphError("oneHot", "int32 indices", [this]);
  const levels = constant(
    Array.from({ length: depth }, (_, i) => i),
    [depth],
    "int32",
  );
  return this.reshape([...this.shape, 1])
    .equal(levels)
    .cast("float32");
};

const topKIndices: Operator = {
  name: "topKIndices",
  infer([x], { k }) {
    const size = x!.shape.at(-1) ?? -1;
    const count = k as number;
    if (x!.dtype !== "float32" || count < 1 || count > size || !Number.isInteger(count)) {
      throw graphError("topK", `a float32 input whose last axis holds at least k = ${k}`, [x!]);
    }
    return { shape: x!.shape.with(-1, count), dtype: "int32" };
  },
  gradient: () => [null],
  emit(emitter, node) {
    const names = [emitter.name(node.inputs[0]!), emitter.int64([node.attributes["k"] as number])];
    const [, indices] = emitter.nodes("TopK", names, { axis: -1, largest: 1, sorted: 1 }, 2);
    return emitter.smallIndices(indices!, node.inputs[0]!.shape.at(-1)!);
  },
};

Tensor.prototype.topK = function (k) {
  const indices = apply(topKIndices, [this], { k });
  return { values: this.gatherElements(-1, indices), indices };
};

const cumulativeSum: Operator = {
  name: "cumulativeSum",
  infer([x], { axis }) {
    if (x!.dtype !== "float32" || (axis as number) < 0) {
      throw graphError("cumulativeSum", "a float32 input that has the axis asked for", [x!]);
    }
    return { shape: [...x!.shape], dtype: "float32" };
  },
  gradient: ({ attributes, upstream }) => [
    apply(cumulativeSum, [upstream], { ...attributes, reverse: !attributes["reverse"] }),
  ],
  emit(emitter, node) {
    const { axis, reverse } = node.attributes;
    const names = [emitter.name(node.inputs[0]!), emitter.int64Scalar(axis as number)];
    return emitter.node("CumSum", names, { reverse: reverse ? 1 : 0 });
  },
};

Tensor.prototype.cumulativeSum = function (axis, reverse = false) {
  return apply(cumulativeSum, [this], { axis: axisIndex(axis, this.rank), reverse });
};
