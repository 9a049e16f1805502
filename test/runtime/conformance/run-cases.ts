// Runs the suite where vitest is not: in a browser's page, in a child process.
import type { Device } from "#elbo/runtime/device.js";
import { cases } from "./cases.ts";

export interface Outcome {
  name: string;
  /** Null where the case passed. */
  error: string | null;
}

export async function runCases(device: Device): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const { name, run } of cases) {
    try {
      await run(device);
      outcomes.push({ name, error: null });
    } catch (error) {
      outcomes.push({ name, error: error instanceof Error ? `${error.message}` : String(error) });
    }
  }
  return outcomes;
}
