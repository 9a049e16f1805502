// Convolutions over two axes in ONNX Runtime's blocked layout: channels in blocks as wide as the processor's
// registers, a block innermost. ONNX Runtime lays convolutions out so by itself where their kernels are
// constants; kernels that are trained it leaves as they are. These are its own operators, of the domain
// com.microsoft.nchwc; how wide a block is, 8 or 16, is the processor's and told by the device.
import type { Shape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import type { Emitter } from "./emitter.ts";

const DOMAIN = "com.microsoft.nchwc";

/** As the operators' attributes have it: each list has a number for each of two axes. */
interface Windows {
  strides: readonly number[];
  padding: readonly number[];
  dilations: readonly number[];
}

/** Whether channels come in whole blocks; the batch does, where it stands in their place. */
const inBlocks = (block: number, ...channels: number[]) =>
  channels.every((d) => d < 0 || d % block === 0);

/** The emitter's block where it lays out the convolution of this input by a kernel (out, in, …). */
function blockOf({ block, holdsWeights }: Emitter, x: Tensor, channels: readonly number[]) {
  return block !== null && !holdsWeights && x.rank === 4 && inBlocks(block, ...channels)
    ? block
    : null;
}

/** What of (in, out, height, width) is (out, in, height, width) of blocks [in][out] innermost. */
function filter(emitter: Emitter, name: string, shape: Shape, block: number): string {
  const [ins, outs, height, width] = shape as [number, number, number, number];
  const blocked = emitter.node(`${DOMAIN}.ReorderInput`, [name]);
  if (ins === 1) return emitter.node("Reshape", [blocked, emitter.int64([outs, 1, height, width])]);
  const blocks = [ins < 0 ? -1 : ins / block, block, outs / block, height * width, block];
  const split = emitter.node("Reshape", [blocked, emitter.int64(blocks)]);
  const turned = emitter.node("Transpose", [split], { perm: [2, 0, 3, 1, 4] });
  return emitter.node("Reshape", [turned, emitter.int64([outs, Math.max(ins, -1), height, width])]);
}

/** A kernel (out, in, …) as (in, out, …): the tensor that it is the transpose of, where it is one. */
function swapped(emitter: Emitter, kernel: Tensor): string {
  const [source] = kernel.inputs;
  const order = kernel.attributes["permutation"] as readonly number[] | undefined;
  if (source && kernel.operator.name === "transpose" && order?.join() === "1,0,2,3") {
    return emitter.name(source);
  }
  return emitter.node("Transpose", [emitter.name(kernel)], { perm: [1, 0, 2, 3] });
}

/** The value of `conv`; null where its channels come in no whole blocks, or a single image goes in. */
export function blockedConv(emitter: Emitter, node: Tensor): string | null {
  const [x, kernel, bias] = node.inputs as [Tensor, Tensor, Tensor?];
  const [outs, ins, ...taps] = kernel.shape as [number, number, number, number];
  // One channel is taken as it stands.
  const block = blockOf(emitter, x, ins === 1 ? [outs] : [outs, ins]);
  // Of a kernel that looks at one image alone, laying out takes longer than it saves.
  if (block === null || outs < 0 || x.shape[0] === 1) return null;
  const { strides, padding, dilations } = node.attributes as unknown as Windows;
  const values = [
    ins === 1 ? emitter.name(x) : emitter.node(`${DOMAIN}.ReorderInput`, [emitter.name(x)]),
    filter(emitter, swapped(emitter, kernel), [ins, outs, ...taps], block),
    ...(bias ? [emitter.name(bias)] : []),
  ];
  const pads = [...padding, ...padding];
  const attributes = { kernel_shape: taps, strides, pads, dilations };
  const blocked = emitter.node(`${DOMAIN}.Conv`, values, attributes);
  return emitter.node(`${DOMAIN}.ReorderOutput`, [blocked], { channels: outs });
}

/** Of every `stride`-th place of an axis from `first` on: the taps that reach it, and its windows. */
interface Phase {
  tap: number;
  taps: number;
  before: number;
  after: number;
}

/**
 * Places of the output that are a stride apart see every stride-th tap of the kernel, and together the
 * whole input: they are a convolution of stride 1. Null where its windows would begin inside.
 */
function phasesOf(taps: number, stride: number, padding: number): Phase[] | null {
  const phases = Array.from({ length: stride }, (_, first): Phase => {
    const tap = (first + padding) % stride;
    const own = Math.ceil((taps - tap) / stride);
    const after = Math.floor((first + padding) / stride);
    return { tap, taps: own, before: own - 1 - after, after };
  });
  return phases.every((phase) => phase.taps > 0 && phase.before >= 0) ? phases : null;
}

/** The value of `convTranspose`; null where its channels or its phases do not fit. */
export function blockedConvTranspose(emitter: Emitter, node: Tensor): string | null {
  const [x, kernel, bias] = node.inputs as [Tensor, Tensor, Tensor?];
  const [ins, outs, ...taps] = kernel.shape as [number, number, number, number];
  const block = blockOf(emitter, x, [outs, ins]);
  const { strides, padding, dilations } = node.attributes as unknown as Windows;
  const sizes = x.shape.slice(2);
  const grows = sizes.every((size, i) => node.shape[i + 2] === size * strides[i]!);
  if (block === null || outs < 0 || ins < 0 || !grows || dilations.some((d) => d !== 1)) {
    return null;
  }
  const [down, across] = taps.map((size, i) => phasesOf(size, strides[i]!, padding[i]!));
  if (!down || !across) return null;
  const input = emitter.node(`${DOMAIN}.ReorderInput`, [emitter.name(x)]);
  const values = down.flatMap((row) =>
    across.map((column) => {
      const both = [row, column];
      const first = both.map(({ tap, taps: own }, i) => tap + (own - 1) * strides[i]!);
      // From its last tap back to its first: a window looks the other way than a transposed one.
      const own = emitter.node("Slice", [
        emitter.name(kernel),
        emitter.int64(first),
        emitter.int64(taps.map((size) => -size - 1)),
        emitter.int64([2, 3]),
        emitter.int64(strides.map((stride) => -stride)),
      ]);
      const ownTaps = both.map((phase) => phase.taps);
      const layout = filter(emitter, own, [ins, outs, ...ownTaps], block);
      const pads = [...both.map(({ before }) => before), ...both.map(({ after }) => after)];
      const inputs = [input, layout, ...(bias ? [emitter.name(bias)] : [])];
      return emitter.node(`${DOMAIN}.Conv`, inputs, { kernel_shape: ownTaps, pads });
    }),
  );
  const blocked = values.length === 1 ? values[0]! : interleaved(emitter, values, node, block);
  return emitter.node(`${DOMAIN}.ReorderOutput`, [blocked], { channels: outs });
}

/** Blocked images side by side, each of every stride-th place of the whole. */
function interleaved(
  emitter: Emitter,
  parts: readonly string[],
  { inputs: [x], shape, attributes }: Tensor,
  block: number,
): string {
  const [height, width] = x!.shape.slice(2) as [number, number];
  const { strides } = attributes as unknown as Windows;
  const blocks = shape[1]! / block;
  // 0 keeps the size that is there: the batch.
  const reshaped = (name: string, dims: readonly number[]) =>
    emitter.node("Reshape", [name, emitter.int64([0, ...dims])]);
  const rows = parts.map((part) => reshaped(part, [blocks, 1, height, width * block]));
  const stacked = emitter.node("Concat", rows, { axis: 2 });
  const apart = reshaped(stacked, [blocks, ...strides, height, width, block]);
  const woven = emitter.node("Transpose", [apart], { perm: [0, 1, 4, 2, 5, 3, 6] });
  return reshaped(woven, shape.slice(1));
}
