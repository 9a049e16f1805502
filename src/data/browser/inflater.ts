// Unpacking by the browser's DecompressionStream. It takes one gzip stream and refuses what follows
// it; files of several (as bgzip and `cat` make them) are therefore cut where one ends.
import { crc32 } from "../../base/crc32.ts";
import { concatenated, memoryBytes } from "../bytes.ts";
import type { DamagedError, Inflater } from "../inflater.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** A byte expands to 1,032 at most, and all that a piece expands to is held at once. */
const pieceBytes = 1 << 16;
/** What the next gzip stream begins with: its magic and the method. */
const magicBytes = 3;
/** A gzip stream ends in its unpacked size modulo 2³². */
const trailerBytes = 4;

/** One gzip or deflate stream in the making. */
class Unpacking {
  readonly #writer: WritableStreamDefaultWriter<BufferSource>;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #damaged: DamagedError;
  #reading: Promise<ReadableStreamReadResult<Uint8Array>>;
  total = 0;

  constructor(format: "gzip" | "deflate-raw", damaged: DamagedError) {
    const stream = new DecompressionStream(format);
    this.#writer = stream.writable.getWriter();
    this.#reader = stream.readable.getReader() as ReadableStreamDefaultReader<Uint8Array>;
    this.#damaged = damaged;
    this.#reading = this.#read();
    // Errors are met where reads and writes are awaited.
    this.#writer.closed.catch(() => undefined);
  }

  #read() {
    const reading = this.#reader.read();
    reading.catch(() => undefined);
    return reading;
  }

  /** What comes until `done` resolves, and that is all that the bytes given so far unpack to. */
  async *#until(done: Promise<void>): AsyncGenerator<Uint8Array> {
    const ended = done.then(() => undefined);
    ended.catch(() => undefined);
    for (;;) {
      let next: ReadableStreamReadResult<Uint8Array> | undefined;
      try {
        // Of two that are settled the first is taken, so that nothing is left when the other is.
        next = await Promise.race([this.#reading, ended]);
      } catch (cause) {
        throw this.#damaged(cause instanceof Error ? cause.message : String(cause));
      }
      if (next === undefined || next.done) return;
      this.total += next.value.length;
      this.#reading = this.#read();
      yield next.value;
    }
  }

  async *add(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
    for (let from = 0; from < bytes.length; from += pieceBytes) {
      const piece = bytes.subarray(from, from + pieceBytes) as Bytes;
      yield* this.#until(this.#writer.write(piece));
    }
  }

  async *end(): AsyncGenerator<Uint8Array> {
    const closed = this.#writer.close();
    yield* this.#until(closed);
    // The last blocks may come before or after the stream says that it is closed.
    yield* this.#until(new Promise(() => undefined));
  }

  async cancel(): Promise<void> {
    await this.#reader.cancel().catch(() => undefined);
  }
}

const sizeBefore = (bytes: Uint8Array, at: number) =>
  new DataView(bytes.buffer, bytes.byteOffset + at - trailerBytes, trailerBytes).getUint32(0, true);

/** Where a gzip stream may begin, from `from` on: `bytes.length` where none does. */
function candidate(bytes: Uint8Array, from: number): number {
  for (let at = from; at + magicBytes <= bytes.length; at++) {
    if (bytes[at] === 0x1f && bytes[at + 1] === 0x8b && bytes[at + 2] === 8) return at;
  }
  return bytes.length;
}

async function* unpackMembers(
  packed: AsyncIterable<Uint8Array>,
  damaged: DamagedError,
): AsyncGenerator<Uint8Array> {
  let member = new Unpacking("gzip", damaged);
  /** Bytes at hand, of which the first `given` are given already. */
  let bytes: Uint8Array = new Uint8Array(0);
  let given = 0;
  let searched = trailerBytes;
  try {
    for await (const block of packed) {
      bytes = concatenated([bytes, block]);
      for (;;) {
        const at = candidate(bytes, searched);
        if (at === bytes.length) break;
        yield* member.add(bytes.subarray(given, at));
        given = at;
        searched = at + 1;
        if (member.total % 2 ** 32 !== sizeBefore(bytes, at)) continue;
        yield* member.end();
        member = new Unpacking("gzip", damaged);
        searched = at + trailerBytes;
      }
      // A magic and the trailer before it may be cut by the end of the block.
      const kept = Math.max(given, bytes.length - (magicBytes - 1));
      yield* member.add(bytes.subarray(given, kept));
      const start = Math.max(0, kept - trailerBytes);
      searched = Math.max(searched, kept) - start;
      given = kept - start;
      bytes = bytes.subarray(start);
    }
    yield* member.add(bytes.subarray(given));
    yield* member.end();
  } finally {
    await member.cancel();
  }
}

async function* unpackOne(
  packed: AsyncIterable<Uint8Array>,
  damaged: DamagedError,
): AsyncGenerator<Uint8Array> {
  const stream = new Unpacking("deflate-raw", damaged);
  try {
    for await (const block of packed) yield* stream.add(block);
    yield* stream.end();
  } finally {
    await stream.cancel();
  }
}

export const webInflater: Inflater = {
  unpack: (packed, format, damaged) =>
    format === "gzip" ? unpackMembers(packed, damaged) : unpackOne(packed, damaged),
  async unpackSmall(packed, size) {
    const whole = new Uint8Array(size);
    let filled = 0;
    const blocks = memoryBytes(packed, "").blocks(0, packed.length);
    for await (const block of unpackOne(blocks, (reason) => new RangeError(reason))) {
      // Before more is unpacked: what says that it is small may be a bomb.
      if (filled + block.length > size) throw new RangeError(`more than ${size} bytes`);
      whole.set(block, filled);
      filled += block.length;
    }
    if (filled !== size) throw new RangeError(`${filled} bytes, not ${size}`);
    return whole;
  },
  crc32,
};
