// Devices of onnxruntime-node: the native CPU, WebGPU and CUDA.

import { findChannelBlock } from "./channel-block.ts";
import type { Device } from "./device.ts";
import { createExecutable, type OrtModule, residentCompiler } from "./session.ts";

/** The native runtime, or null where it is not installed or does not load. */
export async function loadNative(): Promise<OrtModule | null> {
  try {
    const module = (await import("onnxruntime-node")) as unknown as { default?: OrtModule };
    return module.default ?? (module as unknown as OrtModule);
  } catch {
    return null;
  }
}

export function nativeDevice(ort: OrtModule, name: "cpu" | "webgpu" | "cuda"): Device {
  const settings = { providers: [name], inPlace: name === "cpu" };
  const compile: Device["compile"] = (model, options = {}) =>
    createExecutable(ort, model, settings, options);
  let block: Promise<number | null> | null = null;
  return {
    name,
    compile,
    ...(name === "cpu" && {
      channelBlock() {
        block ??= findChannelBlock(compile);
        return block;
      },
    }),
    // onnxruntime-node keeps tensors in WebGPU's buffers alone, not in CUDA's memory.
    ...(name === "webgpu" ? { compileResident: residentCompiler(ort, settings) } : {}),
  };
}
