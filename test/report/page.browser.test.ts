// The page in headless Chromium with the network off: on a desk and on a phone, light and dark.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";
import { describe, expect, test } from "vitest";
import { report } from "#elbo/report/report.js";
import { testFolder } from "../helpers/folder.ts";
import { findChromium } from "../helpers/software-gpu.ts";
import { MARKUP, tableRun } from "./table-run.ts";

const executablePath = findChromium();
const missing = executablePath ? "" : " (no chromium: apt-get install chromium, or set CHROMIUM)";

describe.skipIf(missing)(`Chromium${missing}`, () => {
  test("it draws, colours and tells of points, and asks for nothing", async () => {
    const folder = testFolder();
    const { run } = await tableRun(folder);
    const file = join(folder, "report.html");
    writeFileSync(file, await report(run, { threads: 1 }));
    const context = await chromium.launchPersistentContext(join(folder, "profile"), {
      executablePath: executablePath ?? "",
      headless: true,
      offline: true,
      viewport: { width: 1400, height: 900 },
      args: ["--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking"],
    });
    try {
      const tab = await context.newPage();
      const said: string[] = [];
      tab.on("console", (message) => said.push(message.text()));
      tab.on("pageerror", (error) => said.push(String(error)));
      tab.on("dialog", () => said.push("a dialog"));
      tab.on("request", (request) => {
        if (!request.url().startsWith("data:")) said.push(request.url());
      });
      const address = pathToFileURL(file).href;
      await tab.goto(address);
      expect(said).toEqual([address]);

      const points = '#map svg.plot g[aria-label="dot"] > path';
      expect(await tab.locator(points).count()).toBe(240);
      // Levels differ in shape, not in colour alone.
      const shapes = () =>
        tab.evaluate<string[]>(
          `[...new Set([...document.querySelectorAll('${points}')].map((p) => p.getAttribute("d")))]`,
        );
      await tab.selectOption("#colour", { label: "city" });
      expect((await shapes()).length).toBe(4);
      const legend = await tab.locator("#map-legend li").allTextContents();
      expect(legend.toSorted()).toEqual(["Bern", "Lausanne", "Zürich", "missing"]);
      await tab.selectOption("#colour", { label: `${MARKUP} & "name"` });
      expect(await tab.locator("#map-legend li").first().textContent()).toBe(MARKUP);
      await tab.selectOption("#colour", { label: "income" });
      expect(await tab.locator("#map-legend li").allTextContents()).toEqual([
        expect.stringMatching(/^low: from /),
        expect.stringMatching(/^high: to /),
      ]);

      await tab.locator("#map svg.plot").focus();
      await tab.keyboard.press("ArrowRight");
      const tip = tab.locator("#tip");
      expect(await tip.isVisible()).toBe(true);
      expect(await tip.textContent()).toMatch(/income[\d.]+personP\d+/);
      await tab.keyboard.press("Escape");
      expect(await tip.isVisible()).toBe(false);
      await tab.locator(points).first().hover();
      expect(await tip.isVisible()).toBe(true);
      const ring = (await tab.locator("#map svg.plot > circle").boundingBox())!;
      const box = (await tip.boundingBox())!;
      expect(Math.abs(box.y - ring.y - ring.height / 2)).toBeLessThan(20);
      const beside = [box.x - ring.x - ring.width, ring.x - box.x - box.width];
      expect(Math.max(...beside)).toBeGreaterThan(-5);
      expect(Math.max(...beside)).toBeLessThan(30);

      const ground = () => tab.evaluate<string>("getComputedStyle(document.body).backgroundColor");
      const light = await ground();
      await tab.emulateMedia({ colorScheme: "dark" });
      expect(await ground()).not.toBe(light);
      for (const width of [1400, 390]) {
        await tab.setViewportSize({ width, height: 844 });
        expect(await tab.evaluate("document.documentElement.scrollWidth")).toBe(width);
      }
      await tab.emulateMedia({ media: "print" });
      await tab.evaluate('dispatchEvent(new Event("beforeprint"))');
      expect(await tab.locator("details:not([open])").count()).toBe(0);
      expect(said).toEqual([address]);
    } finally {
      await context.close();
    }
  });
});
