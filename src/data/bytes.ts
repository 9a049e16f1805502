// A file's bytes by position, wherever they are: on the disk, in memory or in a web page.
import { ElboError } from "../base/errors.ts";

export interface ByteSource {
  /** For messages: a path. */
  source: string;
  size: number;
  /** The `length` bytes from `position` on, in memory of their own. */
  read(position: number, length: number): Promise<Uint8Array<ArrayBuffer>>;
  /** The bytes from `start` to `end`, or to its own end, in blocks. */
  blocks(start: number, end: number): AsyncIterable<Uint8Array>;
}

/** Bytes that are in memory already. */
export function memoryBytes(bytes: Uint8Array, source: string): ByteSource {
  return {
    source,
    size: bytes.length,
    // A Buffer's own `slice` would share its memory.
    read: async (position, length) => new Uint8Array(bytes.subarray(position, position + length)),
    async *blocks(start, end) {
      yield bytes.subarray(start, end);
    },
  };
}

/** A File of a web page, or any Blob. What the browser can no longer read is `file-changed`. */
export function blobBytes(blob: Blob, source: string): ByteSource {
  const read = async <Result>(reading: Promise<Result>): Promise<Result> => {
    try {
      return await reading;
    } catch (cause) {
      throw new ElboError({
        code: "file-changed",
        message: `${source} can no longer be read: it was changed, moved or removed since it was chosen`,
        hint: "choose it again",
        where: { file: source },
        cause,
      });
    }
  };
  return {
    source,
    size: blob.size,
    read: async (position, length) =>
      new Uint8Array(await read(blob.slice(position, position + length).arrayBuffer())),
    async *blocks(start, end) {
      const reader = blob.slice(start, Math.min(end, blob.size)).stream().getReader();
      try {
        for (;;) {
          const { done, value } = await read(reader.read());
          if (done) return;
          yield value;
        }
      } finally {
        await reader.cancel().catch(() => undefined);
      }
    },
  };
}

/** The pieces one behind the other; one alone is itself. */
export function concatenated(pieces: readonly Uint8Array[]): Uint8Array {
  if (pieces.length === 1) return pieces[0]!;
  const whole = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

const strictDecoder = new TextDecoder("utf-8", { fatal: true });

export function isUtf8(bytes: Uint8Array): boolean {
  try {
    strictDecoder.decode(bytes);
    return true;
  } catch {
    return false;
  }
}

/** A stream of blocks as blocks of exactly `length` bytes each, the last as long as what is left. */
export async function* evenBlocks(
  blocks: AsyncIterable<Uint8Array>,
  length: number,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  let even = new Uint8Array(length);
  let filled = 0;
  for await (const block of blocks) {
    for (let from = 0; from < block.length; ) {
      const taken = Math.min(block.length - from, length - filled);
      even.set(block.subarray(from, from + taken), filled);
      filled += taken;
      from += taken;
      if (filled < length) continue;
      yield even;
      even = new Uint8Array(length);
      filled = 0;
    }
  }
  if (filled > 0) yield even.slice(0, filled);
}

/** Refuses with `error` where `blocks` hold other than `length` bytes; passes them on. */
export async function* exactly(
  blocks: AsyncIterable<Uint8Array>,
  length: number,
  error: (received: number) => ElboError,
): AsyncGenerator<Uint8Array> {
  let received = 0;
  for await (const block of blocks) {
    received += block.length;
    if (received > length) throw error(received);
    yield block;
  }
  if (received < length) throw error(received);
}

/** Leaves out the first `length` bytes. */
export async function* skipBytes(
  blocks: AsyncIterable<Uint8Array>,
  length: number,
): AsyncGenerator<Uint8Array> {
  let left = length;
  for await (const block of blocks) {
    if (left < block.length) yield block.subarray(left);
    left = Math.max(0, left - block.length);
  }
}
