// Convolutions over two axes whose channels lie in blocks; see ./blocked.ts. A transposed one is several of
// stride 1, a kernel laid out by a few small nodes.
import type { Shape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import type { Emitter } from "./emitter.ts";
import { NCHWC } from "./nchwc.ts";

/** As the operators' attributes have it: each list has a number for each of two axes. */
interface Windows {
  strides: readonly number[];
  padding: readonly number[];
  dilations: readonly number[];
}

/** The emitter's block, where channels come in whole blocks; the batch does, where it stands in their place. */
const blockOf = ({ block }: Emitter, channels: readonly number[]) =>
  block !== null && channels.every((d) => d < 0 || d % block === 0) ? block : null;

/** Of a blocked (in, out, height, width): (out, in, height, width) of blocks [in][out] innermost. */
function filter(emitter: Emitter, blocked: string, shape: Shape, block: number): string {
  const [ins, outs, height, width] = shape as [number, number, number, number];
  if (ins === 1) return emitter.node("Reshape", [blocked, emitter.int64([outs, 1, height, width])]);
  const blocks = [ins < 0 ? -1 : ins / block, block, outs / block, height * width, block];
  const split = emitter.node("Reshape", [blocked, emitter.int64(blocks)]);
  const turned = emitter.node("Transpose", [split], { perm: [2, 0, 3, 1, 4] });
  return emitter.node("Reshape", [turned, emitter.int64([outs, Math.max(ins, -1), height, width])]);
}

/** A kernel (out, in, …) as a blocked (in, out, …): of the tensor that it is the transpose of, where it is one. */
function swapped(emitter: Emitter, kernel: Tensor): string {
  const [source] = kernel.inputs;
  const order = kernel.attributes["permutation"] as readonly number[] | undefined;
  if (source && kernel.operator.name === "transpose" && order?.join() === "1,0,2,3") {
    return emitter.blocked(source);
  }
  const turned = emitter.node("Transpose", [emitter.name(kernel)], { perm: [1, 0, 2, 3] });
  return emitter.node(`${NCHWC}.ReorderInput`, [turned]);
}

/** The blocked value of `conv`; null where its channels come in no whole blocks, or a single image goes in. */
export function blockedConv(emitter: Emitter, node: Tensor): string | null {
  const [x, kernel, bias] = node.inputs as [Tensor, Tensor, Tensor?];
  const [outs, ins, ...taps] = kernel.shape as [number, number, number, number];
  // One channel is taken as it stands.
  const block = blockOf(emitter, ins === 1 ? [outs] : [outs, ins]);
  // Of a kernel that looks at one image alone, laying out takes longer than it saves.
  if (block === null || outs < 0 || x.shape[0] === 1) return null;
  const { strides, padding, dilations } = node.attributes as unknown as Windows;
  const values = [
    ins === 1 ? emitter.name(x) : emitter.blocked(x),
    filter(emitter, swapped(emitter, kernel), [ins, outs, ...taps], block),
    ...(bias ? [emitter.name(bias)] : []),
  ];
  const pads = [...padding, ...padding];
  const attributes = { kernel_shape: taps, strides, pads, dilations };
  return emitter.node(`${NCHWC}.Conv`, values, attributes);
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

/** The blocked value of `convTranspose`; null where its channels or its phases do not fit. */
export function blockedConvTranspose(emitter: Emitter, node: Tensor): string | null {
  const [x, kernel, bias] = node.inputs as [Tensor, Tensor, Tensor?];
  const [ins, outs, ...taps] = kernel.shape as [number, number, number, number];
  const block = blockOf(emitter, [outs, ins]);
  const { strides, padding, dilations } = node.attributes as unknown as Windows;
  const sizes = x.shape.slice(2);
  const grows = sizes.every((size, i) => node.shape[i + 2] === size * strides[i]!);
  if (block === null || outs < 0 || ins < 0 || !grows || dilations.some((d) => d !== 1)) {
    return null;
  }
  const [down, across] = taps.map((size, i) => phasesOf(size, strides[i]!, padding[i]!));
  if (!down || !across) return null;
  const input = emitter.blocked(x);
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
      const laid = emitter.node(`${NCHWC}.ReorderInput`, [own]);
      const layout = filter(emitter, laid, [ins, outs, ...ownTaps], block);
      const pads = [...both.map(({ before }) => before), ...both.map(({ after }) => after)];
      const inputs = [input, layout, ...(bias ? [emitter.name(bias)] : [])];
      return emitter.node(`${NCHWC}.Conv`, inputs, { kernel_shape: ownTaps, pads });
    }),
  );
  return values.length === 1 ? values[0]! : interleaved(emitter, values, node, block);
}

/** Blocked images, each of every stride-th place of the whole: woven together. */
function interleaved(
  emitter: Emitter,
  parts: readonly string[],
  { inputs: [x], shape, attributes }: Tensor,
  block: number,
): string {
  const [height, width] = x!.shape.slice(2) as [number, number];
  const { strides } = attributes as unknown as Windows;
  const [down, across] = strides as [number, number];
  const blocks = shape[1]! / block;
  // 0 keeps the size that is there: the batch.
  const joined = (names: readonly string[], dims: readonly number[], axis: number) => {
    const each = names.map((name) => emitter.node("Reshape", [name, emitter.int64([0, ...dims])]));
    return each.length === 1 ? each[0]! : emitter.node("Concat", each, { axis });
  };
  const rows = Array.from({ length: down }, (_, row) => {
    const columns = parts.slice(row * across, (row + 1) * across);
    return joined(columns, [blocks, height, width, 1, block], 4);
  });
  const woven = joined(rows, [blocks, height, 1, across * width * block], 3);
  return emitter.node("Reshape", [woven, emitter.int64([0, ...shape.slice(1)])]);
}
