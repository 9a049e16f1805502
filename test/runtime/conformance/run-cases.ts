// Runs the suite where vitest is not: in a browser's page, in a child process.
import type { Device } from "#elbo/runtime/device.js";
import { cases } from "./cases.ts";

export interface Outcome {
  name: string;
  /** Null where the case passed. */
  error: string | null;
}

/** @param names the cases to run; default all. */
export async function runCases(device: Device, names?: readonly string[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const { name, run } of cases) {
    if (names && !names.includes(name)) continue;
    try {
      await run(device);
      outcomes.push({ name, error: null });
    } catch (error) {
      outcomes.push({ name, error: error instanceof Error ? `${error.message}` : String(error) });
    }
  }
  return outcomes;
}

/** The same device, but it refuses a model of which a part would be left to the CPU. */
export function strictly(device: Device): Device {
  const { name, compile, compileResident } = device;
  return {
    name,
    compile: (model, options) => compile(model, { ...options, strict: true }),
    ...(compileResident && {
      compileResident: (model, kept, options) =>
        compileResident(model, kept, { ...options, strict: true }),
    }),
  };
}
