// What every device does for the rest: takes an ONNX model and runs it on buffers of the caller.
import { ElboError } from "../base/errors.ts";
import { concreteShape, type DType, type OnnxModel, type TensorSpec } from "../graph/index.ts";

export type DeviceName = "cpu" | "webgpu" | "cuda" | "wasm";
export const deviceNames: readonly DeviceName[] = ["cpu", "webgpu", "cuda", "wasm"];

export type Buffer = Float32Array | Int32Array | Uint8Array;

/** One model on one device. */
export interface Executable {
  readonly model: OnnxModel;
  /**
   * Ties the buffers, named as the model's inputs, parameters and outputs, to runs with `batch`
   * rows; longer buffers are used at their start. Each call of the result reads the inputs and
   * writes the outputs, in place where the device can.
   */
  bind(batch: number, buffers: Readonly<Record<string, Buffer>>): () => Promise<void>;
  release(): Promise<void>;
}

export interface CompileOptions {
  /** Threads inside one run. Default 1. */
  threads?: number;
  /** Refuse a model of which the provider would leave a part to the CPU. Default false. */
  strict?: boolean;
}

/** A tensor in a device's own memory, which the executables of that device alone take. */
export interface DeviceTensor {
  /** Frees the memory, once. */
  dispose(): void;
}

/** One model on a device with its own memory, where tensors stay between runs. */
export interface ResidentExecutable {
  /**
   * Runs with `batch` rows. Inputs and parameters are buffers of the host or tensors of the
   * device; outputs are written into buffers of their names.
   * @returns the outputs that stay on the device, the caller's to dispose of.
   */
  run(
    batch: number,
    values: Readonly<Record<string, Buffer | DeviceTensor>>,
  ): Promise<Record<string, DeviceTensor>>;
  release(): Promise<void>;
}

/** Compiles a model of which the outputs named in `kept` stay on the device. */
export type CompileResident = (
  model: OnnxModel,
  kept: ReadonlySet<string>,
  options?: CompileOptions,
) => Promise<ResidentExecutable>;

export interface Device {
  readonly name: DeviceName;
  compile(model: OnnxModel, options?: CompileOptions): Promise<Executable>;
  /**
   * Channels that convolutions of trained kernels take at a time, for `toOnnx`; null where it is one,
   * whatever the processor. Absent of devices that have no such convolutions.
   */
  channelBlock?(): Promise<number | null>;
  /** Of devices whose memory can hold tensors between runs. */
  readonly compileResident?: CompileResident;
}

const ARRAYS = {
  float32: Float32Array,
  int32: Int32Array,
  uint8: Uint8Array,
  bool: Uint8Array,
} as const satisfies Record<DType, unknown>;

/** New zeroed buffers for some tensors of a model, by name. */
export function allocate(specs: readonly TensorSpec[], batch: number): Record<string, Buffer> {
  return Object.fromEntries(
    specs.map(({ name, dtype, shape }) => {
      const size = concreteShape(shape, batch).reduce((product, d) => product * d, 1);
      return [name, new ARRAYS[dtype](size)];
    }),
  );
}

/** The part of the buffer that a tensor with `batch` rows takes, and its shape. */
export function fitted(
  spec: TensorSpec,
  batch: number,
  buffers: Readonly<Record<string, unknown>>,
): { data: Buffer; dims: number[] } {
  const dims = concreteShape(spec.shape, batch);
  const size = dims.reduce((product, d) => product * d, 1);
  const buffer = buffers[spec.name];
  if (!(buffer instanceof ARRAYS[spec.dtype]) || buffer.length < size) {
    const received = ArrayBuffer.isView(buffer)
      ? `${buffer.constructor.name} of ${(buffer as Buffer).length}`
      : "none";
    throw new ElboError({
      code: "buffer-mismatch",
      kind: "usage",
      message: `the model's ${spec.name} needs a ${spec.dtype} buffer of ${size} values, received ${received}`,
      hint: "Allocate a buffer for every input, parameter and output of the model.",
    });
  }
  return { data: buffer.length === size ? buffer : buffer.subarray(0, size), dims };
}
