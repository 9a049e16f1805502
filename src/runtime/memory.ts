// The one WebAssembly memory of an executor: planned first, then made once and never grown, since
// growing would detach every view that ONNX Runtime holds.
import { ElboError } from "../base/errors.ts";
import { Kernels } from "./kernels/kernels.ts";
import { instantiateKernels } from "./kernels/module.ts";
import { alignment, alignUp, bytesPerElement, type DType, type Slot, type Views } from "./slots.ts";

/** The kernels' own bytes at the start; a test holds it equal to what the module says. */
export const reservedBytes = 4096;

const pageBytes = 65536;

/** 4 GiB less one cache line, so that no kernel's end address wraps to zero. */
const largestEnd = 2 ** 32 - alignment;

/** Reserves tensors, then allocates the memory that holds them all. */
export class MemoryPlan {
  #end = reservedBytes;

  /** Bytes planned so far. */
  get bytes(): number {
    return this.#end;
  }

  /**
   * Room for `length` elements, zero at first, at a multiple of 64 bytes.
   * @throws ElboError `memory-too-large` where the plan would pass 4 GiB; `slot-length` where
   * the length is no whole number.
   */
  reserve<D extends DType>(dtype: D, length: number): Slot<D> {
    return this.reserveTogether(dtype, [length]).slots[0]!;
  }

  /**
   * Several tensors side by side, each at a multiple of 64 bytes, and the one range that covers
   * them, with the gaps between, which stay zero under every optimiser: so one pass updates them.
   * Plans of the same lengths have the same layout, so gradients and moments match parameters.
   */
  reserveTogether<D extends DType>(
    dtype: D,
    lengths: readonly number[],
  ): { range: Slot<D>; slots: Slot<D>[] } {
    const size = bytesPerElement[dtype];
    const start = alignUp(this.#end);
    let end = start;
    const slots = lengths.map((length) => {
      if (!Number.isSafeInteger(length) || length < 0) {
        throw new ElboError({
          code: "slot-length",
          kind: "usage",
          message: `a tensor's length is a whole number of elements; received ${length}`,
          hint: "pass the product of the tensor's dimensions",
        });
      }
      const offset = alignUp(end);
      end = offset + length * size;
      return { dtype, offset, length };
    });
    if (end > largestEnd) {
      const wanted = (end / 2 ** 30).toFixed(2);
      throw new ElboError({
        code: "memory-too-large",
        message: `parameters, batches and resident data fit in 4 GiB; these need ${wanted} GiB`,
        hint: "use a smaller model or batch, or keep the data set outside and copy in its batches",
      });
    }
    this.#end = end;
    return { range: { dtype, offset: start, length: (end - start) / size }, slots };
  }

  /**
   * The memory that holds what was reserved so far.
   * @throws ElboError `memory-unavailable` where the machine refuses so much.
   */
  allocate(): Memory {
    const pages = Math.ceil(this.#end / pageBytes);
    try {
      return new Memory(new WebAssembly.Memory({ initial: pages, maximum: pages }));
    } catch (cause) {
      if (!(cause instanceof RangeError)) throw cause;
      throw new ElboError({
        code: "memory-unavailable",
        message: `the engine needs ${pages * pageBytes} bytes in one piece, which this machine refuses`,
        hint: "close other programs, or use a smaller model, batch or data set",
        cause,
      });
    }
  }
}

/** Parameters, gradients, moments, batches and noise of one executor. Not shared, never grown. */
export class Memory {
  readonly buffer: ArrayBuffer;
  /** The SIMD kernels over this memory. */
  readonly kernels: Kernels;

  constructor(memory: WebAssembly.Memory) {
    this.buffer = memory.buffer as ArrayBuffer;
    this.kernels = new Kernels(instantiateKernels(memory), this.buffer.byteLength);
  }

  /** The slot's elements, in place. */
  view<D extends DType>(slot: Slot<D>): Views[D];
  view(slot: Slot): Views[DType] {
    const { buffer } = this;
    const { dtype, offset, length } = slot;
    switch (dtype) {
      case "float32":
        return new Float32Array(buffer, offset, length);
      case "int32":
        return new Int32Array(buffer, offset, length);
      case "uint8":
        return new Uint8Array(buffer, offset, length);
      default:
        return dtype satisfies never;
    }
  }
}
