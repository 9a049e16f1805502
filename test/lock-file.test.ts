// The lock file says which bytes each package is, on every platform, and names no registry.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

interface Locked {
  integrity?: string;
  resolved?: string;
  link?: boolean;
}

test("every package that is locked has the hash of its bytes, and none a host", () => {
  const { packages } = JSON.parse(readFileSync("package-lock.json", "utf8")) as {
    packages: Record<string, Locked>;
  };
  const installed = Object.entries(packages).filter(([path, { link }]) => path !== "" && !link);
  expect(installed.length).toBeGreaterThan(100);
  const named = (some: typeof installed) => some.map(([path]) => path);
  expect(named(installed.filter(([, { integrity }]) => !integrity?.startsWith("sha512-")))).toEqual(
    [],
  );
  expect(named(installed.filter(([, { resolved }]) => resolved !== undefined))).toEqual([]);
});
