// Matrix products. Two matrices become one Gemm, which takes up transposes and an added bias.
import { graphError } from "../errors.ts";
import { broadcastShapes, type Dim, sameShape, sizeOf } from "../shape.ts";
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
const gemm: Operator = {
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

/** The product of two matrices and its bias as one Gemm that takes up their transposes. */
export function gemmOf(product: Tensor, bias?: Tensor): Tensor {
  const [a, b] = product.inputs as [Tensor, Tensor];
  const [transA, transB] = [a, b].map((x) => x.operator === transposeOperator) as [
    boolean,
    boolean,
  ];
  const operands = [transA ? a.inputs[0]! : a, transB ? b.inputs[0]! : b];
  return apply(gemm, bias ? [...operands, bias] : operands, { transA, transB });
}

/** Whether `bias` may be the C of a Gemm that gives `product`: a row, or a whole matrix. */
export function isBias(bias: Tensor, product: Tensor): boolean {
  const columns = product.shape[1]!;
  return sameShape(bias.shape, [columns]) || sameShape(bias.shape, [1, columns]);
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
