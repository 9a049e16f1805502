// Exported files on onnxruntime-web, in headless Chromium, offline: the same numbers.
import { chromium } from "playwright-core";
import { describe, expect, test } from "vitest";
import { testFolder } from "../../helpers/folder.ts";
import { serve } from "../../helpers/site.ts";
import { findChromium } from "../../helpers/software-gpu.ts";
import { expectAlike } from "./ports.ts";
import { entries, jsonOf, withNaN } from "./runtimes.ts";

const ort = "node_modules/onnxruntime-web/dist";
const executablePath = findChromium();
const missing = executablePath ? "" : " (no chromium: apt-get install chromium, or set CHROMIUM)";

/** Runs a file's bytes, as base64, in the page. */
const script = `
window.runPart = async (text, feeds) => {
  const ort = await import("/${ort}/ort.wasm.bundle.min.mjs");
  const arrays = { float32: Float32Array, float64: Float64Array, uint8: Uint8Array, int32: Int32Array };
  const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  const session = await ort.InferenceSession.create(bytes);
  const tensors = Object.entries(feeds).map(([name, { dtype, shape, data }]) => {
    const values = dtype === "string" ? data : arrays[dtype].from(data, (v) => v ?? NaN);
    return [name, new ort.Tensor(dtype, values, shape)];
  });
  const results = await session.run(Object.fromEntries(tensors));
  await session.release();
  return Object.fromEntries(
    Object.entries(results).map(([name, { data }]) => [
      name,
      Array.from(data, (v) => (Number.isNaN(v) ? null : v)),
    ]),
  );
};`;

describe.skipIf(missing)(`Chromium${missing}`, () => {
  test("every part of every kind of field", async () => {
    const all = await entries();
    const page = `<!doctype html><meta charset="utf-8"><title>export</title><script>${script}</script>`;
    const site = await serve({ "/index.html": page }, [ort]);
    const context = await chromium.launchPersistentContext(testFolder(), {
      executablePath: executablePath ?? "",
      headless: true,
      args: ["--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking"],
    });
    try {
      const tab = await context.newPage();
      await tab.goto(`${site.address}/index.html`);
      for (const { name, bytes, feeds, expected } of all) {
        const given = [Buffer.from(bytes).toString("base64"), JSON.stringify(jsonOf(feeds))];
        // As text: vitest rewrites the imports of functions.
        const call = `window.runPart(${JSON.stringify(given[0])}, ${given[1]})`;
        const results = await tab.evaluate<Record<string, (number | string | null)[]>>(call);
        expect(Object.keys(results).sort()).toEqual(Object.keys(expected).sort());
        for (const [output, data] of Object.entries(expected)) {
          expectAlike(withNaN(results[output]!), data, `${name}: ${output}`);
        }
      }
    } finally {
      await context.close();
      await site.close();
    }
  });
});
