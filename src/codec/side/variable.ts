// Whole numbers in as few bytes as they need: 7 bits in each, the low ones first.

/** Six bytes hold 42 bits, more than any length. */
const mostBytes = 6;

export function variable(value: number): Uint8Array {
  const bytes: number[] = [];
  let left = value;
  for (; left >= 128; left = Math.floor(left / 128)) bytes.push(128 + (left % 128));
  return Uint8Array.of(...bytes, left);
}

/** The number that begins at a place and where it ends; undefined where none does. */
export function readVariable(
  bytes: Uint8Array,
  at: number,
): { value: number; next: number } | undefined {
  let value = 0;
  for (let i = at, scale = 1; i < at + mostBytes; i++, scale *= 128) {
    const byte = bytes[i];
    if (byte === undefined) return undefined;
    value += (byte & 127) * scale;
    if (byte < 128) return { value, next: i + 1 };
  }
  return undefined;
}
