import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { packageVersion } from "#elbo/base/version.js";

test("the version is package.json's", () => {
  const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };
  expect(packageVersion()).toBe(version);
});
