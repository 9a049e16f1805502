// A table of bit histories, found by the hash of a context: a bucket for each context and half a byte
// holds the histories of the 15 places that 4 bits pass, and a check of the hash.

const bucketBytes = 16;
const largest = 1 << 24;

/** Buckets for `inputs` contexts at each half of every byte, but no more than 16 MB. */
function tableBytes(bytes: number, inputs: number): number {
  const wanted = Math.min(2 * inputs * bytes * bucketBytes, largest);
  return Math.max(4096, 1 << (32 - Math.clz32(wanted - 1)));
}

export class HistorySlots {
  readonly states: Uint8Array;
  /** The same bytes, four at a time, to empty a bucket by. */
  readonly #words: Int32Array;
  readonly #mask: number;

  /** @param bytes of the input; @param inputs contexts that share the table. */
  constructor(bytes: number, inputs: number) {
    this.states = new Uint8Array(tableBytes(bytes, inputs));
    this.#words = new Int32Array(this.states.buffer);
    this.#mask = this.states.length - 1;
  }

  /**
   * The place of the bucket for a hash. Of two that it may stand in, an unknown one takes that which
   * has seen less.
   */
  find(hash: number): number {
    const { states } = this;
    const check = (hash >>> 24) | 1;
    const first = Math.imul(hash, bucketBytes) & this.#mask;
    if (states[first] === check) return first;
    const second = first ^ bucketBytes;
    if (states[second] === check) return second;
    const taken = states[first + 1]! <= states[second + 1]! ? first : second;
    const words = this.#words;
    for (let i = taken >> 2, end = i + bucketBytes / 4; i < end; i++) words[i] = 0;
    states[taken] = check;
    return taken;
  }
}
