// The suite in headless Chromium: the built src/runtime as the browser loads it, on
// onnxruntime-web's WebAssembly and WebGPU, the latter by the browser's own software GPU.
import { chromium } from "playwright-core";
import { beforeAll, describe, expect, test } from "vitest";
import { sharedFolder } from "../helpers/folder.ts";
import { serve } from "../helpers/site.ts";
import { findChromium } from "../helpers/software-gpu.ts";
import { bundle } from "./conformance/bundle.ts";
import { cases } from "./conformance/cases.ts";
import { executables } from "./conformance/executable.ts";
import type { Outcome } from "./conformance/run-cases.ts";

const ort = "node_modules/onnxruntime-web/dist";
const imports = {
  "onnxruntime-web": `/${ort}/ort.bundle.min.mjs`,
  "onnxruntime-web/webgpu": `/${ort}/ort.webgpu.bundle.min.mjs`,
};
const page = `<!doctype html><meta charset="utf-8"><title>conformance</title>
<script type="importmap">${JSON.stringify({ imports })}</script>`;

const flags = [
  "--no-sandbox",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** What a page of headless Chromium with these flags makes of the suite on a device. */
async function outcomesIn(
  folder: string,
  device: "wasm" | "webgpu",
  args: readonly string[],
  names: readonly string[],
): Promise<Outcome[]> {
  const pages = { "/index.html": page, "/cases.js": await bundle() };
  const site = await serve(pages, ["build", ort]);
  const context = await chromium.launchPersistentContext(folder, {
    executablePath: executablePath ?? "",
    headless: true,
    args: [...flags, ...args],
  });
  try {
    const tab = await context.newPage();
    await tab.goto(`${site.address}/index.html`);
    // As text: vitest rewrites the imports of functions.
    return await tab.evaluate(`(async () => {
      const { openDevice } = await import("/build/runtime/open.js");
      const { runCases, strictly } = await import("/cases.js");
      const { device } = await openDevice("${device}");
      return runCases(device.name === "webgpu" ? strictly(device) : device, ${JSON.stringify(names)});
    })()`);
  } finally {
    await context.close();
    await site.close();
  }
}

const executablePath = findChromium();
const missing = executablePath ? "" : " (no chromium: apt-get install chromium, or set CHROMIUM)";

const all = cases.map(({ name }) => name);
/** Every graph is compiled anew by a software GPU, a second each: what the devices differ in. */
const some = [
  ...executables.map(({ name }) => name),
  "cumulativeSum both ways",
  "scatterAdd adds what falls on one row",
  "five steps of Adam on mlpVaeBernoulli",
  "five steps of Adam on convVaeBernoulli",
];
const webgpu = [
  "--enable-unsafe-webgpu",
  "--use-webgpu-adapter=swiftshader",
  "--enable-features=Vulkan",
];

describe.skipIf(missing).each([
  { device: "wasm", args: ["--disable-gpu"], names: all },
  { device: "webgpu", args: webgpu, names: some },
] as const)(`$device in Chromium${missing}`, ({ device, args, names }) => {
  const folder = sharedFolder();
  const outcomes = new Map<string, Outcome>();
  beforeAll(async () => {
    for (const outcome of await outcomesIn(folder, device, args, names)) {
      outcomes.set(outcome.name, outcome);
    }
  });
  test.each(names)("%s", (name) => {
    expect(outcomes.get(name)).toEqual({ name, error: null });
  });
});
