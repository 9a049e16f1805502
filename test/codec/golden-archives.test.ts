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
import { fileContent } from "#elbo/codec/contents/file.js";
import { parseHeader } from "#elbo/codec/header.js";
import { decompressBytes, openArchive } from "#elbo/codec/open.js";
import { planFor } from "#elbo/codec/plan.js";
import { blockWork, doHere, type Encoded } from "#elbo/codec/work.js";
import { asRead, compressBytes, encodeTasks, headerFor } from "#elbo/codec/write.js";
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

// Pixels that come back near are not what was compressed, and lie at other latents. Of what a file is coded by the
// corrections of pixels alone are taken from the archive: better ones may be found to code by, and none but these
// may be decoded by.
test.each(golden.filter(([, { lossy }]) => !lossy))(
  "%s is made anew of its file, its model and its corrections",
  async (name, { file }) => {
    const bytes = readFileSync(pathOf(name));
    const { model } = openArchive(bytes);
    const source = fileContent(await decompressBytes(bytes), file);
    const { sections } = readSections(bytes);
    const header = parseHeader(sections[0]!.content);
    const plan = await planFor(model, source, {}, doHere);
    const fitted = { ...plan.fitted, warps: header.warps };
    const {
      elbo: _,
      name: __,
      ...made
    } = asRead(await headerFor(name, source, { ...plan, fitted }));
    expect(header).toMatchObject(made);
    const work = blockWork({ header, model });
    const blocks: Uint8Array[] = [];
    for await (const task of encodeTasks(source, plan, () => {})) {
      blocks.push((work(task) as Encoded).content);
    }
    const before = sections.filter(({ kind }) => kind === "block").map(({ content }) => content);
    expect(blocks).toEqual(before);
    // A fit of today is no worse than the archive's was, but for chance.
    const refitted = await compressBytes(await decompressBytes(bytes), file, model);
    const size = (all: Uint8Array) =>
      readSections(all).sections.reduce(
        (sum, { kind, content }) => sum + (kind === "model" ? 0 : content.length),
        0,
      );
    expect(size(refitted)).toBeLessThan(1.02 * size(bytes));
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
