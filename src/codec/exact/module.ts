// The compiled WebAssembly module, instantiated for each program's memory. Its functions take raw
// addresses, which wrap at 2³² as AssemblyScript's do, and trust them.
import { compiledOnce } from "../../base/wasm.ts";
import { exactBinary } from "./binary.ts";

type Reduction = (d: number, s: number, outer: number, size: number, inner: number) => void;

export interface ExactKernels {
  readonly reservedBytes: WebAssembly.Global;
  heapBase(): number;
  elementwise(code: number, d: number, a: number, b: number, c: number, table: number): void;
  copy(to: number, from: number, table: number): void;
  fill(to: number, count: number, bits: number): void;
  sum: Reduction;
  prod: Reduction;
  max: Reduction;
  min: Reduction;
  argmax: Reduction;
  cumulativeSum(
    d: number,
    s: number,
    outer: number,
    size: number,
    inner: number,
    reverse: number,
  ): void;
  /** 0, or one more than the place of the first index that is outside. */
  gather(
    d: number,
    x: number,
    indices: number,
    outer: number,
    size: number,
    inner: number,
    count: number,
  ): number;
  scatterAdd(
    d: number,
    x: number,
    indices: number,
    rows: number,
    size: number,
    inner: number,
  ): number;
  topKIndices(d: number, x: number, rows: number, size: number, k: number): void;
  pack(d: number, b: number, inner: number, columns: number, down: number, across: number): void;
  matmul(d: number, a: number, packed: number, rows: number, inner: number, columns: number): void;
  unfold(d: number, x: number, table: number): void;
  fold(d: number, s: number, table: number): void;
}

const compiled = compiledOnce(exactBinary);

export function instantiateExact(memory: WebAssembly.Memory): ExactKernels {
  const { exports } = new WebAssembly.Instance(compiled(), { env: { memory } });
  return exports as unknown as ExactKernels;
}

/** The number of an elementwise operation; undefined where there is none of this name. */
export function operationCode(kernels: ExactKernels, name: string): number | undefined {
  const code = (kernels as unknown as Record<string, unknown>)[name];
  return code instanceof WebAssembly.Global ? (code.value as number) : undefined;
}
