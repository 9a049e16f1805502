// Loops over tensors of several axes, as tables for the kernels: axes that all operands walk through
// alike are joined, so that most nests are one long row.

/** Elements from one index of each axis to the next, in a tensor of `shape`. */
export function stridesOf(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length).fill(1);
  for (let i = shape.length - 2; i >= 0; i--) strides[i] = strides[i + 1]! * shape[i + 1]!;
  return strides;
}

/** The same of an operand that broadcasts to `shape`: 0 along axes that it repeats. */
export function broadcastStrides(operand: readonly number[], shape: readonly number[]): number[] {
  const own = stridesOf(operand);
  const missing = shape.length - operand.length;
  return shape.map((_, i) => (i < missing || operand[i - missing] === 1 ? 0 : own[i - missing]!));
}

interface Axis {
  size: number;
  /** Of each operand. */
  strides: number[];
}

/** Axes longer than 1, the innermost first, neighbours joined where every operand allows it. */
function joined(shape: readonly number[], operands: readonly (readonly number[])[]): Axis[] {
  const axes: Axis[] = [];
  for (let i = shape.length - 1; i >= 0; i--) {
    const [size, strides] = [shape[i]!, operands.map((list) => list[i]!)];
    if (size === 1) continue;
    const inner = axes.at(-1);
    if (inner && strides.every((stride, k) => stride === inner.strides[k]! * inner.size)) {
      inner.size *= size;
    } else axes.push({ size, strides });
  }
  return axes.length > 0 ? axes : [{ size: 1, strides: operands.map(() => 1) }];
}

/** Each outer axis as a kernel's table has it: size, a counter, and the bytes that operands move on. */
function outerAxes(outer: readonly Axis[]): number[] {
  // How far operands are, at the inner axes' last indices, from where those began.
  const moved = [0, 0, 0];
  return outer.flatMap(({ size, strides }) => {
    const steps = strides.map((stride, k) => 4 * (stride - moved[k]!));
    strides.forEach((stride, k) => {
      moved[k]! += (size - 1) * stride;
    });
    return [size, 0, ...steps];
  });
}

/** For `elementwise`: three operands over `shape`, in steps of 16 bytes or of none. */
export function elementwiseTable(
  shape: readonly number[],
  operands: readonly (readonly number[])[],
): number[] {
  const unused = shape.map(() => 0);
  const strides = [0, 1, 2].map((k) => operands[k] ?? unused);
  const [inner, ...outer] = joined(shape, strides) as [Axis, ...Axis[]];
  const steps = inner.strides.map((stride) => 16 * stride);
  return [outer.length, inner.size, ...steps, ...outerAxes(outer)];
}

/** For `copy`: from one place to another over `shape`. */
export function copyTable(
  shape: readonly number[],
  to: readonly number[],
  from: readonly number[],
): number[] {
  const [inner, ...outer] = joined(shape, [to, from]) as [Axis, ...Axis[]];
  const steps = inner.strides.map((stride) => 4 * stride);
  return [outer.length, inner.size, ...steps, ...outerAxes(outer)];
}
