// Parts of tensors and their joining: slice, pad, concat, split.
import { graphError } from "../errors.ts";
import { axisIndex, type Dim } from "../shape.ts";
import { apply, type Operator, Tensor } from "../tensor.ts";

declare module "../tensor.ts" {
  interface Tensor {
    /** Elements start, start + step, … below `end` along `axis`, which is not the batch. */
    slice(axis: number, start: number, end: number, step?: number): Tensor;
    /** `before` and `after` copies of `value` at the two ends of `axis`. */
    pad(axis: number, before: number, after: number, value?: number): Tensor;
    /** This axis in parts of the given sizes. */
    split(axis: number, sizes: readonly number[]): Tensor[];
    /** The axis in the opposite order. */
    reverse(axis: number): Tensor;
  }
}

const slice: Operator = {
  name: "slice",
  infer([x], { axis, start, end, step }) {
    const [a, s, e, by] = [axis, start, end, step] as number[] as [number, number, number, number];
    const size = x!.shape[a] ?? -1;
    if (size < 0 || s < 0 || e > size || s > e || by < 1) {
      throw graphError(
        "slice",
        `an input with a known axis ${a} of at least ${e} elements, and 0 <= start <= end`,
        [x!],
      );
    }
    return { shape: x!.shape.with(a, Math.ceil((e - s) / by)), dtype: x!.dtype };
  },
  gradient({ inputs, attributes, upstream, output }) {
    const [a, s, by] = [attributes["axis"], attributes["start"], attributes["step"]] as [
      number,
      number,
      number,
    ];
    const size = inputs[0]!.shape[a]!;
    const count = output.shape[a]!;
    const spread = by === 1 ? upstream : dilate(upstream, a, by);
    const length = by === 1 ? count : count * by;
    const over = Math.max(0, s + length - size);
    const fitted = over > 0 ? spread.slice(a, 0, length - over) : spread;
    return [fitted.pad(a, s, size - s - length + over)];
  },
  simplify([x], { axis, start, end, step }) {
    return start === 0 && step === 1 && end === x!.shape[axis as number] ? x! : null;
  },
  emit(emitter, node) {
    const { axis, start, end, step } = node.attributes;
    const bounds = [start, end, axis, step].map((v) => emitter.int64([v as number]));
    return emitter.node("Slice", [emitter.name(node.inputs[0]!), ...bounds]);
  },
};

/** `by − 1` zeros after each element of `axis`. */
function dilate(x: Tensor, axis: number, by: number): Tensor {
  const apart = x.reshape([...x.shape.slice(0, axis + 1), 1, ...x.shape.slice(axis + 1)]);
  return apart.pad(axis + 1, 0, by - 1).reshape(x.shape.with(axis, x.shape[axis]! * by));
}

Tensor.prototype.slice = function (axis, start, end, step = 1) {
  return apply(slice, [this], { axis: axisIndex(axis, this.rank), start, end, step });
};

export const padOperator: Operator = {
  name: "pad",
  infer([x], { axis, before, after }) {
    const size = x!.shape[axis as number] ?? -1;
    if (size < 0 || (before as number) < 0 || (after as number) < 0) {
      throw graphError("pad", `an input whose axis ${axis} has a known size, and widths >= 0`, [
        x!,
      ]);
    }
    const padded = size + (before as number) + (after as number);
    return { shape: x!.shape.with(axis as number, padded), dtype: x!.dtype };
  },
  gradient({ inputs, attributes, upstream }) {
    const [a, before] = [attributes["axis"] as number, attributes["before"] as number];
    return [upstream.slice(a, before, before + inputs[0]!.shape[a]!)];
  },
  simplify: ([x], { before, after }) => (before === 0 && after === 0 ? x! : null),
  emit(emitter, node) {
    const { axis, before, after, value } = node.attributes;
    const widths = new Array<number>(2 * node.rank).fill(0);
    widths[axis as number] = before as number;
    widths[node.rank + (axis as number)] = after as number;
    const names = [emitter.name(node.inputs[0]!), emitter.int64(widths)];
    return emitter.node("Pad", [...names, emitter.scalar(value as number, node.dtype)]);
  },
};

Tensor.prototype.pad = function (axis, before, after, value = 0) {
  return apply(padOperator, [this], { axis: axisIndex(axis, this.rank), before, after, value });
};

const concatOperator: Operator = {
  name: "concat",
  infer(inputs, { axis }) {
    const a = axis as number;
    const first = inputs[0];
    const fits = inputs.every(
      (t) =>
        t.dtype === first?.dtype &&
        t.rank === first.rank &&
        t.shape.every((d, i) => (i === a ? d >= 0 : d === first.shape[i])),
    );
    if (a < 0 || !fits || !first) {
      throw graphError("concat", `inputs of one type, equal but for a known axis ${axis}`, inputs);
    }
    const size = inputs.reduce<Dim>((sum, t) => sum + t.shape[a]!, 0);
    return { shape: first.shape.with(a, size), dtype: first.dtype };
  },
  gradient({ inputs, attributes, upstream }) {
    const a = attributes["axis"] as number;
    return upstream.split(
      a,
      inputs.map((t) => t.shape[a]!),
    );
  },
  simplify: (inputs) => (inputs.length === 1 ? inputs[0]! : null),
  emit: (emitter, node) =>
    emitter.node("Concat", emitter.names(node), { axis: node.attributes["axis"] as number }),
};

/** The tensors one after another along `axis`. */
export function concat(tensors: readonly Tensor[], axis: number): Tensor {
  return apply(concatOperator, tensors, { axis: axisIndex(axis, tensors[0]?.rank ?? 0) });
}

/** The sum of two zero-padded tensors whose values lie side by side, without the additions. */
export function joined(a: Tensor, b: Tensor): Tensor | null {
  if (a.operator !== padOperator || b.operator !== padOperator) return null;
  const [p, q] = [a.attributes, b.attributes];
  const axis = p["axis"] as number;
  if (axis !== q["axis"] || p["value"] !== 0 || q["value"] !== 0) return null;
  const [x, y] = [a.inputs[0]!, b.inputs[0]!];
  const before = p["before"] as number;
  if (before + x.shape[axis]! !== q["before"]) return null;
  return concat([x, y], axis).pad(axis, before, q["after"] as number);
}

Tensor.prototype.split = function (axis, sizes) {
  let start = 0;
  return sizes.map((size) => {
    start += size;
    return this.slice(axis, start - size, start);
  });
};

Tensor.prototype.reverse = function (axis) {
  const a = axisIndex(axis, this.rank);
  const size = this.shape[a] ?? -1;
  if (size < 0) throw graphError("reverse", `an input whose axis ${axis} has a known size`, [this]);
  return this.gather(
    a,
    Array.from({ length: size }, (_, i) => size - 1 - i),
  );
};
