// The compiled WebAssembly module: decoded and compiled once, instantiated for each memory. Its
// functions take raw addresses and trust them; kernels.ts is the checked face.
import { compiledOnce } from "../../base/wasm.ts";
import { kernelBinary } from "./binary.ts";

/** Words of Philox that a fill needs: where it starts, its step, stream and key. */
type DrawArguments = [
  skip: number,
  block: number,
  stepLow: number,
  stepHigh: number,
  stream: number,
  keyLow: number,
  keyHigh: number,
];

export interface KernelExports {
  readonly reservedBytes: WebAssembly.Global;
  heapBase(): number;
  fill(kind: 0 | 1 | 2, target: number, length: number, ...draw: DrawArguments): void;
  normalFromWords(target: number, length: number): void;
  bernoulli(
    logSize: 0 | 2,
    target: number,
    probabilities: number,
    length: number,
    ...draw: DrawArguments
  ): void;
  accumulate(target: number, source: number, length: number): void;
  sumOfSquares(source: number, length: number): number;
  addColumns(sums: number, values: number, rows: number, width: number): void;
  sgd(p: number, g: number, length: number, scale: number, rate: number, decay: number): void;
  sgdMomentum(
    p: number,
    g: number,
    velocity: number,
    length: number,
    scale: number,
    rate: number,
    decay: number,
    momentum: number,
    nesterov: number,
  ): void;
  rmsprop(
    p: number,
    g: number,
    second: number,
    length: number,
    scale: number,
    rate: number,
    decay: number,
    alpha: number,
    oneLessAlpha: number,
    epsilon: number,
  ): void;
  rmspropMomentum(
    p: number,
    g: number,
    second: number,
    velocity: number,
    length: number,
    scale: number,
    rate: number,
    decay: number,
    alpha: number,
    oneLessAlpha: number,
    epsilon: number,
    momentum: number,
  ): void;
  adam(
    p: number,
    g: number,
    first: number,
    second: number,
    length: number,
    scale: number,
    decay: number,
    shrink: number,
    oneLessBeta1: number,
    beta2: number,
    oneLessBeta2: number,
    rate: number,
    inverseRootCorrection: number,
    epsilon: number,
  ): void;
}

/** The module, compiled at first use and kept. */
export const kernelModule = compiledOnce(kernelBinary);

export function instantiateKernels(memory: WebAssembly.Memory): KernelExports {
  const instance = new WebAssembly.Instance(kernelModule(), { env: { memory } });
  return instance.exports as unknown as KernelExports;
}
