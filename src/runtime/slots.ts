// Where a tensor lies in an executor's memory: plain data, so that workers can be sent it.
import { ElboError } from "../base/errors.ts";

/** Bytes an element of each dtype takes. */
export const bytesPerElement = { float32: 4, int32: 4, uint8: 1 } as const;

export type DType = keyof typeof bytesPerElement;

export interface Slot<D extends DType = DType> {
  readonly dtype: D;
  /** Bytes from the start of the memory; a multiple of `alignment` as reserved. */
  readonly offset: number;
  /** Elements. */
  readonly length: number;
}

export interface Views {
  float32: Float32Array<ArrayBuffer>;
  int32: Int32Array<ArrayBuffer>;
  uint8: Uint8Array<ArrayBuffer>;
}

/**
 * Every tensor starts at a multiple of this many bytes: ONNX Runtime's reductions give other last
 * bits at other addresses mod 16, and 64 is a cache line.
 */
export const alignment = 64;

export function alignUp(bytes: number): number {
  return Math.ceil(bytes / alignment) * alignment;
}

export function byteLength(slot: Slot): number {
  return slot.length * bytesPerElement[slot.dtype];
}

/**
 * The part of a slot from element `start`, of `length` elements: a smaller batch, a shard.
 * @throws ElboError `slot-range` where the part reaches outside the slot.
 */
export function subSlot<D extends DType>(slot: Slot<D>, start: number, length: number): Slot<D> {
  const whole = Number.isSafeInteger(start) && Number.isSafeInteger(length);
  if (!whole || start < 0 || length < 0 || start + length > slot.length) {
    throw new ElboError({
      code: "slot-range",
      kind: "usage",
      message: `a part of a slot lies inside its ${slot.length} elements; received start ${start}, length ${length}`,
      hint: "choose start and length so that start + length is at most the slot's length",
    });
  }
  return { dtype: slot.dtype, offset: slot.offset + start * bytesPerElement[slot.dtype], length };
}
