// A disk of 256 KiB, mounted for one test where this user may mount.
import { execFileSync } from "node:child_process";
import type { TestContext } from "vitest";
import { testFolder } from "./folder.ts";

/** Runs `act` in a folder on a disk of 256 KiB; skips the test where none can be mounted. */
export async function onFullDisk(
  context: TestContext,
  act: (folder: string) => Promise<void> | void,
): Promise<void> {
  const folder = testFolder();
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=256k", "tmpfs", folder], { stdio: "pipe" });
  } catch {
    return context.skip("this user may not mount a small disk");
  }
  try {
    await act(folder);
  } finally {
    execFileSync("umount", [folder]);
  }
}
