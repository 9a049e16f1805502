// An ONNX Runtime session as an Executable: the same for onnxruntime-node and onnxruntime-web,
// which share their API.
import type { InferenceSession, Tensor as OrtTensor, TensorConstructor } from "onnxruntime-common";
import { ElboError } from "../base/errors.ts";
import type { OnnxModel } from "../graph/index.ts";
import { type Buffer, type CompileOptions, type Executable, fitted } from "./device.ts";

export interface OrtModule {
  InferenceSession: {
    create(bytes: Uint8Array, options: InferenceSession.SessionOptions): Promise<InferenceSession>;
  };
  Tensor: TensorConstructor;
}

export interface SessionSettings {
  providers: InferenceSession.SessionOptions["executionProviders"] & object;
  /** Whether outputs are written into the buffers they are given. */
  inPlace: boolean;
}

/** ONNX Runtime speaks only of what stops it; elbo says the rest. */
const FATAL = 4;

export function sessionOptions(
  { providers }: SessionSettings,
  { threads = 1, strict = false }: CompileOptions,
): InferenceSession.SessionOptions {
  return {
    executionProviders: providers,
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: "sequential",
    graphOptimizationLevel: "all",
    logSeverityLevel: FATAL,
    ...(strict ? { extra: { session: { disable_cpu_ep_fallback: "1" } } } : {}),
  };
}

export async function createExecutable(
  ort: OrtModule,
  model: OnnxModel,
  settings: SessionSettings,
  options: CompileOptions,
): Promise<Executable> {
  const session = await ort.InferenceSession.create(
    model.bytes,
    sessionOptions(settings, options),
  ).catch((cause: unknown) => {
    throw new ElboError({
      code: "device-compile",
      message: `the device refuses the model: ${cause instanceof Error ? cause.message : cause}`,
      hint: "Try --device cpu or --device wasm.",
      cause,
    });
  });
  // A model whose every parameter is an initializer lists them, but does not take them.
  const takes = new Set(session.inputNames);
  const fed = [...model.inputs, ...model.parameters].filter(({ name }) => takes.has(name));
  return {
    model,
    bind(batch, buffers) {
      const tensor = (spec: (typeof fed)[number]) => {
        const { data, dims } = fitted(spec, batch, buffers);
        return new ort.Tensor(spec.dtype as "float32", data as Float32Array, dims);
      };
      const feeds = Object.fromEntries(fed.map((spec) => [spec.name, tensor(spec)]));
      if (settings.inPlace) {
        const fetches = Object.fromEntries(model.outputs.map((spec) => [spec.name, tensor(spec)]));
        return async () => {
          await session.run(feeds, fetches);
        };
      }
      const targets = model.outputs.map((spec) => fitted(spec, batch, buffers).data);
      return async () => {
        const results: Record<string, OrtTensor> = await session.run(feeds);
        for (const [i, { name }] of model.outputs.entries()) {
          targets[i]!.set((await results[name]!.getData()) as Buffer);
          results[name]!.dispose();
        }
      };
    },
    release: () => session.release(),
  };
}
