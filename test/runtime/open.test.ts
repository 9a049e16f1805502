// Devices that are not there are refused with a remedy, before any work.
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { openDevice } from "#elbo/runtime/open.js";

const script = `
import { openDevice } from "#elbo/runtime/open.js";
const { code, message, hint } = await openDevice(process.argv[1]).catch((error) => error);
console.log(JSON.stringify({ code, message, hint }));
`;

/** What opening the device gives in a process without any graphics driver. */
async function refusal(name: string): Promise<Record<string, string>> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["--input-type=module", "--eval", script, name],
    { env: { ...process.env, VK_ICD_FILENAMES: "/dev/null", VK_DRIVER_FILES: "/dev/null" } },
  );
  return JSON.parse(stdout);
}

test.skipIf(process.platform !== "linux")("webgpu without an adapter", async () => {
  expect(await refusal("webgpu")).toEqual({
    code: "device-unavailable",
    message: "the device webgpu does not start on this machine",
    hint: expect.stringContaining("--device cpu"),
  });
});

test("auto is the CPU where the native runtime is there", async () => {
  const { device, warning } = await openDevice("auto");
  expect([device.name, warning]).toEqual(["cpu", undefined]);
});
