// Archives of test/fixtures/archives decode for ever, and to the same bytes everywhere: here, with threads,
// and in a browser. From the first release on they are never made anew, whatever this test says: a version
// that cannot read them has lost people's files.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { describe, expect, test } from "vitest";
import { readSections } from "#elbo/codec/archive.js";
import { parseHeader } from "#elbo/codec/header.js";
import { decompressBytes, openArchive } from "#elbo/codec/open.js";
import { compressBytes } from "#elbo/codec/write.js";
import { decompressTo } from "#elbo/tasks/compress/archives.js";
import { bundled } from "../helpers/bundled.ts";
import { sharedFolder } from "../helpers/folder.ts";
import { serve } from "../helpers/site.ts";
import { findChromium } from "../helpers/software-gpu.ts";
import { again, type Golden } from "./golden-archives.ts";

const here = fileURLToPath(new URL("../fixtures/archives/", import.meta.url));
const folder = sharedFolder();
const golden = Object.entries(
  JSON.parse(readFileSync(join(here, "archives.json"), "utf8")) as Record<string, Golden>,
);
const pathOf = (name: string) => join(here, `${name}.elbo`);
const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

test.each(golden)("%s decodes to its file, with one thread and with two", async (name, given) => {
  for (const threads of [1, 2]) {
    const path = join(folder, `${name}-${threads}`);
    await decompressTo(path, null, pathOf(name), { threads });
    expect(sha256(readFileSync(path))).toBe(given.sha256);
  }
});

// Pixels that come back near are not what was compressed, and lie at other latents.
test.each(golden.filter(([, { lossy }]) => !lossy))(
  "%s is made anew of its file and its model",
  async (name, { file }) => {
    const bytes = readFileSync(pathOf(name));
    const { model } = openArchive(bytes);
    const made = await compressBytes(await decompressBytes(bytes), file, model);
    const partsOf = (archive: Uint8Array) => {
      const { sections } = readSections(archive);
      const { elbo: _, name: __, ...header } = parseHeader(sections[0]!.content);
      const rest = sections.filter(({ kind }) => kind === "block" || kind === "end");
      return { header, rest: rest.map(({ kind, content }) => ({ kind, content })) };
    };
    expect(partsOf(made)).toEqual(partsOf(bytes));
  },
);

const executablePath = findChromium();
const missing = executablePath ? "" : " (no chromium: apt-get install chromium, or set CHROMIUM)";

describe.skipIf(missing)(`in Chromium${missing}`, () => {
  test("they decode to the same, and what it makes of that is what Node makes", async () => {
    const { pages } = await bundled(fileURLToPath(new URL("golden-archives.ts", import.meta.url)));
    const page = '<!doctype html><meta charset="utf-8"><title>archives</title>';
    const site = await serve({ "/index.html": page, ...pages }, []);
    const browser = await chromium.launch({
      executablePath: executablePath ?? "",
      args: ["--no-sandbox", "--disable-gpu"],
    });
    try {
      const tab = await browser.newPage();
      await tab.goto(`${site.address}/index.html`);
      for (const [name, given] of golden) {
        const archive = readFileSync(pathOf(name)).toString("base64");
        const argument = JSON.stringify([archive, given]);
        // As text: vitest rewrites the imports of functions.
        const found = (await tab.evaluate(
          `import("/entry.js").then(({ again }) => again(...${argument}))`,
        )) as Awaited<ReturnType<typeof again>>;
        expect(found.sha256, name).toBe(given.sha256);
        expect(found, name).toEqual(await again(archive, given));
        if (given.lossy) continue;
        const decoded = await decompressBytes(Buffer.from(found.archive, "base64"));
        expect(sha256(decoded), name).toBe(given.sha256);
      }
    } finally {
      await browser.close();
      await site.close();
    }
  });
});
