// Tensors in ONNX Runtime's blocked layout: channels in blocks as wide as the processor's registers, a block
// innermost. ONNX Runtime lays convolutions out so by itself where their kernels are constants; kernels that are
// trained it leaves as they are. What convolutions give stays in blocks through elementwise operators and to
// the next convolution, and is put back in order only where something else asks for it. How wide a block is, 8
// or 16, is the processor's and told by the device.
import type { Tensor } from "../tensor.ts";
import { filled } from "./batch-shapes.ts";
import { blockedConv, blockedConvTranspose } from "./blocked-convolution.ts";
import type { Emitter } from "./emitter.ts";

/** The blocked value of a node; null where it has none, and is emitted as it is. */
export function emitInBlocks(emitter: Emitter, node: Tensor): string | null {
  if (emitter.block === null || emitter.holdsWeights || node.rank !== 4) return null;
  if (node.operator.name === "conv") return blockedConv(emitter, node);
  if (node.operator.name === "convTranspose") return blockedConvTranspose(emitter, node);
  return blockedElementwise(emitter, node);
}

/** Elements of blocked tensors in their places, with those of tensors of the same shape and single numbers. */
function blockedElementwise(emitter: Emitter, node: Tensor): string | null {
  const { elementwise } = node.operator;
  const isWhole = (x: Tensor) => x.rank === 4 && x.shape.every((d, i) => d === node.shape[i]);
  const isSingle = (x: Tensor) => x.shape.every((d) => d === 1);
  const fits =
    elementwise !== undefined &&
    node.inputs.some((x) => isWhole(x) && emitter.isBlocked(x)) &&
    node.inputs.every((x) => isWhole(x) || isSingle(x));
  if (!fits) return null;
  const names = node.inputs.map((x) => (isWhole(x) ? emitter.blocked(x) : emitter.name(x)));
  return emitter.node(elementwise.type, names, elementwise.attributes);
}

/**
 * The sum over rows and places of a blocked tensor, for a bias's gradient: over rows as a product with ones,
 * which is faster than a reduction. Null of other sums.
 */
export function blockedSum(emitter: Emitter, node: Tensor): string | null {
  const [x] = node.inputs as [Tensor];
  const { axes } = node.attributes;
  const { block } = emitter;
  if (block === null || (axes as number[]).join() !== "0,2,3" || !emitter.isBlocked(x)) return null;
  const [, channels, height, width] = x.shape as [number, number, number, number];
  const reshaped = (name: string, dims: readonly number[]) =>
    emitter.node("Reshape", [name, emitter.int64(dims)]);
  const flat = reshaped(emitter.blocked(x), [-1, channels * height * width]);
  const places = emitter.node("MatMul", [filled(emitter, [1, x.shape[0]!], 1), flat]);
  const blocks = reshaped(places, [channels / block, height * width, block]);
  const sums = emitter.node("ReduceSum", [blocks, emitter.int64([1])], { keepdims: 0 });
  return reshaped(sums, node.shape);
}
