// The mean image of the training rows, where an image's decoder begins. Kept as bytes in base64.
import { logit } from "../base/exact-math.ts";
import type { ImageField } from "./field.ts";
import type { Measure } from "./measure-vector.ts";

const LEVELS = 255;

/** Sums of pixels where they stand, which is channels last; the mean is kept channels first. */
export function measureImage(field: ImageField): Measure {
  const { height, width, channels, low, high, binarize } = field;
  const pixels = height * width;
  const size = pixels * channels;
  const sums = new Float64Array(size);
  let count = 0;
  return {
    add(packed, rows) {
      const { values } = packed as { values: Uint8Array | Float32Array };
      const middle = (low + high) / 2;
      for (let row = 0, i = 0; row < rows; row++) {
        if (binarize === "threshold") {
          for (let p = 0; p < size; p++, i++) sums[p]! += values[i]! > middle ? high : low;
        } else for (let p = 0; p < size; p++, i++) sums[p]! += values[i]!;
      }
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
