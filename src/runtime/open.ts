// From a device's name to the device.
import { ElboError } from "../base/errors.ts";
import { input, toOnnx } from "../graph/index.ts";
import type { Device, DeviceName } from "./device.ts";
import { loadNative, nativeDevice } from "./native.ts";
import { webDevice } from "./web.ts";

/** How to get the native runtime where only WebAssembly is there. */
export const nativeInstallHint =
  "For native speed: npm install onnxruntime-node (add --ignore-scripts where its download of CUDA libraries fails).";

export interface OpenedDevice {
  device: Device;
  /** Set where `auto` or `cpu` fell back to WebAssembly. */
  warning?: { code: string; message: string; hint: string };
}

const gpuNeeds = {
  webgpu:
    "a GPU with a Vulkan, Metal or Direct3D 12 driver (on Linux: libvulkan1 and the GPU's own)",
  cuda: "an NVIDIA GPU, CUDA 12 with cuDNN 9, and onnxruntime-node installed with its scripts",
};

/** Runs the smallest model: a device that is not there refuses every one. */
async function checkGpu(device: Device): Promise<void> {
  try {
    const one = toOnnx({ out: input("x", [1]).add(1) });
    await (await device.compile(one)).release();
  } catch (cause) {
    const name = device.name as keyof typeof gpuNeeds;
    throw new ElboError({
      code: "device-unavailable",
      message: `the device ${name} does not start on this machine`,
      hint: `It needs ${gpuNeeds[name]}. Without, train with --device cpu.`,
      cause,
    });
  }
}

/**
 * `auto` is the CPU: models of this size leave a GPU waiting for its transfers. Where the native
 * runtime is missing, `auto` and `cpu` fall back to WebAssembly with a warning.
 * In a browser, webgpu is the browser's.
 * @throws ElboError `device-unavailable` where webgpu or cuda is asked for and not there.
 */
export async function openDevice(name: DeviceName | "auto"): Promise<OpenedDevice> {
  if (name === "wasm") return { device: await webDevice("wasm") };
  const native = await loadNative();
  if (native) {
    const device = nativeDevice(native, name === "auto" ? "cpu" : name);
    if (device.name !== "cpu") await checkGpu(device);
    return { device };
  }
  if (name === "webgpu" && "gpu" in (globalThis.navigator ?? {})) {
    const device = await webDevice("webgpu");
    await checkGpu(device);
    return { device };
  }
  if (name === "webgpu" || name === "cuda") {
    throw new ElboError({
      code: "device-unavailable",
      message: `the device ${name} needs the package onnxruntime-node, which is not installed`,
      hint: nativeInstallHint,
    });
  }
  return {
    device: await webDevice("wasm"),
    warning: {
      code: "native-missing",
      message: "the native runtime is not installed; computing on WebAssembly, which is slower",
      hint: nativeInstallHint,
    },
  };
}
