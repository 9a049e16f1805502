// What unpacking needs of a platform: Node has zlib, a web page its DecompressionStream.

/** What is wrong with packed bytes, said by those who know where the bytes came from. */
export type DamagedError = (reason: string) => Error;

export interface Inflater {
  /**
   * The blocks unpacked, in bounded memory; what reading `packed` throws comes through. A gzip file
   * may be several, one behind the other (RFC 1952, 2.2).
   */
  unpack(
    packed: AsyncIterable<Uint8Array>,
    format: "gzip" | "deflate-raw",
    damaged: DamagedError,
  ): AsyncIterable<Uint8Array>;
  /** A few bytes that unpack (deflate-raw) to `size`, in one step; rejects where they do not. */
  unpackSmall(packed: Uint8Array<ArrayBuffer>, size: number): Promise<Uint8Array>;
  /** CRC-32 of `bytes` behind those of which `before` is the CRC-32. */
  crc32(bytes: Uint8Array, before: number): number;
}
