// The order of the folders in src/: a folder imports only from itself and from those before it.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { expect, test } from "vitest";

const order = [
  "base",
  "graph",
  "runtime",
  "nn",
  "prob",
  "fields",
  "data",
  "models",
  "metrics",
  "train",
  "codec",
  "tasks",
  "report",
  "index.ts",
  "browser.ts",
  "cli",
  "studio",
];

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? sources(path) : path.endsWith(".ts") ? [path] : [];
  });
}

/** Imports of `text` (a file at `path` in src/) that point down the order, as sentences. */
function violations(path: string, text: string): string[] {
  const rank = (file: string) => order.indexOf(relative("src", file).split(/[\\/]/)[0]!);
  return [...text.matchAll(/(?:from|import|import\()\s*"(\.[^"]+)"/g)]
    .map((match) => relative(".", resolve(dirname(path), match[1]!)))
    .filter((target) => rank(target) < 0 || rank(target) > rank(path))
    .map((target) => `${path} imports ${target}`);
}

const files = sources("src").filter((path) => !path.includes(`${sep}assembly${sep}`));

test("every file of src/ is in a folder of the order", () => {
  const known = new Set(order);
  expect(readdirSync("src").filter((name) => !known.has(name))).toEqual([]);
  expect(files.length).toBeGreaterThan(2);
});

test("folders import only upwards", () => {
  expect(files.flatMap((path) => violations(path, readFileSync(path, "utf8")))).toEqual([]);
});

test("an import against the order is found", () => {
  expect(violations("src/graph/tensor.ts", 'import { x } from "../runtime/device.ts";')).toEqual([
    "src/graph/tensor.ts imports src/runtime/device.ts",
  ]);
  expect(
    violations("src/train/fit.ts", 'import type { Tensor } from "../graph/tensor.ts";'),
  ).toEqual([]);
});

test("no file has grown past what one concept needs", () => {
  const long = files.filter((path) => {
    return statSync(path).size > 0 && readFileSync(path, "utf8").split("\n").length > 320;
  });
  expect(long.filter((path) => !path.endsWith("binary.ts"))).toEqual([]);
});
