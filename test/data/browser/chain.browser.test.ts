// From a person's file to the batch that a network sees, in headless Chromium and in Node: the same
// profile, fields, statistics, split and packed bytes.
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sqlText, withDuckDB } from "#elbo/data/duckdb.js";
import { openData } from "#elbo/data/open.js";
import { inspect } from "#elbo/tasks/inspect.js";
import { bundled } from "../../helpers/bundled.ts";
import { realData } from "../../helpers/data.ts";
import { sharedFolder } from "../../helpers/folder.ts";
import { serve } from "../../helpers/site.ts";
import { idxBytes } from "../idx-bytes.ts";
import { batchOf, digestsOf } from "./digests.ts";
import { missingBrowser, type Opened, openPage } from "./site.ts";

const plain = (value: unknown, path: string): unknown =>
  JSON.parse(JSON.stringify(value).replaceAll(path, basename(path)));

describe.skipIf(missingBrowser)(`the chain in Chromium${missingBrowser}`, () => {
  const folder = sharedFolder();
  const path = (name: string) => join(folder, name);
  let page: Opened;
  beforeAll(async () => {
    page = await openPage(path("profile"));
  });
  afterAll(() => page?.close());

  test.skipIf(!realData()).each([
    ["penguins", "penguins.csv", "species"],
    ["adult", "adult.csv", "income"],
    ["mnist", "t10k-images-idx3-ubyte.gz", undefined],
  ])("%s: profile, fields, statistics, split and a batch", async (set, name, target) => {
    const file = realData(set, name)!;
    const inNode = await batchOf(await openData(file), target);
    expect(await page.ask("batch", [file], target)).toEqual({ value: plain(inNode, file) });
    expect(Object.keys(inNode.inputs).length).toBeGreaterThan(1);
  });

  test.skipIf(!realData())("inspect says what it says in Node", async () => {
    const file = realData("penguins", "penguins.csv")!;
    const expected = plain(await inspect(file), file);
    expect(await page.ask("inspect", [file])).toEqual({ value: expected });
  });

  test.each(["csv", "ndjson", "parquet"])(
    "dates, numbers in texts and mixed cells of .%s",
    async (format) => {
      const rows = Array.from({ length: 80 }, (_, i) => ({
        when: `${1 + (i % 28)}.${1 + (i % 12)}.20${10 + (i % 9)} ${i % 24}:05`,
        iso: `2019-03-${10 + (i % 20)}${i % 2 ? "T10:00Z" : ""}`,
        either: `0${1 + (i % 9)}/0${1 + (i % 7)}/2019`,
        stored: `0${i % 7}`,
        mixed: i % 4 === 3 ? "broken" : String(i % 5),
        size: String(Math.round(100 * Math.sin(i)) / 10),
      }));
      const names = Object.keys(rows[0]!);
      const file = path(`dates.${format}`);
      const json = path("dates.ndjson");
      writeFileSync(json, rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
      if (format === "csv") {
        const lines = [names, ...rows.map((row) => Object.values(row))].map((cells) =>
          cells.join(","),
        );
        writeFileSync(file, lines.join("\n"));
      }
      if (format === "parquet") {
        const types = names.map((name) => `"${name}": 'VARCHAR'`).join(", ");
        const read = `read_json(${sqlText(json)}, columns = {${types}})`;
        await withDuckDB(file, (connection) =>
          connection.run(`COPY (FROM ${read}) TO ${sqlText(file)} (FORMAT parquet)`),
        );
      }
      const inspected = await inspect(file);
      expect(inspected.findings.map(({ code }) => code)).toEqual([
        ...["dates-ambiguous", "numbers-as-text", "column-mixed"],
        ...(format === "csv" ? [] : ["numbers-as-text"]),
      ]);
      expect(inspected.fields.slice(0, 2).map(({ kind }) => kind)).toEqual(["time", "time"]);
      expect(await page.ask("inspect", [file])).toEqual({ value: plain(inspected, file) });
    },
  );

  test("the README's page shows what a file holds", async () => {
    const [, block] = /^```html\n(.*?)^```$/ms.exec(readFileSync("README.md", "utf8"))!;
    const [tag, code] = /<script type="module">(.*)<\/script>/s.exec(block!)!;
    mkdirSync(path("app/node_modules"), { recursive: true });
    symlinkSync(resolve("."), path("app/node_modules/elbojs"));
    writeFileSync(path("app/main.js"), code!);
    const { pages } = await bundled(path("app/main.js"));
    const html = block!.replace(tag!, '<script type="module" src="/entry.js"></script>');
    const site = await serve({ "/index.html": html, ...pages }, []);
    const tab = await page.tab.context().newPage();
    try {
      await tab.goto(`${site.address}/index.html`);
      writeFileSync(path("people.csv"), "age,job\n41,nurse\n,teacher\n35,nurse\n");
      await tab.setInputFiles("input", path("people.csv"));
      await tab.waitForFunction("document.querySelector('pre').textContent !== ''");
      const shown = await tab.textContent("pre");
      expect(shown).toBe(
        "people.csv: 3 rows\nage: categorical, 1 missing\njob: categorical, 0 missing",
      );
    } finally {
      await tab.close();
      await site.close();
    }
  });

  test("several tables are one, in the order given, columns by name", async () => {
    const files = { "a.csv": "x,word\n1,one\n2,\n", "b.csv": "word,x\nthree,3\n" };
    for (const [name, text] of Object.entries(files)) writeFileSync(path(name), text);
    const paths = Object.keys(files).map(path);
    const inNode = await digestsOf(await openData(path("[ab].csv")));
    const answer = await page.ask("digests", paths);
    expect(answer).toMatchObject({ value: { source: { rows: 3 }, values: inNode.values } });
  });

  test("an IDX file with its labels", async () => {
    const [images, labels] = [path("i-idx3-ubyte"), path("l-idx1-ubyte")];
    writeFileSync(images, idxBytes(8, [3, 2, 2], new Uint8Array(12).fill(7)));
    writeFileSync(labels, idxBytes(8, [3], Uint8Array.of(4, 0, 9)));
    const inNode = await digestsOf(await openData(images, { labels }));
    const answer = await page.ask("digests", [images], {}, labels);
    expect(answer).toEqual({ value: plain(inNode, images) });
  });

  test("an array of an archive, windows of a series and of a text", async () => {
    const npz = "test/fixtures/data/deflated.npz";
    const inNode = await digestsOf(await openData(`${npz}#X`));
    const answer = await page.ask("digests", [npz], { member: "X" });
    expect(answer).toMatchObject({ value: { values: inNode.values } });
    writeFileSync(
      path("s.csv"),
      `t,x\n${Array.from({ length: 9 }, (_, i) => `2020-01-0${i + 1},${i}\n`).join("")}`,
    );
    writeFileSync(path("s.txt"), "a running text — cut in windows\n");
    for (const name of ["s.csv", "s.txt"]) {
      const expected = plain(
        await digestsOf(await openData(path(name), { window: 4 })),
        path(name),
      );
      expect(await page.ask("digests", [path(name)], { window: 4 })).toEqual({ value: expected });
    }
  });

  test("a folder that is dropped keeps its paths", async () => {
    mkdirSync(path("drop/b/c"), { recursive: true });
    for (const name of ["a.txt", "b/1.txt", "b/c/2.txt"]) writeFileSync(path(`drop/${name}`), name);
    await page.tab.evaluate(`void (globalThis.dropped = new Promise((resolve) => {
      document.addEventListener("dragover", (event) => event.preventDefault());
      document.addEventListener("drop", (event) => {
        event.preventDefault();
        resolve(page.droppedFiles(event.dataTransfer));
      });
    }).then(async (files) => Promise.all(
      files.map(async ({ path, file }) => [path, await file.text()])
    )))`);
    const session = await page.tab.context().newCDPSession(page.tab);
    const data = { items: [], files: [path("drop")], dragOperationsMask: 1 };
    for (const type of ["dragEnter", "dragOver", "drop"] as const) {
      await session.send("Input.dispatchDragEvent", { type, x: 200, y: 200, data });
    }
    const files = (await page.tab.evaluate("dropped")) as [string, string][];
    expect(files.sort()).toEqual([
      ["drop/a.txt", "a.txt"],
      ["drop/b/1.txt", "b/1.txt"],
      ["drop/b/c/2.txt", "b/c/2.txt"],
    ]);
  });

  test("a large CSV is read in bounded memory", async () => {
    // 134 MB of one line over and over, whose values alone would take 102 MB.
    const answer = await page.tab.evaluate(`(async () => {
      const block = "12345,some words and more,2020-01-01,0.25\\n".repeat(100_000);
      const blob = new Blob(["n,word,day,x\\n", ...Array.from({ length: 32 }, () => block)]);
      const source = await page.openData(new File([blob], "large.csv"));
      const before = performance.memory.usedJSHeapSize;
      let [rows, most] = [0, 0];
      for await (const chunk of source.chunks()) {
        rows += chunk.rows;
        most = Math.max(most, performance.memory.usedJSHeapSize - before);
      }
      return { bytes: blob.size, rows, most };
    })()`);
    const { bytes, rows, most } = answer as { bytes: number; rows: number; most: number };
    expect(rows).toBe(3_200_000);
    expect(most).toBeLessThan(bytes / 2);
  });
});
