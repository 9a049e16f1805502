// The ONNX files in Python: onnx's own checker accepts them, and onnxruntime computes the same.
import { execFileSync, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { gradients, type Tensor, toOnnx } from "#elbo/graph/index.js";
import { testFolder } from "../helpers/folder.ts";
import type { Feeds, Value } from "../oracle/index.ts";
import { cases } from "./cases/index.ts";
import { forExamples } from "./draw.ts";
import { expectLikeOracle } from "./onnx.ts";

const python = process.env["ELBO_PYTHON"] ?? "python3";
const hasOnnx = spawnSync(python, ["-c", "import onnx, onnxruntime, numpy"]).status === 0;
const BATCH_SIZE = 3;

interface Entry {
  name: string;
  outputs: Tensor[];
  feeds: Feeds;
}

/** One example of each operator with its gradient. */
async function examples(): Promise<Entry[]> {
  const entries: Entry[] = [];
  for (const [name, example] of Object.entries(cases)) {
    await forExamples(example, 1, (y, draw) => {
      const outputs = [y, ...gradients(y.square().sum(), draw.reals)];
      entries.push({ name, outputs, feeds: draw.feeds(BATCH_SIZE) });
    });
  }
  return entries;
}

const reason = hasOnnx
  ? ""
  : " (skipped: it has no onnx or onnxruntime; ELBO_PYTHON names another)";

describe.skipIf(!hasOnnx)(`${python}${reason}`, () => {
  for (const form of ["inputs", "initializers"] as const) {
    test(`checks and runs every operator, parameters as ${form}`, async () => {
      const folder = testFolder();
      const entries = await examples();
      const manifest = entries.map(({ outputs, feeds }, i) => {
        const weights = new Map(
          Object.entries(feeds).map(([name, { data }]) => [name, Float32Array.from(data)]),
        );
        const named = Object.fromEntries(outputs.map((output, j) => [`y${j}`, output]));
        const model = toOnnx(named, form === "initializers" ? weights : undefined);
        writeFileSync(join(folder, `${i}.onnx`), model.bytes);
        const given = form === "inputs" ? [...model.inputs, ...model.parameters] : model.inputs;
        const parts = given.map(({ name, dtype }) => [name, { ...feeds[name], dtype }] as const);
        return { file: `${i}.onnx`, feeds: Object.fromEntries(parts) };
      });
      writeFileSync(join(folder, "manifest.json"), JSON.stringify(manifest));
      const script = fileURLToPath(new URL("check_onnx.py", import.meta.url));
      const printed = execFileSync(python, [script, folder], { encoding: "utf8" });
      const results = JSON.parse(printed) as { shape: number[]; data: number[] }[][];
      expect(results).toHaveLength(entries.length);
      for (const [i, { outputs, feeds }] of entries.entries()) {
        const received: Value[] = results[i]!.map(({ shape, data }) => ({
          shape,
          data: Float64Array.from(data),
        }));
        expectLikeOracle(received, outputs, feeds, BATCH_SIZE);
      }
    });
  }
});
