// Matrix products. Two matrices become one Gemm, which takes up transposes and an added bias.
import { graphError } from "../errors.ts";
import { broadcastShapes, type Dim, sizeOf } from "../shape.ts";
import { apply, type Operator, Tensor } from "../tensor.ts";
import { transposeOperator } from "./reshape.ts";

declare module "../tensor.ts" {
  interface Tensor {
    /** `(…, n, k) × (…, k, m) → (…, n, m)`, leading axes broadcast. */
    matmul(other: Tensor): Tensor;
  }
}

/** The last two axes swapped. */
function swapped(x: Tensor): Tensor {
  const order = x.shape.map((_, i) => i);
  return x.transpose([...order.slice(0, -2), x.rank - 1, x.rank - 2]);
}

export const matmulOperator: Operator = {
  name: "matmul",
  infer([a, b]) {
    const leading = broadcastShapes(a!.shape.slice(0, -2), b!.shape.slice(0, -2));
    const [n, k] = a!.shape.slice(-2) as [Dim, Dim];
    const [inner, m] = b!.shape.slice(-2) as [Dim, Dim];
    const matrices = a!.rank >= 2 && b!.rank >= 2 && k === inner;
    if (!leading || !matrices || a!.dtype !== "float32" || b!.dtype !== "float32") {
      throw graphError("matmul", "float32 inputs (…, n, k) and (…, k, m)", [a!, b!]);
    }
    return { shape: [...leading, n, m], dtype: "float32" };
  },
  gradient({ inputs, upstream }) {
    const [a, b] = inputs as [Tensor, Tensor];
    return [upstream.matmul(swapped(b)).sumTo(a.shape), swapped(a).matmul(upstream).sumTo(b.shape)];
  },
  emit: (emitter, node) => emitter.node("MatMul", emitter.names(node)),
};

/** α·op(A)·op(B) + C: what the fusion makes of a product with its transposes and its bias. */
export const gemmOperator: Operator = {
  name: "gemm",
  infer([a, b], { transA, transB }) {
    const rows = a!.shape[transA ? 1 : 0]!;
    return { shape: [rows, b!.shape[transB ? 0 : 1]!], dtype: "float32" };
  },
  emit: (emitter, node) =>
    emitter.node("Gemm", emitter.names(node), {
      transA: node.attributes["transA"] ? 1 : 0,
      transB: node.attributes["transB"] ? 1 : 0,
    }),
};

/** The product of two matrices as one Gemm that takes up their transposes. */
export function gemmOf(product: Tensor): Tensor {
  const flipped = product.inputs.map((x) => x.operator === transposeOperator);
  const operands = product.inputs.map((x, i) => (flipped[i] ? x.inputs[0]! : x));
  return apply(gemmOperator, operands, { transA: flipped[0]!, transB: flipped[1]! });
}

Tensor.prototype.matmul = function (other) {
  // Many rows times one matrix are one long Gemm, and so is its gradient.
  if (this.rank > 2 && other.rank === 2 && this.shape.filter((d) => d < 0).length <= 1) {
    const rows = sizeOf(this.shape.slice(0, -1));
    const product = this.reshape([rows, this.shape.at(-1)!]).matmul(other);
    return product.reshape([...this.shape.slice(0, -1), other.shape[1]!]);
  }
  return apply(matmulOperator, [this, other]);
};
