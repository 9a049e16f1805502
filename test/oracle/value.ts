// The oracle's arrays: row-major float64 with a concrete shape. int32, uint8 and bool are held as
// float64 too.

export interface Value {
  shape: readonly number[];
  data: Float64Array;
}

export function count(shape: readonly number[]): number {
  return shape.reduce((product, d) => product * d, 1);
}

export function strides(shape: readonly number[]): number[] {
  const result = new Array<number>(shape.length).fill(1);
  for (let i = shape.length - 2; i >= 0; i--) result[i] = result[i + 1]! * shape[i + 1]!;
  return result;
}

/** The coordinates of the element at `offset`. */
export function coordinates(offset: number, shape: readonly number[]): number[] {
  return strides(shape).map((stride, i) => Math.floor(offset / stride) % shape[i]!);
}

/** Where the coordinates lie in `shape`, whose axes of size 1 are repeated. */
export function offsetOf(at: readonly number[], shape: readonly number[]): number {
  const skipped = at.length - shape.length;
  return strides(shape).reduce(
    (sum, stride, i) => sum + (shape[i] === 1 ? 0 : at[i + skipped]! * stride),
    0,
  );
}

/** Axes of `x` that are of size 1 repeat, as do leading axes that only the index has. */
export function element(x: Value, index: readonly number[]): number {
  return x.data[offsetOf(index, x.shape)]!;
}

/** A value whose element at each coordinate is what `at` says. */
export function build(shape: readonly number[], at: (index: number[]) => number): Value {
  const data = new Float64Array(count(shape));
  for (let i = 0; i < data.length; i++) data[i] = at(coordinates(i, shape));
  return { shape, data };
}

/** `shape` is that of the result: operands of fewer or smaller axes are repeated. */
export function zip(
  shape: readonly number[],
  operands: readonly Value[],
  combine: (...values: number[]) => number,
): Value {
  return build(shape, (index) => combine(...operands.map((operand) => element(operand, index))));
}

/** What an operator's rule is given. */
export interface Call {
  inputs: readonly Value[];
  /** The output's shape at the batch of this evaluation. */
  shape: readonly number[];
  dtype: string;
  attributes: Readonly<Record<string, unknown>>;
}

export type Rule = (call: Call) => Value;
