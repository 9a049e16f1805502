// Steps of matrix products and convolutions, all of which are products by ../assembly/matmul.ts.
import type { Tensor } from "../../../graph/tensor.ts";
import { broadcastStrides, stridesOf } from "../nest.ts";
import { count, type Rule } from "./rule.ts";

/** Elements of a packed matrix: its columns filled up to whole panels of 8. */
export const packedLength = (inner: number, columns: number): number =>
  8 * Math.ceil(columns / 8) * inner;

/** The rows and columns of a shape's matrices. */
export const sidesOf = (shape: readonly number[]) =>
  shape.slice(-2) as [rows: number, columns: number];

/** Whether a shape is one matrix, whatever axes of 1 stand before it. */
export const isMatrix = (shape: readonly number[]): boolean =>
  shape.length >= 2 && count(shape.slice(0, -2)) === 1;

/** Where each of the matrices of an operand begins, over the result's leading axes. */
function matrices(leading: readonly number[], operand: readonly number[]): number[] {
  const size = count(operand.slice(-2));
  const strides = broadcastStrides(operand.slice(0, -2), leading);
  const places = stridesOf(leading);
  return Array.from(
    { length: count(leading) },
    (_, i) =>
      size *
      leading.reduce(
        (sum, d, axis) => sum + strides[axis]! * (Math.floor(i / places[axis]!) % d),
        0,
      ),
  );
}

const matmul: Rule = (node, place) => {
  const { kernels, target, shape } = place;
  const [a, b] = node.inputs as [Tensor, Tensor];
  const [left, right] = [place.shapeOf(a), place.shapeOf(b)];
  const [inner, columns] = sidesOf(right);
  const from = place.address(a);
  const ready = place.packed(b);
  const other = ready ?? place.address(b);
  const panels = ready ?? place.scratch(packedLength(inner, columns));
  const pack = (offset: number) =>
    kernels.pack(panels, other + 4 * offset, inner, columns, 4 * columns, 4);
  if (isMatrix(right)) {
    const rows = count(shape.slice(0, -1));
    return () => {
      if (ready === undefined) pack(0);
      kernels.matmul(target, from, panels, rows, inner, columns);
    };
  }
  const leading = shape.slice(0, -2);
  const [lefts, rights] = [matrices(leading, left), matrices(leading, right)];
  const rows = shape.at(-2)!;
  return () => {
    for (let i = 0; i < lefts.length; i++) {
      if (i === 0 || rights[i] !== rights[i - 1]) pack(rights[i]!);
      const to = target + 4 * i * rows * columns;
      kernels.matmul(to, from + 4 * lefts[i]!, panels, rows, inner, columns);
    }
  };
};

/** Two spatial axes of what has one or two. */
const spatial = (list: readonly number[]): [number, number] =>
  list.length === 2 ? [list[0]!, list[1]!] : [1, list[0]!];

/** The geometry's table for `unfold` and `fold`. */
function geometry(
  node: Tensor,
  channels: number,
  large: readonly number[],
  small: readonly number[],
  taps: readonly number[],
): number[] {
  const { strides, padding, dilations } = node.attributes as unknown as Record<string, number[]>;
  // A single axis has no padding along the one that it lacks.
  const pads = padding!.length === 2 ? padding! : [0, ...padding!];
  return [
    channels,
    ...spatial(large),
    ...spatial(small),
    ...spatial(taps),
    ...spatial(strides!),
    ...pads,
    ...spatial(dilations!),
  ];
}

export const linear: Readonly<Record<string, Rule>> = {
  matmul,
  conv(node, place) {
    const { kernels, target, shape } = place;
    const [x, kernel] = node.inputs as [Tensor, Tensor];
    const [picture, weights] = [place.shapeOf(x), place.shapeOf(kernel)];
    const [outputs, channels, ...taps] = weights as [number, number, ...number[]];
    const [inner, windows] = [channels * count(taps), count(shape.slice(2))];
    const table = place.table(geometry(node, channels, picture.slice(2), shape.slice(2), taps));
    const panels = place.scratch(packedLength(inner, windows));
    const [from, left] = [place.address(x), place.address(kernel)];
    const [step, stride] = [4 * count(picture.slice(1)), 4 * outputs * windows];
    return (tables) => {
      for (let i = 0; i < shape[0]!; i++) {
        kernels.unfold(panels, from + i * step, tables + table);
        kernels.matmul(target + i * stride, left, panels, outputs, inner, windows);
      }
    };
  },
  /** Sums over the input's channels for each tap and window, then over the taps of each pixel. */
  transposedByTaps(node, place) {
    const { kernels, target, shape } = place;
    const [x, kernel] = node.inputs as [Tensor, Tensor];
    const picture = place.shapeOf(x);
    const [inner, windows] = [picture[1]!, count(picture.slice(2))];
    const taps = node.attributes["taps"] as number[];
    const outputs = shape[1]!;
    const rows = outputs * count(taps);
    const table = place.table(geometry(node, outputs, shape.slice(2), picture.slice(2), taps));
    const panels = place.scratch(packedLength(inner, windows));
    const products = place.scratch(rows * windows);
    const [from, left] = [place.address(x), place.address(kernel)];
    const [step, stride] = [4 * inner * windows, 4 * count(shape.slice(1))];
    return (tables) => {
      for (let i = 0; i < shape[0]!; i++) {
        kernels.pack(panels, from + i * step, inner, windows, 4 * windows, 4);
        kernels.matmul(products, left, panels, rows, inner, windows);
        kernels.fold(target + i * stride, products, tables + table);
      }
    };
  },
};
