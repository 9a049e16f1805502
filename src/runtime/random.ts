// Random numbers as plain arrays, for callers without a Memory: weights, orders, samples. The same
// numbers as the kernels give in place for the same (seed, stream, step).
import { ElboError } from "../base/errors.ts";
import { type Draw, keyOf } from "./kernels/draw.ts";
import { type Memory, MemoryPlan } from "./memory.ts";
import { type Slot, subSlot } from "./slots.ts";

export { streams } from "./streams.ts";

const chunk = 65536;

/** A draw but for its seed. */
type Place = Required<Omit<Draw, "seed">>;

/** A small memory that every Random borrows for the length of a call. */
let workspace: { memory: Memory; words: Slot<"int32">; floats: Slot<"float32"> } | undefined;

function borrow() {
  if (workspace === undefined) {
    const plan = new MemoryPlan();
    const words = plan.reserve("int32", chunk);
    const floats = { ...words, dtype: "float32" as const };
    workspace = { memory: plan.allocate(), words, floats };
  }
  return workspace;
}

function checkedLength(length: number, limit: number): number {
  if (Number.isSafeInteger(length) && length >= 0 && length < limit) return length;
  throw new ElboError({
    code: "random-length",
    kind: "usage",
    message: `a length is a whole number in [0, ${limit}); received ${length}`,
    hint: "draw long sequences in parts, one step each",
  });
}

/**
 * Philox4x32-10 keyed by a seed. It has no state: a method gives the same numbers whenever it is
 * called with the same stream and step, and resuming needs only the step.
 */
export class Random {
  readonly seed: number | bigint;

  /** @throws ElboError `draw-invalid` unless the seed is a whole number in [0, 2⁶⁴). */
  constructor(seed: number | bigint) {
    keyOf(seed);
    this.seed = seed;
  }

  /** Uniform words of 32 bits, those from element `offset` on of the (stream, step). */
  bits(stream: number, step: number, length: number, offset = 0): Uint32Array<ArrayBuffer> {
    const result = new Uint32Array(checkedLength(length, 2 ** 32));
    const { memory, words } = borrow();
    this.#inParts({ stream, step, offset }, length, (draw, start, count) => {
      const part = subSlot(words, 0, count);
      memory.kernels.bits(part, draw);
      result.set(memory.view(part), start);
    });
    return result;
  }

  /** Uniform in [0, 1), multiples of 2⁻²⁴. */
  uniform(stream: number, step: number, length: number): Float32Array<ArrayBuffer> {
    return this.#floats("uniform", { stream, step, offset: 0 }, length);
  }

  /** Standard normal, from element `offset` on; see `Kernels.normal` for accuracy. */
  normal(stream: number, step: number, length: number, offset = 0): Float32Array<ArrayBuffer> {
    return this.#floats("normal", { stream, step, offset }, length);
  }

  /**
   * 0 … length - 1 in an order drawn uniformly from all: Fisher and Yates's shuffle, each place
   * drawn without bias by rejecting words beyond it.
   */
  permutation(stream: number, step: number, length: number): Uint32Array<ArrayBuffer> {
    checkedLength(length, 2 ** 31);
    const order = new Uint32Array(length);
    for (let i = 0; i < length; i += 1) order[i] = i;
    const { memory, words } = borrow();
    const view = new Uint32Array(memory.buffer, words.offset, chunk);
    // Fewer than two words a place are needed on average, since a word is accepted with
    // probability above one half.
    const part = subSlot(words, 0, Math.min(chunk, 2 * length));
    let offset = 0;
    let next = part.length;
    for (let last = length - 1; last > 0; last -= 1) {
      const shift = Math.clz32(last);
      let place: number;
      do {
        if (next === part.length) {
          memory.kernels.bits(part, { seed: this.seed, stream, step, offset });
          offset += part.length;
          next = 0;
        }
        place = view[next]! >>> shift;
        next += 1;
      } while (place > last);
      const value = order[last]!;
      order[last] = order[place]!;
      order[place] = value;
    }
    return order;
  }

  #floats(kind: "uniform" | "normal", place: Place, length: number): Float32Array<ArrayBuffer> {
    const result = new Float32Array(checkedLength(length, 2 ** 32));
    const { memory, floats } = borrow();
    this.#inParts(place, length, (draw, start, count) => {
      const part = subSlot(floats, 0, count);
      memory.kernels[kind](part, draw);
      result.set(memory.view(part), start);
    });
    return result;
  }

  #inParts(
    { stream, step, offset }: Place,
    length: number,
    draw: (draw: Draw, start: number, count: number) => void,
  ): void {
    for (let start = 0; start < length; start += chunk) {
      const count = Math.min(chunk, length - start);
      draw({ seed: this.seed, stream, step, offset: offset + start }, start, count);
    }
  }
}
