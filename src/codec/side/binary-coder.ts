// Arithmetic coding of bits (Witten, Neal, Cleary, 1987; carryless, of 32 bits): the interval narrows
// by the probability of each bit, and its leading bytes are written once they are settled.

/** Where the interval is cut: below lies a one, whose probability is `p` / 2^16. */
function cut(low: number, high: number, p: number): number {
  const range = high - low;
  return low + (range >>> 16) * p + (((range & 0xffff) * p) >>> 16);
}

export class BitWriter {
  #bytes = new Uint8Array(64);
  #length = 0;
  #low = 0;
  #high = 0xffffffff;

  write(bit: number, p: number): void {
    const middle = cut(this.#low, this.#high, p);
    if (bit === 1) this.#high = middle;
    else this.#low = middle + 1;
    while ((this.#low ^ this.#high) >>> 24 === 0) {
      this.#put(this.#high >>> 24);
      this.#low = (this.#low << 8) >>> 0;
      this.#high = ((this.#high << 8) | 255) >>> 0;
    }
  }

  /** What was written, with as few bytes behind it as name a place in the interval. */
  finish(): Uint8Array {
    for (let bits = 0; bits <= 32; bits += 8) {
      const step = 2 ** (32 - bits);
      const place = Math.ceil(this.#low / step) * step;
      if (place > this.#high) continue;
      for (let shift = 24; shift > 24 - bits; shift -= 8) this.#put((place >>> shift) & 255);
      break;
    }
    return this.#bytes.slice(0, this.#length);
  }

  #put(byte: number): void {
    if (this.#length === this.#bytes.length) {
      const larger = new Uint8Array(2 * this.#length);
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    this.#bytes[this.#length++] = byte;
  }
}

export class BitReader {
  readonly #bytes: Uint8Array;
  #at = 0;
  #low = 0;
  #high = 0xffffffff;
  #code = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    for (let i = 0; i < 4; i++) this.#shift();
  }

  read(p: number): number {
    const middle = cut(this.#low, this.#high, p);
    const bit = this.#code <= middle ? 1 : 0;
    if (bit === 1) this.#high = middle;
    else this.#low = middle + 1;
    while ((this.#low ^ this.#high) >>> 24 === 0) {
      this.#low = (this.#low << 8) >>> 0;
      this.#high = ((this.#high << 8) | 255) >>> 0;
      this.#shift();
    }
    return bit;
  }

  /** Bytes read that were not there: no writer leaves out more than the 4 that are looked at ahead. */
  get beyond(): boolean {
    return this.#at > this.#bytes.length + 4;
  }

  /** Whether bytes were never looked at. */
  get left(): boolean {
    return this.#at < this.#bytes.length;
  }

  #shift(): void {
    this.#code = ((this.#code << 8) | (this.#bytes[this.#at] ?? 0)) >>> 0;
    this.#at++;
  }
}
