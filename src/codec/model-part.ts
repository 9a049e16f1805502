// The model in an archive: what rebuilds it, and its weights, as they are or in fewer bits. An archive that
// holds its model needs no run folder, and its size counts everything.
import { ElboError } from "../base/errors.ts";
import type { FieldSchema } from "../fields/field.ts";
import { parametersOf } from "../models/graphs.ts";
import type { ModelConfig } from "../models/model.ts";
import { modelSchema } from "../train/config-schema.ts";
import { damaged } from "./ans/coder.ts";
import { ByteReader, ByteWriter } from "./bytes.ts";
import { packBytes, unpackBytes } from "./side/pack.ts";

/** All that a model is to the codec. */
export interface CodedModel {
  schema: FieldSchema;
  config: ModelConfig;
  weights: ReadonlyMap<string, Float32Array>;
}

/** Bits of a weight: 32 as they are, fewer as whole multiples of a step of each tensor's own. */
export const weightBits = [32, 16, 12, 10, 8, 7, 6] as const;
export type WeightBits = (typeof weightBits)[number];

const littleEndian = (values: Float32Array) => {
  const bytes = new Uint8Array(4 * values.length);
  const view = new DataView(bytes.buffer);
  values.forEach((value, i) => {
    view.setFloat32(4 * i, value, true);
  });
  return bytes;
};

function fromLittleEndian(bytes: Uint8Array): Float32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Float32Array.from({ length: bytes.length / 4 }, (_, i) => view.getFloat32(4 * i, true));
}

/** Multiples of `step`, as float32: what the codec computes with on both sides. */
function quantized(values: Float32Array, bits: WeightBits): { step: number; steps: Int32Array } {
  const largest = values.reduce((top, value) => Math.max(top, Math.abs(value)), 0);
  const step = Math.fround(largest / (2 ** (bits - 1) - 1)) || 1;
  return { step, steps: Int32Array.from(values, (value) => Math.round(value / step)) };
}

const restored = (steps: Int32Array, step: number) => Float32Array.from(steps, (k) => k * step);

/** Whole numbers around 0 as bytes: 0, -1, 1, -2, … each of 1 byte or 2, high bytes apart from low ones. */
function stepBytes(steps: Int32Array, bits: WeightBits): Uint8Array {
  const folded = steps.map((k) => (k < 0 ? -2 * k - 1 : 2 * k));
  const low = Uint8Array.from(folded);
  if (bits <= 8) return packBytes(low);
  const high = Uint8Array.from(folded, (k) => k >> 8);
  const writer = new ByteWriter();
  writer.block(packBytes(high));
  writer.block(packBytes(low));
  return writer.finish();
}

function stepsOf(bytes: Uint8Array, count: number, bits: WeightBits): Int32Array {
  const unpacked = (packed: Uint8Array) => {
    const found = unpackBytes(packed, count);
    if (found.length !== count) throw damaged();
    return found;
  };
  const reader = new ByteReader(bytes);
  const high = bits <= 8 ? null : unpacked(reader.block());
  const low = unpacked(bits <= 8 ? bytes : reader.block());
  return Int32Array.from(low, (byte, i) => {
    const folded = byte + 256 * (high?.[i] ?? 0);
    return folded % 2 === 0 ? folded / 2 : -(folded + 1) / 2;
  });
}

/** A model of the same kind whose weights take `bits` bits each. */
export function coarser(model: CodedModel, bits: WeightBits): CodedModel {
  if (bits === 32) return model;
  const weights = new Map(
    [...model.weights].map(([name, values]): [string, Float32Array] => {
      const { step, steps } = quantized(values, bits);
      return [name, restored(steps, step)];
    }),
  );
  return { ...model, weights };
}

/** The model as bytes; its weights are what `coarser` makes of them. */
export function modelBytes({ schema, config, weights }: CodedModel, bits: WeightBits): Uint8Array {
  const writer = new ByteWriter();
  writer.block(packBytes(new TextEncoder().encode(JSON.stringify({ schema, model: config }))));
  writer.byte(bits);
  writer.count(weights.size);
  for (const [name, values] of weights) {
    writer.text(name);
    writer.count(values.length);
    if (bits === 32) {
      writer.block(packBytes(littleEndian(values), { stride: 4 }));
      continue;
    }
    const { step, steps } = quantized(values, bits);
    writer.raw(littleEndian(Float32Array.of(step)));
    writer.block(stepBytes(steps, bits));
  }
  return writer.finish();
}

const LARGEST_CONFIG = 2 ** 26;

/** @throws ElboError `archive-damaged`, where what stands there is no model. */
export function parseModel(bytes: Uint8Array): CodedModel {
  const reader = new ByteReader(bytes);
  const json = unpackBytes(reader.block(), LARGEST_CONFIG);
  let parsed: ReturnType<typeof modelSchema.parse>;
  try {
    parsed = modelSchema.parse(JSON.parse(new TextDecoder().decode(json)));
  } catch (cause) {
    throw notAModel(cause);
  }
  const { schema, model: config } = parsed;
  const parameters = parametersOf(schema, config);
  const sizes = new Map(
    parameters.specs.map(({ name, shape }) => [name, shape.reduce((a, b) => a * b, 1)]),
  );
  const bits = reader.byte();
  if (!(weightBits as readonly number[]).includes(bits)) throw notAModel();
  const weights = new Map<string, Float32Array>();
  for (let left = reader.count(sizes.size); left > 0; left--) {
    const name = reader.text();
    const count = reader.count();
    if (sizes.get(name) !== count) throw notAModel();
    if (bits === 32) {
      const raw = unpackBytes(reader.block(), 4 * count);
      if (raw.length !== 4 * count) throw notAModel();
      weights.set(name, fromLittleEndian(raw));
      continue;
    }
    const step = fromLittleEndian(reader.raw(4))[0]!;
    weights.set(name, restored(stepsOf(reader.block(), count, bits as WeightBits), step));
  }
  if (weights.size !== sizes.size) throw notAModel();
  return { schema, config, weights };
}

function notAModel(cause?: unknown): ElboError {
  return new ElboError({
    code: "archive-damaged",
    message: "what stands in the archive for its model is none that elbo knows",
    hint: "Fetch the archive again, or update elbo if it was written by a newer one.",
    ...(cause === undefined ? {} : { cause }),
  });
}

/** SHA-256 of a model, in hexadecimal: what an archive without it names it by. */
export async function modelHash({ schema, config, weights }: CodedModel): Promise<string> {
  const writer = new ByteWriter();
  writer.text(JSON.stringify({ schema, model: config }));
  for (const [name, values] of [...weights].sort(([a], [b]) => (a < b ? -1 : 1))) {
    writer.text(name);
    writer.block(littleEndian(values));
  }
  return sha256(writer.finish());
}

/** In hexadecimal. */
export async function sha256(bytes: Uint8Array): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", bytes.slice().buffer);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
