// The folder that an export is: its card, its programs, and how it comes to be.
import { execFileSync, spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join, resolve } from "node:path";
import { chromium } from "playwright-core";
import { transformWithOxc } from "vite";
import { describe, expect, test } from "vitest";
import { exampleRows } from "#elbo/tasks/export/example-rows.js";
import { exportRun } from "#elbo/tasks/export/export.js";
import { partNames, requireSize } from "#elbo/tasks/export/refusals.js";
import { elboError } from "../../helpers/errors.ts";
import { sharedFolder, testFolder } from "../../helpers/folder.ts";
import { serve } from "../../helpers/site.ts";
import { findChromium } from "../../helpers/software-gpu.ts";
import { modelConfig } from "../../models/config.ts";
import { caseOf, every, genes, picture, runOf, withRole, words3 } from "./every.ts";
import { fileOf } from "./likeness.ts";
import { expectAlike } from "./ports.ts";

const { real, text, positive, date, flag, vector } = every;
const { schema } = caseOf([
  ...[real, positive, date, picture, genes, vector],
  withRole(text, "condition"),
  withRole(flag, "target"),
]);
const run = runOf(schema, modelConfig({ latent: 3 }));
const texts = caseOf([real, words3]).schema;

const programFiles = ["README.md", "example.html", "example.json", "example.py", "example.ts"];
const files = [...programFiles, ...partNames.map((name) => `${name}.onnx`)].sort();

test("the two example rows differ, of an image alone too", () => {
  for (const columns of [[picture], [genes], [vector], [words3], [real], [picture, real]]) {
    const { schema: own } = caseOf(columns);
    const alone = runOf(own, modelConfig({ latent: 3, decoding: "one-shot" }));
    const part = fileOf(alone, "score");
    for (const [first, second] of Object.values(exampleRows(own, [part])).slice(0, 1)) {
      expect(second).not.toEqual(first);
    }
  }
});

test("a run is exported as files, the same bytes each time", async () => {
  const folder = join(testFolder(), "new", "export");
  const exported = await exportRun(run, folder, { license: "CC0-1.0" });
  expect(readdirSync(folder).sort()).toEqual(files);
  expect(exported.parts).toEqual(partNames);
  for (const { name, bytes } of exported.files) {
    expect(readFileSync(join(folder, name))).toHaveLength(bytes);
  }
  const again = join(testFolder(), "again");
  await exportRun(run, again, { license: "CC0-1.0" });
  for (const name of files) {
    expect(readFileSync(join(again, name)).equals(readFileSync(join(folder, name)))).toBe(true);
  }
});

test("the card tells data, schema, limits, and what each file takes and gives", async () => {
  const folder = join(testFolder(), "export");
  await exportRun(run, folder, { license: "CC0-1.0", parts: ["encoder", "score"] });
  const card = readFileSync(join(folder, "README.md"), "utf8");
  expect(card).toMatch(/^---\nlicense: "CC0-1.0"\n/);
  expect(card).toContain(
    "| `height` | data | real | gaussian | yes | mean 170.25, deviation 9.5 |",
  );
  expect(card).toContain("| `city` | condition | categorical |");
  expect(card).toContain('| `city` | string | (rows) | one of 3 texts; "": missing |');
  expect(card).toContain(
    "| `picture` | uint8 | (rows, 4, 3, 2) | pixels: height, width, channels |",
  );
  expect(card).toContain("## Limits");
  expect([card.includes("### score.onnx"), card.includes("### decoder.onnx")]).toEqual([
    true,
    false,
  ]);
});

describe("refusals", () => {
  test("what exists, without force; with it, what is no export", async () => {
    const folder = join(testFolder(), "export");
    await exportRun(run, folder, { parts: ["encoder"] });
    const refused = await elboError(() => exportRun(run, folder));
    expect(refused).toMatchObject({ code: "output-exists", kind: "usage" });
    expect(readdirSync(folder)).toContain("encoder.onnx");
    await exportRun(run, folder, { parts: ["score"], force: true });
    expect(readdirSync(folder)).not.toContain("encoder.onnx");
    writeFileSync(join(folder, "thesis.tex"), "years of work");
    const kept = await elboError(() => exportRun(run, folder, { force: true }));
    expect(kept.message).toContain("holds what no export does");
    expect(readFileSync(join(folder, "thesis.tex"), "utf8")).toBe("years of work");
  });

  test("a folder that cannot be written leaves nothing", async () => {
    const parent = testFolder();
    writeFileSync(join(parent, "file"), "");
    const error = await elboError(() => exportRun(run, join(parent, "file", "export")));
    expect(error.code).toBe("folder-is-file");
    expect(readdirSync(parent)).toEqual(["file"]);
  });

  const isRoot = process.getuid?.() === 0;
  const allowed = isRoot ? " (skipped: root may write anywhere)" : "";
  test.skipIf(isRoot)(`a folder without permission${allowed}`, async () => {
    const parent = join(testFolder(), "closed");
    mkdirSync(parent);
    chmodSync(parent, 0o500);
    const error = await elboError(() => exportRun(run, join(parent, "export")));
    expect(error.code).toBe("file-permission");
    expect(readdirSync(parent)).toEqual([]);
  });

  test("an unknown part, and predict without targets", async () => {
    const folder = join(testFolder(), "export");
    const typo = await elboError(() => exportRun(run, folder, { parts: ["encodr" as "encoder"] }));
    expect(typo).toMatchObject({ code: "option-value", hint: "Did you mean encoder?" });
    const plain = runOf(texts, modelConfig());
    const none = await elboError(() => exportRun(plain, folder, { parts: ["predict"] }));
    expect(none).toMatchObject({ code: "export-part", kind: "usage" });
    expect(existsSync(folder)).toBe(false);
  });

  test("a file that ONNX cannot hold", async () => {
    requireSize("decoder", 2 ** 31 - 1);
    const error = await elboError(() => requireSize("decoder", 3 * 2 ** 30));
    expect(error).toMatchObject({ code: "export-part", kind: "usage" });
    expect(error.message).toContain("less than 2 GiB, and it would have 3.0");
  });

  test("a density of latents that is to be fitted to data that are gone", async () => {
    const folder = join(testFolder(), "export");
    const ae = runOf(caseOf([real]).schema, modelConfig({ method: "ae" }));
    const { leftOut } = await exportRun(ae, folder);
    expect(leftOut.map(({ part }) => part)).toEqual(["sample"]);
    expect(leftOut[0]!.reason).toContain("ae has no prior");
  });
});

