// One suite for every device that runs in Node; ./conformance.browser.test.ts has the browser's.
import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, describe, expect, test } from "vitest";
import type { Device } from "#elbo/runtime/device.js";
import { openDevice } from "#elbo/runtime/open.js";
import { sharedFolder, testFolder } from "../helpers/folder.ts";
import { gpuEnvironment, missingGpu } from "../helpers/software-gpu.ts";
import { bundle } from "./conformance/bundle.ts";
import { cases } from "./conformance/cases.ts";
import type { Outcome } from "./conformance/run-cases.ts";

describe.each(["cpu", "wasm"] as const)("%s", (name) => {
  let device: Device;
  beforeAll(async () => {
    const opened = await openDevice(name);
    expect(opened.warning).toBeUndefined();
    device = opened.device;
  });
  test.each(cases.map((each) => [each.name, each] as const))("%s", (_, { run }) => run(device));
});

const missing = missingGpu();
describe.skipIf(missing)(`webgpu, strictly${missing ? ` (${missing})` : ""}`, () => {
  const folder = sharedFolder();
  const outcomes = new Map<string, Outcome>();
  beforeAll(async () => {
    const code = join(folder, "cases.mjs");
    writeFileSync(code, await bundle());
    const child = "test/runtime/conformance/webgpu-child.mjs";
    const env = gpuEnvironment(folder);
    const { stdout } = await promisify(execFile)(process.execPath, [child, code], { env });
    for (const outcome of JSON.parse(stdout) as Outcome[]) outcomes.set(outcome.name, outcome);
  });
  test.each(cases.map(({ name }) => name))("%s", (name) => {
    expect(outcomes.get(name)).toEqual({ name, error: null });
  });
});

test("a module of Node in what the browser gets is found", async () => {
  const entry = join(testFolder(), "entry.ts");
  writeFileSync(
    entry,
    'import { readFileSync } from "node:fs";\nexport const read = readFileSync;\n',
  );
  await expect(bundle(entry)).rejects.toThrow("modules of Node");
});
