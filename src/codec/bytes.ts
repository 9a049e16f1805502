// Numbers, bytes and texts one after the other in one block of bytes, written and read back.
import { ElboError } from "../base/errors.ts";

const encoder = new TextEncoder();

/** The same bytes as no Buffer of Node's, whose `slice` is no copy. */
export const plainBytes = ({ buffer, byteOffset, byteLength }: Uint8Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

export class ByteWriter {
  #bytes = new Uint8Array(256);
  #length = 0;

  #room(bytes: number): number {
    const at = this.#length;
    this.#length += bytes;
    if (this.#length > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(this.#length, 2 * this.#bytes.length));
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    return at;
  }

  byte(value: number): void {
    const at = this.#room(1);
    this.#bytes[at] = value;
  }

  /** A whole number from 0 to 2^53 - 1: seven bits a byte, the lowest first. */
  count(value: number): void {
    let rest = value;
    for (; rest >= 128; rest = Math.floor(rest / 128)) this.byte((rest % 128) + 128);
    this.byte(rest);
  }

  /** A whole number that may be below 0, and -0. */
  whole(value: number): void {
    const sign = value < 0 || Object.is(value, -0) ? 1 : 0;
    this.byte(sign);
    this.count(Math.abs(value));
  }

  float64(value: number): void {
    const at = this.#room(8);
    new DataView(this.#bytes.buffer).setFloat64(at, value, true);
  }

  /** Bytes without their number. */
  raw(bytes: Uint8Array): void {
    const at = this.#room(bytes.length);
    this.#bytes.set(bytes, at);
  }

  block(bytes: Uint8Array): void {
    this.count(bytes.length);
    this.raw(bytes);
  }

  text(text: string): void {
    this.block(encoder.encode(text));
  }

  /** A text as it is, without its length. */
  plain(text: string): void {
    // A unit of UTF-16 takes three bytes of UTF-8 at most.
    const at = this.#room(3 * text.length);
    this.#length = at + encoder.encodeInto(text, this.#bytes.subarray(at)).written;
  }

  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }
}

/** Reads what `ByteWriter` wrote; what is not there is damage, told by an error. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  byte(): number {
    if (this.left < 1) throw cut();
    return this.#bytes[this.#at++]!;
  }

  count(limit = Number.MAX_SAFE_INTEGER): number {
    let value = 0;
    for (let unit = 1; ; unit *= 128) {
      const byte = this.byte();
      value += (byte & 127) * unit;
      if (value > limit || unit > 2 ** 50) throw cut();
      if (byte < 128) return value;
    }
  }

  whole(): number {
    const sign = this.byte();
    return sign === 1 ? -this.count() : this.count();
  }

  float64(): number {
    const bytes = this.raw(8);
    return new DataView(bytes.buffer, bytes.byteOffset).getFloat64(0, true);
  }

  raw(length: number): Uint8Array {
    if (length > this.left) throw cut();
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  block(): Uint8Array {
    return this.raw(this.count(this.left));
  }

  text(): string {
    try {
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(this.block());
    } catch {
      throw cut();
    }
  }
}

function cut(): ElboError {
  return new ElboError({
    code: "archive-damaged",
    message: "the archive is damaged: a part of it ends too early",
    hint: "Fetch the archive again; other blocks can still be read with --partial.",
  });
}
