// Devices of onnxruntime-web: WebAssembly everywhere, WebGPU in the browser.
import type { Env } from "onnxruntime-common";
import type { Device } from "./device.ts";
import { createExecutable, type OrtModule, residentCompiler } from "./session.ts";

type WebModule = OrtModule & { env: Env };

export async function webDevice(name: "wasm" | "webgpu"): Promise<Device> {
  // The package's default build has an older WebGPU, which lacks operators that ours rely on.
  const module = (await (name === "webgpu"
    ? import("onnxruntime-web/webgpu")
    : import("onnxruntime-web"))) as unknown as WebModule & { default?: WebModule };
  const ort = module.default ?? module;
  ort.env.logLevel = "fatal";
  const settings = { providers: [name], inPlace: false };
  return {
    name,
    compile(model, options = {}) {
      // The number of threads is the whole module's and stays what the first session takes.
      ort.env.wasm.numThreads = options.threads ?? 1;
      return createExecutable(ort, model, settings, options);
    },
    ...(name === "webgpu" ? { compileResident: residentCompiler(ort, settings) } : {}),
  };
}
