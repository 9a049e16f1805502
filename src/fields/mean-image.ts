// The mean image of the training rows, where an image's decoder begins. Kept as bytes in base64.
import { logit } from "../base/exact-math.ts";
import { MemoryPlan } from "../runtime/memory.ts";
import { subSlot } from "../runtime/slots.ts";
import type { ImageField } from "./field.ts";
import type { Measure } from "./measure-vector.ts";

const LEVELS = 255;

/** Bytes of rows that are added up at a time, more only of a row alone. */
const BLOCK = 1 << 18;

/** Adds the columns of rows of bytes to `sums`, by the kernel that does it. */
function byteColumns(sums: Float64Array) {
  const width = sums.length;
  const plan = new MemoryPlan();
  const most = Math.max(1, Math.floor(BLOCK / width));
  const bytes = plan.reserve("uint8", most * width);
  const some = plan.reserve("int32", width);
  const memory = plan.allocate();
  return (values: Uint8Array): void => {
    for (let from = 0; from < values.length; from += most * width) {
      const block = values.subarray(from, from + most * width);
      const slot = subSlot(bytes, 0, block.length);
      memory.view(slot).set(block);
      memory.view(some).fill(0);
      memory.kernels.addColumns(some, slot);
      const columns = memory.view(some);
      for (let j = 0; j < width; j++) sums[j]! += columns[j]!;
    }
  };
}

/** Sums of pixels where they stand, which is channels last; the mean is kept channels first. */
export function measureImage(field: ImageField): Measure {
  const { height, width, channels, low, high, binarize } = field;
  const pixels = height * width;
  const size = pixels * channels;
  const sums = new Float64Array(size);
  let count = 0;
  let addBytes: ((values: Uint8Array) => void) | undefined;
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
      else if (values instanceof Uint8Array) {
        addBytes ??= byteColumns(sums);
        addBytes(values);
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
