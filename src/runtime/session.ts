// An ONNX Runtime session as an Executable: the same for onnxruntime-node and onnxruntime-web,
// which share their API.
import type { InferenceSession, Tensor as OrtTensor, TensorConstructor } from "onnxruntime-common";
import { ElboError } from "../base/errors.ts";
import type { OnnxModel, TensorSpec } from "../graph/index.ts";
import {
  type Buffer,
  type CompileOptions,
  type CompileResident,
  type Executable,
  fitted,
  type ResidentExecutable,
} from "./device.ts";

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

/** Bytes from which an output's copy is worth freeing at once. */
const LARGE = 65_536;

/** Where what is sent is freed: nobody listens. */
let nowhere: MessagePort | null = null;

/**
 * Frees arrays now. Of outputs that it writes in place onnxruntime-node also returns copies, which nobody
 * reads; megabytes of them at every step keep the garbage collector at work, on the second core too.
 */
function discard(arrays: readonly Buffer[]): void {
  if (nowhere === null) {
    const { port1, port2 } = new MessageChannel();
    port2.close();
    nowhere = port1;
  }
  nowhere.postMessage(
    null,
    arrays.map(({ buffer }) => buffer as ArrayBuffer),
  );
}

async function createSession(
  ort: OrtModule,
  model: OnnxModel,
  options: InferenceSession.SessionOptions,
): Promise<{ session: InferenceSession; fed: TensorSpec[] }> {
  const session = await ort.InferenceSession.create(model.bytes, options).catch(
    (cause: unknown) => {
      throw new ElboError({
        code: "device-compile",
        message: `the device refuses the model: ${cause instanceof Error ? cause.message : cause}`,
        hint: "Try --device cpu or --device wasm.",
        cause,
      });
    },
  );
  // A model whose every parameter is an initializer lists them, but does not take them.
  const takes = new Set(session.inputNames);
  const fed = [...model.inputs, ...model.parameters].filter(({ name }) => takes.has(name));
  return { session, fed };
}

/** The tensor over the part of a buffer that `batch` rows take. */
function hostTensor(
  ort: OrtModule,
  spec: TensorSpec,
  batch: number,
  buffers: Readonly<Record<string, unknown>>,
): OrtTensor {
  const { data, dims } = fitted(spec, batch, buffers);
  return new ort.Tensor(spec.dtype as "float32", data as Float32Array, dims);
}

export async function createExecutable(
  ort: OrtModule,
  model: OnnxModel,
  settings: SessionSettings,
  options: CompileOptions,
): Promise<Executable> {
  const { session, fed } = await createSession(ort, model, sessionOptions(settings, options));
  return {
    model,
    bind(batch, buffers) {
      const named = (spec: TensorSpec) => [spec.name, hostTensor(ort, spec, batch, buffers)];
      const feeds = Object.fromEntries(fed.map(named));
      if (settings.inPlace) {
        const fetches = Object.fromEntries(model.outputs.map(named));
        const large = model.outputs.filter(({ name }) => fetches[name]!.data.byteLength >= LARGE);
        return async () => {
          const copies = await session.run(feeds, fetches);
          if (large.length > 0) discard(large.map(({ name }) => copies[name]!.data as Buffer));
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

export function residentCompiler(ort: OrtModule, settings: SessionSettings): CompileResident {
  return (model, kept, options = {}) =>
    createResidentExecutable(ort, model, kept, settings, options);
}

/** A model whose outputs in `kept` stay in GPU buffers. */
async function createResidentExecutable(
  ort: OrtModule,
  model: OnnxModel,
  kept: ReadonlySet<string>,
  settings: SessionSettings,
  options: CompileOptions,
): Promise<ResidentExecutable> {
  const locations = model.outputs.map(({ name }) => [name, kept.has(name) ? "gpu-buffer" : "cpu"]);
  const { session, fed } = await createSession(ort, model, {
    ...sessionOptions(settings, options),
    preferredOutputLocation: Object.fromEntries(locations),
  });
  return {
    async run(batch, values) {
      const targets = model.outputs
        .filter(({ name }) => !kept.has(name))
        .map((spec) => ({ name: spec.name, data: fitted(spec, batch, values).data }));
      const feeds = fed.map((spec) => {
        const value = values[spec.name];
        return [
          spec.name,
          value instanceof ort.Tensor ? value : hostTensor(ort, spec, batch, values),
        ];
      });
      const results: Record<string, OrtTensor> = await session.run(Object.fromEntries(feeds));
      for (const { name, data } of targets) {
        data.set((await results[name]!.getData()) as Buffer);
        results[name]!.dispose();
        delete results[name];
      }
      return results;
    },
    release: () => session.release(),
  };
}
