// Steps of operators that move values, or pick and add them by index.
import { ElboError } from "../../../base/errors.ts";
import type { Tensor } from "../../../graph/tensor.ts";
import { broadcastStrides, copyTable, stridesOf } from "../nest.ts";
import { count, type Place, type Rule, type Step } from "./rule.ts";

const dot = (a: readonly number[], b: readonly number[]) =>
  a.reduce((sum, value, i) => sum + value * b[i]!, 0);

/** Copies `shape` elements between places of given strides and first elements. */
function copying(
  { kernels, target, table }: Place,
  shape: readonly number[],
  to: { strides: readonly number[]; first: number },
  from: { at: number; strides: readonly number[]; first: number },
): Step | null {
  if (count(shape) === 0) return null;
  const nest = table(copyTable(shape, to.strides, from.strides));
  const [d, s] = [target + 4 * to.first, from.at + 4 * from.first];
  return (tables) => kernels.copy(d, s, tables + nest);
}

/** The whole result, from elements of the input that `strides` and `first` find. */
function picking(node: Tensor, place: Place, strides: readonly number[], first = 0): Step | null {
  const to = { strides: stridesOf(place.shape), first: 0 };
  return copying(place, place.shape, to, { at: place.address(node.inputs[0]!), strides, first });
}

const floatBits = new Float32Array(1);
const bitsOfFloat = new Int32Array(floatBits.buffer);

function bitsOf(value: number, dtype: string): number {
  if (dtype === "bool") return value === 0 ? 0 : -1;
  if (dtype !== "float32") return value;
  floatBits[0] = value;
  return bitsOfFloat[0]!;
}

function joint(steps: readonly (Step | null)[]): Step {
  const all = steps.filter((step) => step !== null);
  return (tables) => {
    for (const step of all) step(tables);
  };
}

/** Refuses an index outside its axis. @param outside what the kernel returned. */
function checkIndex(outside: number, node: Tensor, size: number): void {
  if (outside === 0) return;
  throw new ElboError({
    code: "index-outside",
    message: `indices of ${node.operator.name} lie in 0 to ${size - 1}, received another at place ${outside - 1}`,
    hint: "Code rows of the model's own fields: indices are levels and tokens that it knows.",
  });
}

export const layout: Readonly<Record<string, Rule>> = {
  transpose(node, place) {
    const own = stridesOf(place.shapeOf(node.inputs[0]!));
    const order = node.attributes["permutation"] as number[];
    return picking(
      node,
      place,
      order.map((axis) => own[axis]!),
    );
  },
  broadcast: (node, place) =>
    picking(node, place, broadcastStrides(place.shapeOf(node.inputs[0]!), place.shape)),
  slice(node, place) {
    const own = stridesOf(place.shapeOf(node.inputs[0]!));
    const { axes, starts, steps } = node.attributes as unknown as Record<string, number[]>;
    const strides = own.map((stride, axis) => stride * (steps![axes!.indexOf(axis)] ?? 1));
    const first = axes!.reduce((sum, axis, i) => sum + own[axis]! * starts![i]!, 0);
    return picking(node, place, strides, first);
  },
  pad(node, place) {
    const { kernels, target, shape } = place;
    const [x] = node.inputs as [Tensor];
    const own = place.shapeOf(x);
    const strides = stridesOf(shape);
    const bits = bitsOf(node.attributes["value"] as number, node.dtype);
    const first = dot(strides, node.attributes["before"] as number[]);
    const from = { at: place.address(x), strides: stridesOf(own), first: 0 };
    const size = count(shape);
    return joint([
      () => kernels.fill(target, size, bits),
      copying(place, own, { strides, first }, from),
    ]);
  },
  concat(node, place) {
    const strides = stridesOf(place.shape);
    const axis = node.attributes["axis"] as number;
    let first = 0;
    const steps = node.inputs.map((x) => {
      const own = place.shapeOf(x);
      const from = { at: place.address(x), strides: stridesOf(own), first: 0 };
      const step = copying(place, own, { strides, first }, from);
      first += own[axis]! * strides[axis]!;
      return step;
    });
    return joint(steps);
  },
  gather(node, { kernels, target, shapeOf, address }) {
    const [x, indices] = node.inputs as [Tensor, Tensor];
    const axis = node.attributes["axis"] as number;
    const shape = shapeOf(x);
    const [outer, size, inner] = [
      count(shape.slice(0, axis)),
      shape[axis]!,
      count(shape.slice(axis + 1)),
    ];
    const [from, at, picks] = [address(x), address(indices), count(shapeOf(indices))];
    return () =>
      checkIndex(kernels.gather(target, from, at, outer, size, inner, picks), node, size);
  },
  scatterAdd(node, { kernels, target, shape, shapeOf, address }) {
    const [x, indices] = node.inputs as [Tensor, Tensor];
    const [rows, size, inner] = [shapeOf(x)[0]!, shape[0]!, count(shape.slice(1))];
    const [from, at] = [address(x), address(indices)];
    return () => checkIndex(kernels.scatterAdd(target, from, at, rows, size, inner), node, size);
  },
  topKIndices(node, { kernels, target, shapeOf, address }) {
    const [x] = node.inputs as [Tensor];
    const shape = shapeOf(x);
    const [rows, size, from] = [count(shape.slice(0, -1)), shape.at(-1)!, address(x)];
    const k = node.attributes["k"] as number;
    return () => kernels.topKIndices(target, from, rows, size, k);
  },
};
