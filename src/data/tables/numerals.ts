// Numbers in text, read from its bytes: what people write as a number and nothing else.

/** Exact in float64, as are integers of 15 digits: one division or product rounds correctly. */
const powers = Float64Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));
const exactDigits = 15;

const zero = 0x30;

const decoder = new TextDecoder();
let decodedBytes: Uint8Array | undefined;
let decodedText = "";

/** The bytes as text. Their whole block is decoded once: a call of the decoder for each costs more. */
function spelled(bytes: Uint8Array, start: number, end: number): string {
  if (decodedBytes !== bytes) {
    decodedText = decoder.decode(bytes);
    decodedBytes = bytes;
  }
  // Of one length, they are ASCII throughout, and the places are the same.
  if (decodedText.length === bytes.length) return decodedText.slice(start, end);
  return decoder.decode(bytes.subarray(start, end));
}

/**
 * The number that the bytes spell, an optional sign, digits with at most one point, an optional
 * exponent; NaN where they spell none. `1e400` is infinite, and so are `inf` and `-Infinity`.
 */
export function readNumber(bytes: Uint8Array, start: number, end: number): number {
  let i = start;
  let byte = i < end ? bytes[i]! : 0;
  const negative = byte === 0x2d;
  if (negative || byte === 0x2b) byte = ++i < end ? bytes[i]! : 0;
  let mantissa = 0;
  let digits = 0;
  let scale = 0;
  let any = false;
  for (; byte >= zero && byte <= 0x39; byte = ++i < end ? bytes[i]! : 0) {
    any = true;
    mantissa = mantissa * 10 + (byte - zero);
    if (mantissa > 0) digits++;
  }
  if (byte === 0x2e) {
    byte = ++i < end ? bytes[i]! : 0;
    for (; byte >= zero && byte <= 0x39; byte = ++i < end ? bytes[i]! : 0) {
      any = true;
      mantissa = mantissa * 10 + (byte - zero);
      if (mantissa > 0) digits++;
      scale--;
    }
  }
  if (!any) return end > start && i < end ? infinity(bytes, i, end, negative) : Number.NaN;
  if (byte === 0x65 || byte === 0x45) {
    byte = ++i < end ? bytes[i]! : 0;
    const down = byte === 0x2d;
    if (down || byte === 0x2b) byte = ++i < end ? bytes[i]! : 0;
    if (byte < zero || byte > 0x39) return Number.NaN;
    let exponent = 0;
    for (; byte >= zero && byte <= 0x39; byte = ++i < end ? bytes[i]! : 0) {
      exponent = exponent * 10 + (byte - zero);
    }
    scale += down ? -exponent : exponent;
  }
  if (i < end) return Number.NaN;
  if (digits > exactDigits || scale < -22 || scale > 22) return Number(spelled(bytes, start, end));
  const value = scale < 0 ? mantissa / powers[-scale]! : mantissa * powers[scale]!;
  return negative ? -value : value;
}

function infinity(bytes: Uint8Array, start: number, end: number, negative: boolean): number {
  const length = end - start;
  if (length !== 3 && length !== 8) return Number.NaN;
  const word = spelled(bytes, start, end).toLowerCase();
  if (word !== "inf" && word !== "infinity") return Number.NaN;
  return negative ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}

/** Whether the bytes of a number are digits alone that begin with a 0, more than one. */
export function isPadded(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < 2 || bytes[start] !== zero) return false;
  for (let i = start + 1; i < end; i++) if (bytes[i]! < zero || bytes[i]! > 0x39) return false;
  return true;
}

/** Whether the bytes of a number spell an integer that `value`, its float64, is not. */
export function losesPrecision(
  bytes: Uint8Array,
  start: number,
  end: number,
  value: number,
): boolean {
  if (Math.abs(value) <= Number.MAX_SAFE_INTEGER || !Number.isFinite(value)) return false;
  const integer = /^\+?(-?\d+)(?:\.0*)?$/.exec(spelled(bytes, start, end))?.[1];
  return integer !== undefined && BigInt(integer) !== BigInt(value);
}
