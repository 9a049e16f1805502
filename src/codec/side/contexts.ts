// The contexts by which bytes are foretold, as hashes: what stands before a byte in running text, or
// beside and above it in records of fixed width.

/** Contexts that are hashed; orders 0 and 1 have tables of their own. */
export const hashedContexts = 6;

/** Fills `hashes` for the byte that follows `length` bytes of `history`. */
export type ContextHashes = (history: Uint8Array, length: number, hashes: Int32Array) => void;

const mixed = (hash: number, value: number) => {
  const next = Math.imul(hash ^ value, 0x2c1b3c6d);
  return next ^ (next >>> 15);
};

const seeds = Int32Array.from({ length: hashedContexts }, (_, i) => Math.imul(i + 1, 0x9e3779b1));

/** Orders 2, 3, 4 and 6, the word and the word with the one before it. */
export function textContexts(): ContextHashes {
  let word = 0;
  let wordBefore = 0;
  return (history, length, hashes) => {
    const at = (back: number) => (back <= length ? history[length - back]! : 0);
    const last = at(1);
    const lower = last >= 0x41 && last <= 0x5a ? last + 0x20 : last;
    const inWord =
      (lower >= 0x61 && lower <= 0x7a) || (lower >= 0x30 && lower <= 0x39) || lower >= 0x80;
    if (inWord) word = mixed(word + 1, lower);
    else if (word !== 0) {
      wordBefore = word;
      word = 0;
    }
    const two = last | (at(2) << 8);
    const four = two | (at(3) << 16) | (at(4) << 24);
    hashes[0] = mixed(seeds[0]!, two);
    hashes[1] = mixed(seeds[1]!, four & 0xffffff);
    hashes[2] = mixed(seeds[2]!, four);
    hashes[3] = mixed(mixed(seeds[3]!, four), at(5) | (at(6) << 8));
    hashes[4] = mixed(mixed(seeds[4]!, word), last);
    hashes[5] = mixed(mixed(mixed(seeds[5]!, word), wordBefore), last);
  };
}

/** The place in the record with the bytes above and before it. */
export function recordContexts(stride: number): ContextHashes {
  return (history, length, hashes) => {
    const at = (back: number) => (back <= length ? history[length - back]! : 0);
    const place = length % stride;
    const before = at(1) | (at(2) << 8) | (at(3) << 16);
    const above = at(stride);
    const twiceAbove = at(2 * stride);
    hashes[0] = mixed(mixed(seeds[0]!, place), above);
    hashes[1] = mixed(mixed(seeds[1]!, place), above | (twiceAbove << 8));
    hashes[2] = mixed(mixed(seeds[2]!, place), above | (at(1) << 8) | (at(stride + 1) << 16));
    hashes[3] = mixed(mixed(seeds[3]!, place), above | ((before & 0xffff) << 8));
    hashes[4] = mixed(mixed(seeds[4]!, place), before & 0xffff);
    hashes[5] = mixed(mixed(seeds[5]!, place), before);
  };
}
