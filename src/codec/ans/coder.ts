// The entropy coder's face: a stack that symbols are pushed onto by their probabilities and popped from
// in reverse. What is pushed under one distribution and popped under another is what bits-back coding
// is made of. One coder is used for one block at a time.

import { ElboError } from "../../base/errors.ts";
import { growTo } from "../../base/wasm.ts";
import type { Distribution, ImageShape } from "./distribution.ts";
import { type Contexts, describeImages, type Room } from "./images.ts";
import { type AnsExports, instantiateAns } from "./module.ts";
import { codeSymbols } from "./symbols.ts";

/** Latents as places among the intervals that are told apart, and what stands there. */
export interface Latents {
  places: Uint32Array;
  values: Float32Array;
}

/** Gaussians, one for each value. */
export interface Gaussians {
  mean: Float32Array;
  deviation: Float32Array;
}

const align = (bytes: number) => Math.ceil(bytes / 16) * 16;

/** Bytes of a stack's state before its words. */
const STATE = 8;

export class Coder {
  readonly #memory = new WebAssembly.Memory({ initial: 64 });
  readonly #exports: AnsExports = instantiateAns(this.#memory);
  readonly #stack: number;
  #stackBytes = 0;
  #free = 0;

  constructor() {
    const tables = align(this.#exports.heapBase());
    this.#stack = tables + align(this.#exports.latentTableBytes());
    growTo(this.#memory, this.#stack);
    this.#exports.prepareLatents(tables);
  }

  /** An empty stack for at most so many symbols. */
  begin(symbols: number): void {
    this.#stackBytes = align(symbols * 8 + 4096);
    growTo(this.#memory, this.#stack + this.#stackBytes);
    this.#exports.open(this.#stack, this.#stackBytes);
  }

  /** What was pushed and not popped, as bytes. */
  finish(): Uint8Array {
    if (this.#exports.failed()) {
      throw new ElboError({
        code: "internal",
        message: "the coder's stack is full",
        hint: "Report this bug.",
      });
    }
    const words = this.#exports.words();
    const bytes = new Uint8Array(STATE + 4 * words);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, this.#exports.stateHigh(), true);
    view.setUint32(4, this.#exports.stateLow(), true);
    bytes.set(new Uint8Array(this.#memory.buffer, this.#stack, 4 * words), STATE);
    return bytes;
  }

  /**
   * A stack from the bytes that `finish` gave.
   * @param symbols as many as may be pushed onto it.
   */
  reopen(bytes: Uint8Array, symbols: number): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const words = (bytes.length - STATE) / 4;
    if (!(words >= 0) || !Number.isInteger(words) || view.getUint32(0, true) === 0) {
      throw damaged();
    }
    this.begin(symbols + words);
    new Uint8Array(this.#memory.buffer, this.#stack, 4 * words).set(bytes.subarray(STATE));
    const [high, low] = [view.getUint32(0, true), view.getUint32(4, true)];
    this.#exports.reopen(this.#stack, this.#stackBytes, words, high, low);
  }

  /** Whether everything has been popped, and what is left is what an empty stack begins with. */
  get isSpent(): boolean {
    return this.#exports.isSpent() !== 0;
  }

  /**
   * Draws latents from Gaussians by popping them.
   * @param prior N(0, 1) where it is null.
   * @param salt another whole number for each draw of a stack, the same for its reverse.
   */
  popPosterior(posterior: Gaussians, prior: Gaussians | null, salt: number): Latents {
    this.#clear();
    const n = posterior.mean.length;
    const given = [this.#put(posterior.mean), this.#put(posterior.deviation)] as const;
    const [places, values] = [this.#room(4 * n), this.#room(4 * n)];
    this.#exports.popPosterior(salt, n, ...given, ...this.#putPrior(prior), places, values);
    return this.#latentsAt(places, values, n);
  }

  /** The reverse of `popPosterior`. */
  pushPosterior(
    posterior: Gaussians,
    prior: Gaussians | null,
    salt: number,
    places: Uint32Array,
  ): void {
    this.#clear();
    const given = [this.#put(posterior.mean), this.#put(posterior.deviation)] as const;
    const at = this.#put(places);
    this.#exports.pushPosterior(salt, places.length, ...given, ...this.#putPrior(prior), at);
  }

  pushPrior(places: Uint32Array): void {
    this.#clear();
    this.#exports.pushPrior(places.length, this.#put(places));
  }

  /** The reverse of `pushPrior`. */
  popPrior(n: number, prior: Gaussians | null): Latents {
    this.#clear();
    const given = this.#putPrior(prior);
    const [places, values] = [this.#room(4 * n), this.#room(4 * n)];
    this.#exports.popPrior(n, ...given, places, values);
    return this.#latentsAt(places, values, n);
  }

  /** Pushes places under Gaussians of their own; `prior` says where those places are. */
  pushConditional(by: Gaussians, prior: Gaussians | null, places: Uint32Array): void {
    this.#clear();
    const given = [this.#put(by.mean), this.#put(by.deviation)] as const;
    const at = this.#put(places);
    this.#exports.pushConditional(places.length, ...given, ...this.#putPrior(prior), at);
  }

  /** The reverse of `pushConditional`. */
  popConditional(by: Gaussians, prior: Gaussians | null): Latents {
    this.#clear();
    const n = by.mean.length;
    const given = [this.#put(by.mean), this.#put(by.deviation)] as const;
    const [places, values] = [this.#room(4 * n), this.#room(4 * n)];
    this.#exports.popConditional(n, ...given, ...this.#putPrior(prior), places, values);
    return this.#latentsAt(places, values, n);
  }

  /** The latents nearest to values among those that there are. */
  nearest(exact: Float32Array, prior: Gaussians | null): Latents {
    this.#clear();
    const n = exact.length;
    const given = this.#putPrior(prior);
    const [places, values] = [this.#room(4 * n), this.#put(exact)];
    this.#exports.placesOf(n, ...given, places, values);
    return this.#latentsAt(places, values, n);
  }

  /** Pushes symbols, the last one first, but those whose `present` is 0. */
  push(by: Distribution, symbols: Float64Array, present: Uint8Array | null): void {
    this.#clear();
    codeSymbols(this.#exports, by, this.#put(symbols), symbols.length, present, this.#open, false);
  }

  /** The reverse: symbols in order, 0 where `present` is. */
  pop(by: Distribution, n: number, present: Uint8Array | null): Float64Array {
    this.#clear();
    const at = this.#room(8 * n);
    new Uint8Array(this.#memory.buffer, at, 8 * n).fill(0);
    codeSymbols(this.#exports, by, at, n, present, this.#open, true);
    return new Float64Array(this.#memory.buffer.slice(at, at + 8 * n));
  }

  /** Of images' values what a correction of their distribution is fitted to. */
  contextsOf(by: Distribution, shape: ImageShape, symbols: Float64Array): Contexts {
    this.#clear();
    return describeImages(this.#exports, by, shape, symbols, this.#open);
  }

  /** For tests: exp, log, the normal distribution function and its inverse, softplus, sigmoid. */
  mathOf(which: number, x: number): number {
    return this.#exports.mathOf(which, x);
  }

  #putPrior(prior: Gaussians | null): [number, number] {
    return prior ? [this.#put(prior.mean), this.#put(prior.deviation)] : [0, 0];
  }

  #latentsAt(places: number, values: number, n: number): Latents {
    const { buffer } = this.#memory;
    return {
      places: new Uint32Array(buffer.slice(places, places + 4 * n)),
      values: new Float32Array(buffer.slice(values, values + 4 * n)),
    };
  }

  readonly #open: Room = {
    put: (array) => this.#put(array),
    room: (bytes) => this.#room(bytes),
    read: (address, floats) =>
      new Float32Array(this.#memory.buffer.slice(address, address + 4 * floats)),
  };

  #clear(): void {
    this.#free = this.#stack + this.#stackBytes;
  }

  #room(bytes: number): number {
    const at = this.#free;
    this.#free += align(bytes);
    growTo(this.#memory, this.#free);
    return at;
  }

  #put(array: Float32Array | Float64Array | Uint32Array | Uint8Array): number {
    const at = this.#room(array.byteLength);
    new Uint8Array(this.#memory.buffer, at, array.byteLength).set(
      new Uint8Array(array.buffer, array.byteOffset, array.byteLength),
    );
    return at;
  }
}

/** A block that cannot be what was written. */
export function damaged(): ElboError {
  return new ElboError({
    code: "archive-damaged",
    message: "the archive is damaged: a block's symbols do not come out even",
    hint: "Fetch the archive again; other blocks can still be read with --partial.",
  });
}
