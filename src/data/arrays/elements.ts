// Raw bytes of numbers to typed arrays, by NumPy's names of their types: u1, i4, f8, ...
import { elements } from "../../fields/columns.ts";

export type NumberArray =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | Float32Array
  | Float64Array;

/** The same, and integers of eight bytes as they stand. */
export type StoredNumbers = NumberArray | BigInt64Array | BigUint64Array;

/** The types of elements that are read: booleans, integers and floats. */
export const elementTypes: ReadonlySet<string> = new Set(elements);

/** Whether this machine stores the high byte first. */
export const machineBigEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 0;

/** The bytes of one element of the type. */
export const elementBytes = (type: string) => Number(type[1]);

/** Reverses the bytes of every element of `size` bytes in place. */
export function swapBytes(bytes: Uint8Array, size: number): void {
  if (size === 1) return;
  for (let start = 0; start + size <= bytes.length; start += size) {
    for (let low = start, high = start + size - 1; low < high; low++, high--) {
      const byte = bytes[low]!;
      bytes[low] = bytes[high]!;
      bytes[high] = byte;
    }
  }
}

/** IEEE 754 half precision. */
function halfToSingle(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** The nearest half's bits; of two that are as near, the even one's. */
export function singleToHalf(value: number): number {
  if (Number.isNaN(value)) return 0x7e00;
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.abs(value);
  // Half a step above the largest, 65504.
  if (size >= 65520) return sign | 0x7c00;
  const exponent = Math.max(-14, Math.floor(Math.log2(size)));
  const steps = size * 2 ** (10 - exponent);
  const whole = Math.round(steps);
  const nearest = whole - steps === 0.5 && whole % 2 === 1 ? whole - 1 : whole;
  // Beyond the smallest exponent the leading 1 of the steps is part of it.
  return sign | (((exponent + 14) << 10) + nearest);
}

/**
 * `bytes`, which start at their buffer's start and are in this machine's order, as numbers of the
 * type; undefined for a type that is not numeric. Eight-byte integers become float64, booleans
 * 0 and 1.
 */
export function numberArray(type: string, bytes: Uint8Array): NumberArray | undefined {
  const { buffer } = bytes;
  switch (type) {
    case "b1":
      return new Uint8Array(buffer).map((byte) => (byte === 0 ? 0 : 1));
    case "u1":
      return new Uint8Array(buffer);
    case "i1":
      return new Int8Array(buffer);
    case "u2":
      return new Uint16Array(buffer);
    case "i2":
      return new Int16Array(buffer);
    case "u4":
      return new Uint32Array(buffer);
    case "i4":
      return new Int32Array(buffer);
    case "f2":
      return Float32Array.from(new Uint16Array(buffer), halfToSingle);
    case "f4":
      return new Float32Array(buffer);
    case "f8":
      return new Float64Array(buffer);
    case "u8":
      return Float64Array.from(new BigUint64Array(buffer), Number);
    case "i8":
      return Float64Array.from(new BigInt64Array(buffer), Number);
    default:
      return undefined;
  }
}

/** The same, with eight-byte integers as they stand. */
export function storedNumbers(type: string, bytes: Uint8Array): StoredNumbers | undefined {
  if (type === "u8") return new BigUint64Array(bytes.buffer as ArrayBuffer);
  if (type === "i8") return new BigInt64Array(bytes.buffer as ArrayBuffer);
  return numberArray(type, bytes);
}
