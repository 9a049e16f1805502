// The mean image of the training rows, where an image's decoder begins. Kept as bytes in base64.
import { logit } from "../base/exact-math.ts";
import type { ImageField } from "./field.ts";
import type { Measure } from "./measure-vector.ts";

const LEVELS = 255;

/** Rows whose bytes add up to less than 2¹⁶ (257 do), and are still in the cache at the next column. */
const BYTE_ROWS = 64;
/** Every second byte of four. */
const EVEN = 0x00ff00ff;

/** Adds the columns of rows of bytes to `sums`, four columns at a time: two in each half of a word. */
function addBytes(sums: Float64Array, values: Uint8Array, rows: number): void {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length >> 2);
  const width = sums.length >> 2;
  for (let from = 0; from < rows; from += BYTE_ROWS) {
    const end = Math.min(rows, from + BYTE_ROWS) * width;
    for (let column = 0; column < width; column++) {
      let even = 0;
      let odd = 0;
      for (let i = from * width + column; i < end; i += width) {
        const word = words[i]!;
        even = (even + (word & EVEN)) | 0;
        odd = (odd + ((word >>> 8) & EVEN)) | 0;
      }
      sums[4 * column]! += even & 0xffff;
      sums[4 * column + 1]! += odd & 0xffff;
      sums[4 * column + 2]! += even >>> 16;
      sums[4 * column + 3]! += odd >>> 16;
    }
  }
}

/** Sums of pixels where they stand, which is channels last; the mean is kept channels first. */
export function measureImage(field: ImageField): Measure {
  const { height, width, channels, low, high, binarize } = field;
  const pixels = height * width;
  const size = pixels * channels;
  const sums = new Float64Array(size);
  let count = 0;
  const add = (values: ArrayLike<number>, rows: number, pixelOf: (value: number) => number) => {
    for (let row = 0, i = 0; row < rows; row++) {
      for (let p = 0; p < size; p++, i++) sums[p]! += pixelOf(values[i]!);
    }
  };
  return {
    add(packed, rows) {
      const { values } = packed as { values: Uint8Array | Float32Array };
      const middle = (low + high) / 2;
      if (binarize === "threshold") add(values, rows, (value) => (value > middle ? high : low));
      else if (values instanceof Uint8Array && size % 4 === 0 && values.byteOffset % 4 === 0) {
        addBytes(sums, values, rows);
      } else add(values, rows, (value) => value);
      count += rows;
    },
    finish() {
      const bytes = new Uint8ClampedArray(size);
      for (let c = 0; c < channels; c++) {
        for (let p = 0; p < pixels; p++) {
          const mean = sums[p * channels + c]! / Math.max(1, count);
          bytes[c * pixels + p] = ((mean - low) / (high - low)) * LEVELS;
        }
      }
      return { ...field, mean: btoa(Array.from(bytes, (b) => String.fromCharCode(b)).join("")) };
    },
  };
}

/** Bytes of a mean image; -1 for what is no base64. */
export function meanBytes(mean: string): number {
  try {
    return atob(mean).length;
  } catch {
    return -1;
  }
}

/** Each pixel's mean from 0 to 1, channels first; null where rows have not been measured. */
export function meanImage({ mean }: ImageField): Float32Array | null {
  if (mean === "") return null;
  return Float32Array.from(atob(mean), (byte) => byte.charCodeAt(0) / LEVELS);
}

/** A pixel that is never lit where a model begins has this chance, and the network may learn less. */
const RAREST = 0.01;

/** The logit of a pixel's mean from 0 to 1, as a model begins. */
export function logitOfMean(mean: number): number {
  const held = Math.min(1 - RAREST, Math.max(RAREST, mean));
  return logit(held);
}
