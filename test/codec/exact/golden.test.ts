// The same bytes here, by each of V8's compilers of WebAssembly, without the processor's newer
// instructions, and in a browser's page.
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { beforeAll, expect, test } from "vitest";
import { EXACT_VERSION } from "#elbo/codec/exact/program.js";
import { bundled } from "../../helpers/bundled.ts";
import { sharedFolder } from "../../helpers/folder.ts";
import { serve } from "../../helpers/site.ts";
import { findChromium } from "../../helpers/software-gpu.ts";
import { golden } from "./golden.ts";

/** Other digests mean another version, and archives that can no longer be read. */
function expectGolden(digests: unknown): void {
  expect({ version: EXACT_VERSION, digests }).toEqual({
    version: 1,
    digests: {
      "mlp, batch 5": "fc5b58d69baf1f217ea0a86b5e2514bd3149c852ab657b9ec3dadeab0fea529b",
      "mlp, batch 1": "11dc24f68caa82c1b6132548348762c4cb5c4e08958cccc0e4c77af6e6ab6a9d",
      "convolutions, batch 5": "391976532624b5e6f57950e3a38388bdc3d04d3d781daa2617a9b67b0e7846f7",
      "convolutions, batch 1": "793d5a37b29b50192446e043cc94101b400128c1ba6b915e26999abcc3d5d728",
    },
  });
}

const entry = fileURLToPath(new URL("golden.ts", import.meta.url));
const folder = sharedFolder();
let code = "";

beforeAll(async () => {
  code = (await bundled(entry)).pages["/entry.js"]!;
});

test("the bytes are those of this version", async () => {
  expectGolden(await golden());
});

test.each([
  ["the fast compiler alone", ["--liftoff-only"]],
  ["the optimising compiler alone", ["--no-liftoff"]],
  ["no instructions since SSE4.1", ["--no-enable-avx", "--no-enable-fma3"]],
])("the same by %s", (_, flags) => {
  const path = join(folder, "golden.mjs");
  writeFileSync(path, `${code}\nconsole.log(JSON.stringify(await golden()));\n`);
  const text = execFileSync(process.execPath, [...flags, path], { encoding: "utf8" });
  expectGolden(JSON.parse(text));
});

const executablePath = findChromium();
const missing = executablePath ? "" : " (no chromium: apt-get install chromium, or set CHROMIUM)";

test.skipIf(missing)(`the same in Chromium${missing}`, async () => {
  const page = '<!doctype html><meta charset="utf-8"><title>exact</title>';
  const site = await serve({ "/index.html": page, "/golden.js": code }, []);
  const browser = await chromium.launch({
    executablePath: executablePath ?? "",
    args: ["--no-sandbox", "--disable-gpu"],
  });
  try {
    const tab = await browser.newPage();
    await tab.goto(`${site.address}/index.html`);
    // As text: vitest rewrites the imports of functions.
    expectGolden(await tab.evaluate('import("/golden.js").then(({ golden }) => golden())'));
  } finally {
    await browser.close();
    await site.close();
  }
});
