// Values whose shapes hold the batch's size, which is known only at a run.
import { ElboError } from "../../base/errors.ts";
import type { Shape } from "../shape.ts";
import type { Emitter } from "./emitter.ts";

/** A float32 tensor of one value, without its bytes in the file. */
export function filled(emitter: Emitter, shape: Shape, value: number): string {
  return expand(emitter, emitter.scalar(value, "float32"), [], shape);
}

/** `name`, of shape `from`, broadcast to the shape `to`, whose batch is known only at a run. */
export function expand(emitter: Emitter, name: string, from: Shape, to: Shape): string {
  const given = (i: number) => from[from.length - to.length + i];
  const known = to.map((d) => Math.max(d, d < 0 ? 1 : 0));
  const missing = to.map((d, i) => d !== 1 && d !== given(i));
  // Expand broadcasts both ways, so a 1 in the shape it is given keeps the input's size.
  const shapes = to.flatMap((d, i) =>
    d < 0 && missing[i] ? [batchShape(emitter, to.length, i, -d)] : [],
  );
  const wide = to.some((d, i) => d >= 0 && missing[i]);
  if (wide || (shapes.length === 0 && from.length < to.length)) {
    shapes.unshift(emitter.int64(known));
  }
  return shapes.reduce((value, shape) => emitter.node("Expand", [value, shape]), name);
}

/** A shape as a tensor, for Reshape where several of its sizes are known only at a run. */
export function runtimeShape(emitter: Emitter, shape: Shape): string {
  return emitter.share(`shape ${shape}`, () => emitter.node("Shape", [filled(emitter, shape, 0)]));
}

/**
 * The shape (1, …, k·batch, …, 1) as a tensor: that of a column cut from an input, since no
 * GPU provider computes with the int64 of shapes.
 */
function batchShape(emitter: Emitter, rank: number, axis: number, times: number): string {
  return emitter.share(`batch shape ${rank} ${axis} ${times}`, () => {
    const column = times === 1 ? batchColumn(emitter) : repeatedColumn(emitter, times);
    const dims = new Array<number>(rank).fill(1).with(axis, -1);
    return emitter.node("Shape", [emitter.node("Reshape", [column, emitter.int64(dims)])]);
  });
}

function repeatedColumn(emitter: Emitter, times: number): string {
  const column = emitter.node("Reshape", [batchColumn(emitter), emitter.int64([-1, 1])]);
  return emitter.node("Expand", [column, emitter.int64([1, times])]);
}

/** One float32 for each row of the batch. */
function batchColumn(emitter: Emitter): string {
  return emitter.share("batch column", () => {
    const batched = emitter.inputs.filter(({ shape }) => shape.includes(-1));
    const source = batched.find(({ dtype }) => dtype === "float32") ?? batched[0];
    if (!source) {
      throw new ElboError({
        code: "shape",
        message: "a graph with a batch dimension has no input with one",
        hint: "Declare an input with BATCH in its shape.",
      });
    }
    const axes = source.shape.flatMap((d, i) => (d === -1 || d === 1 ? [] : [i]));
    const { name, dtype } = source;
    const floats = dtype === "float32" ? name : emitter.cast(name, "float32");
    if (axes.length === 0) return floats;
    const bounds = [0, 1].map((v) => emitter.int64(axes.map(() => v)));
    return emitter.node("Slice", [floats, ...bounds, emitter.int64(axes)]);
  });
}
