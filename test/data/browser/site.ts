// A page of headless Chromium with the package's face for browsers, and Node's view of the same files.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type BrowserContext, chromium, type Page as Tab } from "playwright-core";
import { bundled } from "../../helpers/bundled.ts";
import { serve } from "../../helpers/site.ts";
import { findChromium } from "../../helpers/software-gpu.ts";
import type { Page } from "./page.ts";

const executablePath = findChromium();

/** Behind a suite's name where it is skipped. */
export const missingBrowser =
  executablePath !== undefined && existsSync(executablePath)
    ? ""
    : " (no chromium: apt-get install chromium, or set CHROMIUM)";

const html = `<!doctype html><meta charset="utf-8"><title>files</title>
<input id="files" type="file" multiple><input id="folder" type="file" webkitdirectory>
<input id="labels" type="file"><script type="module" src="/entry.js"></script>`;

const flags = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--enable-precise-memory-info",
];

export interface Opened {
  modules: string[];
  tab: Tab;
  /** What a function of the page makes of files, or of a folder; `labels` becomes an option. */
  ask(
    what: keyof Page,
    paths: readonly string[] | string,
    argument?: unknown,
    labels?: string,
  ): Promise<unknown>;
  close(): Promise<void>;
}

/** @param folder for the browser's profile. */
export async function openPage(folder: string): Promise<Opened> {
  const { pages, modules } = await bundled(fileURLToPath(new URL("page.ts", import.meta.url)));
  const site = await serve({ "/index.html": html, ...pages }, []);
  let context: BrowserContext;
  try {
    context = await chromium.launchPersistentContext(folder, {
      executablePath: executablePath ?? "",
      headless: true,
      args: flags,
    });
  } catch (cause) {
    await site.close();
    throw cause;
  }
  const tab = await context.newPage();
  await tab.goto(`${site.address}/index.html`);
  await tab.waitForFunction("globalThis.page !== undefined");
  return {
    modules,
    tab,
    async ask(what, paths, argument, labels) {
      const input = typeof paths === "string" ? "folder" : "files";
      await tab.setInputFiles(`#${input}`, typeof paths === "string" ? paths : [...paths]);
      if (labels !== undefined) await tab.setInputFiles("#labels", labels);
      const options = JSON.stringify(argument ?? {});
      const second = labels === undefined ? options : `{ ...${options}, labels: labels.files[0] }`;
      const rest = argument === undefined && labels === undefined ? "" : `, ${second}`;
      return tab.evaluate(`page.${what}(${input}.files${rest})`);
    },
    async close() {
      await context.close();
      await site.close();
    },
  };
}
