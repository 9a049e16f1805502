// The compiled WebAssembly module that counts numbers. Its functions take raw addresses and trust them; tally.ts is
// the checked face.
import { compiledOnce } from "../../base/wasm.ts";
import { tallyBinary } from "./binary.ts";

export interface TallyExports {
  allocate(bytes: number): number;
  addRange(seen: number, values: number, n: number): void;
  firstFraction(values: number, n: number): number;
  countEqual(values: number, n: number, wanted: number): number;
  openTable(limit: number, a: number, b: number): number;
  addNumbers(table: number, values: number, n: number): number;
  mostFrequent(table: number): number;
  sketchNumbers(registers: number, values: number, n: number): void;
  addMoments(moments: number, values: number, counts: number, n: number): void;
  addShape(seen: number, values: number, counts: number, n: number): number;
}

const compiled = compiledOnce(tallyBinary);

/** The module in a memory of its own, compiled at first use and kept. */
export function instantiateTally(memory: WebAssembly.Memory): TallyExports {
  const { exports } = new WebAssembly.Instance(compiled(), { env: { memory } });
  return exports as unknown as TallyExports;
}
