// Exported files in Python: onnx's checker accepts them, and onnxruntime gives the same numbers.
import { execFileSync, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { testFolder } from "../../helpers/folder.ts";
import { expectAlike } from "./ports.ts";
import { entries, jsonOf, withNaN } from "./runtimes.ts";

const python = process.env["ELBO_PYTHON"] ?? "python3";
const hasOnnx = spawnSync(python, ["-c", "import onnx, onnxruntime, numpy"]).status === 0;
const reason = hasOnnx
  ? ""
  : " (skipped: it has no onnx or onnxruntime; ELBO_PYTHON names another)";

describe.skipIf(!hasOnnx)(`${python}${reason}`, () => {
  test("every part of every kind of field", async () => {
    const folder = testFolder();
    const all = await entries();
    const manifest = all.map(({ bytes, feeds }, i) => {
      writeFileSync(join(folder, `${i}.onnx`), bytes);
      return { file: `${i}.onnx`, feeds: jsonOf(feeds) };
    });
    writeFileSync(join(folder, "manifest.json"), JSON.stringify(manifest));
    const script = fileURLToPath(new URL("run_parts.py", import.meta.url));
    const printed = execFileSync(python, [script, folder], { encoding: "utf8" });
    const results = JSON.parse(printed) as Record<string, (number | string | null)[]>[];
    expect(results).toHaveLength(all.length);
    for (const [i, { name, expected }] of all.entries()) {
      expect(Object.keys(results[i]!).sort()).toEqual(Object.keys(expected).sort());
      for (const [output, data] of Object.entries(expected)) {
        expectAlike(withNaN(results[i]![output]!), data, `${name}: ${output}`);
      }
    }
  });
});
