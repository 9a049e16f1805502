// Shapes with one symbolic batch dimension, and how they broadcast.

/**
 * A dimension: a size, or −k for "k times the batch", so that `[-1, 784]` is a batch of rows
 * and reshaping `(batch, 8, 16)` to `(8·batch, 16)` keeps the batch symbolic.
 */
export type Dim = number;
export type Shape = readonly Dim[];

/** The symbolic batch dimension. */
export const BATCH: Dim = -1;

export type DType = "float32" | "int32" | "uint8" | "bool";

/** `(batch, 28, 28)`, as documentation and errors write shapes. */
export function formatShape(shape: Shape): string {
  const dims = shape.map((d) => (d === BATCH ? "batch" : d < 0 ? `${-d}·batch` : String(d)));
  return `(${dims.join(", ")}${dims.length === 1 ? "," : ""})`;
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((d, i) => d === b[i]);
}

/**
 * The product of all dimensions: negative (times batch) where one of them is symbolic, NaN where
 * several are.
 */
export function sizeOf(shape: Shape): number {
  return symbolicDims(shape) > 1 ? Number.NaN : shape.reduce((product, d) => product * d, 1);
}

function symbolicDims(shape: Shape): number {
  return shape.filter((d) => d < 0).length;
}

/** Whether two shapes hold equally many values, whatever the batch. */
export function sameSize(a: Shape, b: Shape): boolean {
  const known = (shape: Shape) => shape.reduce((product, d) => product * Math.abs(d), 1);
  return symbolicDims(a) === symbolicDims(b) && known(a) === known(b);
}

/** The size once the batch is known. */
export function concreteShape(shape: Shape, batch: number): number[] {
  return shape.map((d) => (d < 0 ? -d * batch : d));
}

/** NumPy's broadcasting of two shapes, or null where they do not fit. */
export function broadcastShapes(a: Shape, b: Shape): Dim[] | null {
  const rank = Math.max(a.length, b.length);
  const result: Dim[] = [];
  for (let i = 0; i < rank; i++) {
    const p = a[a.length - rank + i] ?? 1;
    const q = b[b.length - rank + i] ?? 1;
    if (p !== q && p !== 1 && q !== 1) return null;
    result.push(p === 1 ? q : p);
  }
  return result;
}

/** A possibly negative axis as an index into a shape of `rank` dimensions, or −1 if outside. */
export function axisIndex(axis: number, rank: number): number {
  const index = axis < 0 ? axis + rank : axis;
  return Number.isInteger(index) && index >= 0 && index < rank ? index : -1;
}
