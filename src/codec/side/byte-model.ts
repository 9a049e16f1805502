// The probability of each bit of a row of bytes, from all contexts together (context mixing in the
// manner of Mahoney's lpaq, 2007). Packing and unpacking ask it the same questions in the same order.
import { learn, unmet } from "./adaptive.ts";
import { firstGuess, nextHistory } from "./bit-history.ts";
import { type ContextHashes, hashedContexts, recordContexts, textContexts } from "./contexts.ts";
import { logitLimit, squash, stretch } from "./logistic.ts";
import { MatchModel } from "./match.ts";
import { Mixer } from "./mixer.ts";
import { Refiner } from "./refiner.ts";
import { HistorySlots } from "./slots.ts";

const direct = 2;
const inputs = direct + hashedContexts + 2;
const historyLimit = 255;
const directLimit = 1000;
const evenOdds = unmet(32768);

export class ByteModel {
  readonly #stride: number;
  readonly #bytes: Uint8Array;
  readonly #contextHashes: ContextHashes;
  readonly #hashes = new Int32Array(hashedContexts);
  readonly #slots: HistorySlots;
  readonly #buckets = new Int32Array(hashedContexts);
  readonly #maps = new Int32Array(hashedContexts * 256);
  readonly #orders: readonly [Int32Array, Int32Array];
  readonly #match: MatchModel;
  readonly #mixer: Mixer;
  readonly #byOrder0: Refiner;
  readonly #byHash: Refiner;
  readonly #hashBits: number;
  #length = 0;
  /** The bits of this byte so far, below a 1. */
  #partial = 1;
  /** The same of this half byte. */
  #half = 1;
  #place = 0;
  #last = 0;

  /**
   * @param bytes as long as the row, and filled by the caller byte by byte before `endByte`.
   * @param stride the width of the records, or 0 for running text.
   */
  constructor(bytes: Uint8Array, stride: number) {
    this.#bytes = bytes;
    this.#stride = stride;
    this.#contextHashes = stride > 0 ? recordContexts(stride) : textContexts();
    this.#slots = new HistorySlots(bytes.length, hashedContexts);
    for (let i = 0; i < this.#maps.length; i++) this.#maps[i] = unmet(firstGuess[i & 255] ?? 0);
    const places = Math.max(stride, 1);
    this.#orders = [
      new Int32Array(256 * places).fill(evenOdds),
      new Int32Array(65536).fill(evenOdds),
    ];
    this.#match = new MatchModel(bytes);
    this.#mixer = new Mixer(inputs, stride > 0 ? stride : 256);
    this.#byOrder0 = new Refiner(256 * places);
    this.#hashBits = Math.min(15, Math.max(8, 32 - Math.clz32(bytes.length)));
    this.#byHash = new Refiner(1 << this.#hashBits);
    this.#enterByte();
  }

  /** The probability of a one, times 2^16, from 1 to 65535. */
  predict(): number {
    const mixer = this.#mixer;
    const x = mixer.inputs;
    const partial = this.#partial;
    const maps = this.#maps;
    const buckets = this.#buckets;
    const half = this.#half;
    const { states } = this.#slots;
    x[0] = stretch[this.#orders[0][this.#place * 256 + partial]! >>> 16]!;
    x[1] = stretch[this.#orders[1][this.#last * 256 + partial]! >>> 16]!;
    for (let i = 0; i < hashedContexts; i++) {
      const state = states[buckets[i]! + half]!;
      x[direct + i] = stretch[maps[i * 256 + state]! >>> 16]!;
    }
    x[direct + hashedContexts] = this.#match.predict(partial);
    x[direct + hashedContexts + 1] = 256;
    const logit = mixer.mix(this.#stride > 0 ? this.#place : partial);
    const hash = Math.imul(this.#hashes[0]! ^ Math.imul(partial, 0x3d4d51cb), 0x2c1b3c6d);
    const a = this.#byOrder0.refine(logit, this.#place * 256 + partial);
    const b = this.#byHash.refine(logit, hash >>> (32 - this.#hashBits));
    const p = (2 * squash[logit + logitLimit]! + a + b) >> 2;
    return Math.min(Math.max(p, 1), 65535);
  }

  /** The bit that came where the last probability was asked for. */
  update(bit: number): void {
    const partial = this.#partial;
    const { states } = this.#slots;
    learn(this.#orders[0], this.#place * 256 + partial, bit, directLimit);
    learn(this.#orders[1], this.#last * 256 + partial, bit, directLimit);
    const maps = this.#maps;
    const buckets = this.#buckets;
    const half = this.#half;
    for (let i = 0; i < hashedContexts; i++) {
      const place = buckets[i]! + half;
      const state = states[place]!;
      learn(maps, i * 256 + state, bit, historyLimit);
      states[place] = nextHistory[2 * state + bit]!;
    }
    this.#match.update(bit);
    this.#mixer.update(bit);
    this.#byOrder0.update(bit);
    this.#byHash.update(bit);
    this.#partial = 2 * partial + bit;
    this.#half = 2 * this.#half + bit;
    if (this.#half >= 16 && this.#partial < 256) this.#enterHalf();
  }

  /** The byte that eight bits have made. It stands in `bytes` by now. */
  endByte(): void {
    this.#length++;
    this.#match.nextByte(this.#length);
    this.#enterByte();
  }

  #enterByte(): void {
    this.#partial = 1;
    this.#last = this.#length > 0 ? this.#bytes[this.#length - 1]! : 0;
    this.#place = this.#stride > 0 ? this.#length % this.#stride : 0;
    this.#contextHashes(this.#bytes, this.#length, this.#hashes);
    this.#enterHalf();
  }

  #enterHalf(): void {
    this.#half = 1;
    const salt = Math.imul(this.#partial, 0x5bd1e995);
    for (let i = 0; i < hashedContexts; i++) {
      const hash = Math.imul(this.#hashes[i]! ^ salt, 0x2f0b4a27);
      this.#buckets[i] = this.#slots.find(hash ^ (hash >>> 13));
    }
  }
}
