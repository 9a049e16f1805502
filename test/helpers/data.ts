// Where real data sets are, for tests that skip without them.
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";

/** The path of a file of the real data, or undefined where it is not on this machine. */
export function realData(...parts: string[]): string | undefined {
  const path = join(process.env["ELBO_DATA"] ?? resolve("../shared/data"), ...parts);
  return existsSync(path) ? path : undefined;
}
