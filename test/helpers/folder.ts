// A folder of its own for each test, removed when the test is over.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, onTestFinished } from "vitest";

export function testFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "elbo-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A folder for all tests of a file or a `describe`, removed after the last one. */
export function sharedFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "elbo-test-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