/** `part "name" [shape] [values]` of each line, but of noise. */
function shown(output: string) {
  const lines = output.trim().split("\n");
  return lines.map((line) => {
    const [, part, name, shape, values] = /^(\w+) (".*?") (\[.*?\]) (\[.*\])$/.exec(line)!;
    const numbers = JSON.parse(values!.replaceAll("NaN", "null")) as (number | string | null)[];
    return {
      what: `${part} ${name} ${shape!.replaceAll(" ", "")}`,
      values: part === "sample" ? null : numbers.map((value) => value ?? Number.NaN),
    };
  });
}

describe("the programs", () => {
  const folder = join(sharedFolder(), "export");
  const lines = async () => {
    if (!existsSync(folder)) {
      await exportRun(run, folder);
      symlinkSync(resolve("node_modules"), join(folder, "node_modules"));
    }
    const { code } = await transformWithOxc(
      readFileSync(join(folder, "example.ts"), "utf8"),
      "a.ts",
    );
    const script = join(folder, "example.mjs");
    writeFileSync(script, code);
    return shown(execFileSync(process.execPath, [script], { encoding: "utf8" }));
  };

  test("in TypeScript", async () => {
    const results = await lines();
    const compiler = resolve("node_modules/typescript/bin/tsc");
    const flags =
      "--noEmit --strict --noUncheckedIndexedAccess --erasableSyntaxOnly --module nodenext";
    const types = ["--target", "es2023", "--types", "node"];
    const words = [compiler, ...flags.split(" "), ...types, "example.ts"];
    writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
    execFileSync(process.execPath, words, { cwd: folder, stdio: "pipe" });
    const parts = new Set(results.map(({ what }) => what.split(" ")[0]));
    expect([...parts]).toEqual([...partNames]);
    expect(results.find(({ what }) => what === 'decoder "picture" [2,4,3,2]')).toBeDefined();
  });

  const python = process.env["ELBO_PYTHON"] ?? "python3";
  const hasOrt = spawnSync(python, ["-c", "import onnxruntime, numpy"]).status === 0;
  const noOrt = hasOrt ? "" : " (skipped: it has no onnxruntime; ELBO_PYTHON names another)";
  test.skipIf(!hasOrt)(`in Python: ${python}${noOrt}`, async () => {
    const expected = await lines();
    const printed = execFileSync(python, [join(folder, "example.py")], { encoding: "utf8" });
    const results = shown(printed);
    expect(results.map(({ what }) => what)).toEqual(expected.map(({ what }) => what));
    for (const [i, { what, values }] of expected.entries()) {
      if (values) expectAlike(results[i]!.values as number[], values, what);
    }
  });

  const executablePath = findChromium();
  const noBrowser = executablePath
    ? ""
    : " (no chromium: apt-get install chromium, or set CHROMIUM)";
  test.skipIf(noBrowser)(`in a web page, offline${noBrowser}`, async () => {
    const expected = await lines();
    const site = await serve({}, [""], folder);
    const context = await chromium.launchPersistentContext(testFolder(), {
      executablePath: executablePath ?? "",
      headless: true,
      args: ["--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking"],
    });
    try {
      const page = await context.newPage();
      const abroad: string[] = [];
      page.on("request", (request) => {
        if (!request.url().startsWith(site.address)) abroad.push(request.url());
      });
      await page.goto(`${site.address}/example.html`);
      await page.waitForFunction("document.title === 'done' || document.title === 'failed'");
      const results = shown((await page.textContent("pre"))!);
      expect(abroad.filter((url) => url.startsWith("http"))).toEqual([]);
      expect(results.map(({ what }) => what)).toEqual(expected.map(({ what }) => what));
      for (const [i, { what, values }] of expected.entries()) {
        if (values) expectAlike(results[i]!.values as number[], values, what);
      }
    } finally {
      await context.close();
      await site.close();
    }
  });
});
