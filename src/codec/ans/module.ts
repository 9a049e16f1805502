// The compiled WebAssembly module of the coder. Its functions take raw addresses and trust them;
// coder.ts is the checked face.
import { compiledOnce } from "../../base/wasm.ts";
import { ansBinary } from "./binary.ts";

export interface AnsExports {
  heapBase(): number;
  open(address: number, bytes: number): void;
  reopen(address: number, bytes: number, words: number, high: number, low: number): void;
  words(): number;
  stateHigh(): number;
  stateLow(): number;
  failed(): number;
  isSpent(): number;
  mathOf(which: number, x: number): number;
  latentTableBytes(): number;
  prepareLatents(address: number): void;
  popPosterior(
    salt: number,
    n: number,
    means: number,
    deviations: number,
    priorMeans: number,
    priorDeviations: number,
    places: number,
    values: number,
  ): void;
  pushPosterior(
    salt: number,
    n: number,
    means: number,
    deviations: number,
    priorMeans: number,
    priorDeviations: number,
    places: number,
  ): void;
  pushPrior(n: number, places: number): void;
  popPrior(
    n: number,
    priorMeans: number,
    priorDeviations: number,
    places: number,
    values: number,
  ): void;
  pushConditional(
    n: number,
    means: number,
    deviations: number,
    priorMeans: number,
    priorDeviations: number,
    places: number,
  ): void;
  popConditional(
    n: number,
    means: number,
    deviations: number,
    priorMeans: number,
    priorDeviations: number,
    places: number,
    values: number,
  ): void;
  placesOf(
    n: number,
    priorMeans: number,
    priorDeviations: number,
    places: number,
    values: number,
  ): void;
  codeBernoulli(n: number, present: number, symbols: number, logits: number, decode: boolean): void;
  codeCategorical(
    n: number,
    present: number,
    symbols: number,
    logits: number,
    depth: number,
    weights: number,
    decode: boolean,
  ): void;
  codeOrdinal(
    n: number,
    present: number,
    symbols: number,
    locations: number,
    cuts: number,
    depth: number,
    weights: number,
    decode: boolean,
  ): void;
  codeLogistic(
    n: number,
    present: number,
    symbols: number,
    logits: number,
    locations: number,
    logScales: number,
    size: number,
    levels: number,
    room: number,
    decode: boolean,
  ): void;
  codeBetaBinomial(
    n: number,
    present: number,
    symbols: number,
    logAlphas: number,
    logBetas: number,
    trials: number,
    decode: boolean,
  ): void;
  codeCounts(
    kind: number,
    n: number,
    present: number,
    symbols: number,
    logMeans: number,
    logDispersions: number,
    zeroLogits: number,
    decode: boolean,
  ): void;
  codeNumbers(
    kind: number,
    n: number,
    columns: number,
    present: number,
    symbols: number,
    lows: number,
    steps: number,
    counts: number,
    shifts: number,
    scales: number,
    first: number,
    second: number,
    third: number,
    size: number,
    decode: boolean,
  ): void;
  imagesBytes(channels: number, height: number, width: number): number;
  openImages(
    channels: number,
    height: number,
    width: number,
    room: number,
    family: number,
    levels: number,
    first: number,
    second: number,
    third: number,
    size: number,
    components: number,
  ): void;
  codeImages(images: number, symbols: number, weights: number, decode: boolean): void;
  describeImages(
    images: number,
    symbols: number,
    contexts: number,
    limits: number,
    costs: number,
  ): void;
  featureCount(channels: number): number;
  codeEven(n: number, present: number, symbols: number, bound: number, decode: boolean): void;
}

const compiled = compiledOnce(ansBinary);

/** The module in a memory of its own, compiled at first use and kept. */
export function instantiateAns(memory: WebAssembly.Memory): AnsExports {
  const { exports } = new WebAssembly.Instance(compiled(), { env: { memory } });
  return exports as unknown as AnsExports;
}
