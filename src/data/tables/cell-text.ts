// Cells as words and texts: what means "missing", what is true or false, and strings.

/** Cells that mean "missing", compared without case and surrounding space. */
export const missingWords = ["na", "n/a", "nan", "-nan", "null", "none", "?"];

/** What a short cell says, where it is one of the words that say something. */
export type Word = "missing" | "true" | "false";

const longestWord = 5;

/** The bytes in lower case as one number. */
function wordKey(bytes: Uint8Array, start: number, end: number): number {
  let key = 0;
  for (let i = start; i < end; i++) {
    const byte = bytes[i]!;
    key = key * 256 + (byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte);
  }
  return key;
}

const keyOf = (word: string) =>
  wordKey(
    Uint8Array.from(word, (c) => c.charCodeAt(0)),
    0,
    word.length,
  );

const words = new Map<number, Word>([
  ...missingWords.map((word): [number, Word] => [keyOf(word), "missing"]),
  [keyOf("true"), "true"],
  [keyOf("false"), "false"],
]);

/** What the trimmed cell says, if it is one of the words. */
export function readWord(bytes: Uint8Array, start: number, end: number): Word | undefined {
  if (start >= end) return "missing";
  return end - start > longestWord ? undefined : words.get(wordKey(bytes, start, end));
}

/** The first byte of a cell that is no space, or `end`. */
export function trimStart(bytes: Uint8Array, start: number, end: number): number {
  let i = start;
  while (i < end && bytes[i]! <= 0x20) i++;
  return i;
}

/** The end of a cell without the space behind it. */
export function trimEnd(bytes: Uint8Array, start: number, end: number): number {
  let i = end;
  while (i > start && bytes[i - 1]! <= 0x20) i--;
  return i;
}

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

export function decode(bytes: Uint8Array, start: number, end: number, doubled: boolean): string {
  const text = decoder.decode(bytes.subarray(start, end));
  return doubled ? text.replaceAll('""', '"') : text;
}
