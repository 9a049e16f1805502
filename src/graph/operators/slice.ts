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

interface Cut {
  axes: readonly number[];
  starts: readonly number[];
  ends: readonly number[];
  steps: readonly number[];
}

const sliceOperator: Operator = {
  name: "slice",
  infer([x], attributes) {
    const { axes, starts, ends, steps } = attributes as unknown as Cut;
    const shape = axes.reduce<readonly Dim[]>((dims, axis, i) => {
      const [size, start, end, step] = [x!.shape[axis] ?? -1, starts[i]!, ends[i]!, steps[i]!];
      if (size < 0 || start < 0 || end > size || start > end || step < 1) {
        throw graphError(
          "slice",
          `an input with a known axis ${axis} of at least ${end} elements, and 0 <= start <= end`,
          [x!],
        );
      }
      return dims.with(axis, Math.ceil((end - start) / step));
    }, x!.shape);
    return { shape: [...shape], dtype: x!.dtype };
  },
  gradient({ inputs, attributes, upstream }) {
    const { axes, starts, steps } = attributes as unknown as Cut;
    return [
      axes.reduce((gradient, axis, i) => {
        const [size, start, step] = [inputs[0]!.shape[axis]!, starts[i]!, steps[i]!];
        const spread = step === 1 ? gradient : dilate(gradient, axis, step);
        const length = spread.shape[axis]!;
        const over = Math.max(0, start + length - size);
        const fitted = over > 0 ? spread.slice(axis, 0, length - over) : spread;
        return fitted.pad(axis, start, size - start - length + over);
      }, upstream),
    ];
  },
  simplify([x], attributes) {
    const cut = attributes as unknown as Cut;
    const whole = cut.axes.every(
      (axis, i) => cut.starts[i] === 0 && cut.steps[i] === 1 && cut.ends[i] === x!.shape[axis],
    );
    if (whole) return x!;
    if (x!.operator !== sliceOperator) return null;
    const both = composed(x!.attributes as unknown as Cut, cut);
    return apply(sliceOperator, [x!.inputs[0]!], { ...both });
  },
  emit(emitter, node) {
    const { axes, starts, ends, steps } = node.attributes as unknown as Cut;
    const bounds = [starts, ends, axes, steps].map((list) => emitter.int64(list));
    return emitter.node("Slice", [emitter.name(node.inputs[0]!), ...bounds]);
  },
};

/** One slice that does what `outer` does to the result of `inner`. */
function composed(inner: Cut, outer: Cut): Cut {
  const axes = [...new Set([...inner.axes, ...outer.axes])].sort((a, b) => a - b);
  const along = axes.map((axis) => {
    const [i, o] = [inner.axes.indexOf(axis), outer.axes.indexOf(axis)];
    if (i < 0) return { start: outer.starts[o]!, end: outer.ends[o]!, step: outer.steps[o]! };
    const [start, step] = [inner.starts[i]!, inner.steps[i]!];
    if (o < 0) return { start, end: inner.ends[i]!, step };
    return {
      start: Math.min(start + step * outer.starts[o]!, inner.ends[i]!),
      end: Math.min(start + step * outer.ends[o]!, inner.ends[i]!),
      step: step * outer.steps[o]!,
    };
  });
  return {
    axes,
    starts: along.map(({ start }) => start),
    ends: along.map(({ end }) => end),
    steps: along.map(({ step }) => step),
  };
}

/** `by − 1` zeros after each element of `axis`. */
function dilate(x: Tensor, axis: number, by: number): Tensor {
  const apart = x.reshape([...x.shape.slice(0, axis + 1), 1, ...x.shape.slice(axis + 1)]);
  return apart.pad(axis + 1, 0, by - 1).reshape(x.shape.with(axis, x.shape[axis]! * by));
}

Tensor.prototype.slice = function (axis, start, end, step = 1) {
  const axes = [axisIndex(axis, this.rank)];
  return apply(sliceOperator, [this], { axes, starts: [start], ends: [end], steps: [step] });
};

interface Margins {
  /** Of each axis. */
  before: readonly number[];
  after: readonly number[];
  value: number;
}

const padOperator: Operator = {
  name: "pad",
  infer([x], attributes) {
    const { before, after } = attributes as unknown as Margins;
    const shape = x!.shape.map((size, axis) => {
      const [first, last] = [before[axis]!, after[axis]!];
      if (first === 0 && last === 0) return size;
      if (size < 0 || first < 0 || last < 0) {
        throw graphError("pad", `an input whose axis ${axis} has a known size, and widths >= 0`, [
          x!,
        ]);
      }
      return size + first + last;
    });
    return { shape, dtype: x!.dtype };
  },
  gradient({ inputs, attributes, upstream }) {
    const { before } = attributes as unknown as Margins;
    return [
      inputs[0]!.shape.reduce<Tensor>((gradient, size, axis) => {
        if (gradient.shape[axis] === size) return gradient;
        return gradient.slice(axis, before[axis]!, before[axis]! + size);
      }, upstream),
    ];
  },
  simplify([x], attributes) {
    const { before, after, value } = attributes as unknown as Margins;
    if ([...before, ...after].every((width) => width === 0)) return x!;
    if (x!.operator !== padOperator || x!.attributes["value"] !== value) return null;
    const inner = x!.attributes as unknown as Margins;
    return apply(padOperator, [x!.inputs[0]!], {
      before: before.map((width, axis) => width + inner.before[axis]!),
      after: after.map((width, axis) => width + inner.after[axis]!),
      value,
    });
  },
  emit(emitter, node) {
    const { before, after, value } = node.attributes as unknown as Margins;
    const names = [emitter.name(node.inputs[0]!), emitter.int64([...before, ...after])];
    return emitter.node("Pad", [...names, emitter.scalar(value, node.dtype)]);
  },
};

Tensor.prototype.pad = function (axis, before, after, value = 0) {
  const index = axisIndex(axis, this.rank);
  if (index < 0) throw graphError("pad", `an input that has the axis ${axis}`, [this]);
  const along = (width: number) => this.shape.map((_, i) => (i === index ? width : 0));
  return apply(padOperator, [this], { before: along(before), after: along(after), value });
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
  simplify(inputs, { axis }) {
    if (inputs.length === 1) return inputs[0]!;
    const nested = (t: Tensor) => t.operator === concatOperator && t.attributes["axis"] === axis;
    if (!inputs.some(nested)) return null;
    const flat = inputs.flatMap((t) => (nested(t) ? t.inputs : [t]));
    return apply(concatOperator, flat, { axis: axis! });
  },
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
  const [p, q] = [a.attributes, b.attributes] as unknown as [Margins, Margins];
  if (p.value !== 0 || q.value !== 0) return null;
  const apart = p.before.flatMap((width, i) => (width === q.before[i] ? [] : [i]));
  const [axis] = apart;
  const [x, y] = [a.inputs[0]!, b.inputs[0]!];
  if (axis === undefined || apart.length > 1) return null;
  const alike = x.shape.every((size, i) => i === axis || size === y.shape[i]);
  if (!alike || p.before[axis]! + x.shape[axis]! !== q.before[axis]) return null;
  const { before, value } = p;
  return apply(padOperator, [concat([x, y], axis)], { before, after: q.after, value });
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
