// What a conformance case is, and how it computes and compares. Neither Node nor vitest is
// imported in this folder's cases, so that a browser's page runs them too.
import type { Tensor } from "#elbo/graph/index.js";
import { toOnnx } from "#elbo/graph/index.js";
import { allocate, type Buffer, type CompileOptions, type Device } from "#elbo/runtime/device.js";

export interface Case {
  name: string;
  /** Throws where the device gives something else than it should. */
  run(device: Device): Promise<void>;
}

export type Feeds = Readonly<Record<string, readonly number[] | Buffer>>;
export type Weights = Readonly<Record<string, readonly number[]>>;

/** The outputs of a graph on a device, its parameters as inputs or, if `baked`, as initializers. */
export async function evaluate(
  device: Device,
  outputs: Readonly<Record<string, Tensor>>,
  feeds: Feeds,
  options: { batch?: number; weights?: Weights; baked?: boolean } & CompileOptions = {},
): Promise<Record<string, Buffer>> {
  const { batch = 1, weights = {}, baked = false, ...compile } = options;
  const values = new Map(
    Object.entries(weights).map(([name, list]) => [name, Float32Array.from(list)]),
  );
  const model = toOnnx(outputs, baked ? values : undefined);
  const executable = await device.compile(model, compile);
  const buffers = allocate([...model.inputs, ...model.parameters, ...model.outputs], batch);
  for (const [name, list] of [...Object.entries(feeds), ...values]) buffers[name]?.set(list);
  await executable.bind(batch, buffers)();
  await executable.release();
  return buffers;
}

/**
 * Each value within `tolerance` · (1 + |expected|), which is 1e-6 unless the case needs more:
 * float32 rounds to 6e-8.
 */
export function expectClose(
  received: ArrayLike<number>,
  expected: ArrayLike<number>,
  label: string,
  tolerance = 1e-6,
): void {
  if (received.length !== expected.length) {
    throw new Error(`${label}: ${received.length} values instead of ${expected.length}`);
  }
  for (let i = 0; i < expected.length; i++) {
    const [got, want] = [received[i]!, expected[i]!];
    if (Object.is(got, want) || got === want) continue;
    if (Math.abs(got - want) <= tolerance * (1 + Math.abs(want))) continue;
    throw new Error(`${label}[${i}]: ${got} instead of ${want}, tolerance ${tolerance}`);
  }
}

/** n numbers in [low, high) that look irregular: the fractional parts of multiples of √2. */
export function spread(n: number, low = -2, high = 2): number[] {
  return Array.from({ length: n }, (_, i) => {
    const part = ((i + 1) * Math.SQRT2) % 1;
    return Math.fround(low + part * (high - low));
  });
}

/** Whole numbers from 0 to n − 1. */
export function range(n: number): number[] {
  return Array.from({ length: n }, (_, i) => i);
}
