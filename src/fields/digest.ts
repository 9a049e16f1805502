// Running digests of columns, by which equal ones are found. Not for untrusted rivals: a column
// is compared with the others of one data set only.

/** 64 bits in two lanes. The state is public so that tight loops can keep it in locals. */
export interface Digest {
  a: number;
  b: number;
}

export const startDigest = (): Digest => ({ a: 0x811c9dc5 | 0, b: 0x2545f491 });

/** One step of each lane; `word` is any 32 bits. */
export const stepA = (a: number, word: number) => Math.imul(a ^ word, 0x01000193) ^ (a >>> 15);
export const stepB = (b: number, word: number) =>
  Math.imul(((b << 13) | (b >>> 19)) ^ word, 0x85ebca6b);

export function addWord(digest: Digest, word: number): void {
  digest.a = stepA(digest.a, word);
  digest.b = stepB(digest.b, word);
}

/** A well mixed 32-bit hash of two words (the finalizer of MurmurHash3). */
export function mixWords(low: number, high: number): number {
  let h = low ^ Math.imul(high, 0x9e3779b1);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

export function hashText(text: string): number {
  let h = 0x811c9dc5 | 0;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return mixWords(h, text.length);
}

const hex = (word: number) => (word >>> 0).toString(16).padStart(8, "0");
export const digestText = ({ a, b }: Digest) => hex(a) + hex(b);
