// The weights of a correction as archives hold them: whole multiples of a step of each tensor's own.
import { damaged } from "../ans/coder.ts";
import type { ImageShape, Warp } from "../ans/distribution.ts";

/** Units of the hidden layer, warps, and numbers of each: slope, shift and weight. */
export const HIDDEN = 32;
export const WARPS = 3;
export const OUTPUTS = 3 * WARPS;
/** The kernels' outputs: filled up to whole vectors. */
const PADDED = 12;

export const tensorNames = ["hidden", "hiddenBias", "output", "outputBias"] as const;
export type WarpTensors = Record<(typeof tensorNames)[number], Float32Array>;

/** Features of a pixel, as ../ans/assembly/neighbours.ts makes them. */
export const featureCount = ({ channels }: ImageShape): number => (channels > 1 ? 33 : 19);

/** Rows and columns of each tensor. */
export function tensorShapes(
  shape: ImageShape,
): Record<(typeof tensorNames)[number], [number, number]> {
  return {
    hidden: [featureCount(shape), HIDDEN],
    hiddenBias: [1, HIDDEN],
    output: [HIDDEN, OUTPUTS],
    outputBias: [1, OUTPUTS],
  };
}

/** Bytes that a weight can have. */
export const weightSizes = [1, 2] as const;
type WeightSize = (typeof weightSizes)[number];

const STEP = 4;

/** What an archive holds of them: of each tensor its step, then its weights as multiples of that. */
export function warpBytes(tensors: WarpTensors, each: WeightSize): Uint8Array {
  const values = tensorNames.map((name) => tensors[name]);
  const all = new Uint8Array(values.reduce((sum, { length }) => sum + STEP + each * length, 0));
  const view = new DataView(all.buffer);
  const most = 2 ** (8 * each - 1) - 1;
  let at = 0;
  for (const tensor of values) {
    const largest = tensor.reduce((top, value) => Math.max(top, Math.abs(value)), 0);
    const step = Math.fround(largest / most) || 1;
    view.setFloat32(at, step, true);
    at += STEP;
    for (const value of tensor) {
      const steps = Math.max(-most, Math.min(most, Math.round(value / step)));
      if (each === 1) view.setInt8(at, steps);
      else view.setInt16(at, steps, true);
      at += each;
    }
  }
  return all;
}

/** Bytes of that. */
export const warpSize = (shape: ImageShape, each: WeightSize): number =>
  Object.values(tensorShapes(shape)).reduce(
    (sum, [rows, columns]) => sum + STEP + each * rows * columns,
    0,
  );

/** @throws ElboError `archive-damaged` where the bytes are of another shape. */
export function tensorsOf(bytes: Uint8Array, shape: ImageShape): WarpTensors {
  const each = weightSizes.find((size) => warpSize(shape, size) === bytes.length);
  if (!each) throw damaged();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const next = ([rows, columns]: [number, number]) => {
    const step = view.getFloat32(at, true);
    const first = at + STEP;
    const steps = (i: number) =>
      each === 1 ? view.getInt8(first + i) : view.getInt16(first + 2 * i, true);
    const values = Float32Array.from({ length: rows * columns }, (_, i) => steps(i) * step);
    at = first + each * values.length;
    return values;
  };
  const { hidden, hiddenBias, output, outputBias } = tensorShapes(shape);
  return {
    hidden: next(hidden),
    hiddenBias: next(hiddenBias),
    output: next(output),
    outputBias: next(outputBias),
  };
}

/** As the coder takes them. */
export function warpOf(bytes: Uint8Array, shape: ImageShape): Warp {
  const { hidden, hiddenBias, output, outputBias } = tensorsOf(bytes, shape);
  const weights = new Float32Array(hidden.length + HIDDEN + (HIDDEN + 1) * PADDED);
  weights.set(hidden);
  weights.set(hiddenBias, hidden.length);
  let at = hidden.length + HIDDEN;
  for (let row = 0; row < HIDDEN; row++, at += PADDED) {
    weights.set(output.subarray(row * OUTPUTS, (row + 1) * OUTPUTS), at);
  }
  weights.set(outputBias, at);
  return { shape, weights };
}
