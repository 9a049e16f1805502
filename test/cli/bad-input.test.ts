// Input that cannot be used, end to end: one clear error, the right exit code, nothing left over.
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { idxBytes } from "../data/idx-bytes.ts";
import { testFolder } from "../helpers/folder.ts";
import { elboDone, elboFails, numbers, writeData } from "./support.ts";

const images = idxBytes(
  8,
  [60, 4, 5],
  Uint8Array.from({ length: 1200 }, (_, i) => (i * 37) % 256),
);

test.each([
  ["missing file", "iris.csv", null, 1, "file-missing", "iris.csv does not exist"],
  ["empty file", "d.csv", "", 1, "data-empty", "d.csv"],
  ["header alone", "d.csv", "a,b\n", 1, "data-empty", "d.csv"],
  ["ragged rows", "d.csv", "a,b\n1,2\n3\n", 1, "csv-ragged", "row 3"],
  ["no numeric column", "d.csv", "a,b\nx,y\nz,w\n", 1, "csv-no-numeric", '"a", "b"'],
  ["no row without gaps", "d.csv", "a,b\n1,\n,2\n", 1, "rows-all-incomplete", "d.csv"],
  ["truncated IDX", "d.idx", images.subarray(0, 700), 1, "idx-truncated", "d.idx"],
  ["truncated gzip", "d.idx.gz", gzipSync(images).subarray(0, 60), 1, "gzip-damaged", "d.idx.gz"],
  ["unknown format", "d.docx", "text", 2, "format-unknown", ".docx"],
  ["a folder", ".", null, 1, "file-is-folder", "folder"],
] as const)("train on %s", async (_, name, content, code, error, says) => {
  const folder = testFolder();
  if (content !== null) writeData(folder, name, content);
  const failed = await elboFails(folder, code, "train", name, "--out", "r");
  expect(failed.message).toContain(says);
  expect(failed.code).toBe(error);
  expect(readdirSync(folder)).toEqual(content === null ? [] : [name]);
  if (name !== ".") {
    const inspected = await elboFails(folder, code, "inspect", name);
    expect(inspected).toEqual(failed);
  }
});

test("a mistyped file name is answered with its neighbour", async () => {
  const folder = testFolder();
  writeData(folder, "iris.csv", numbers(3, 2));
  const { hint } = await elboFails(folder, 1, "train", "irsi.csv");
  expect(hint).toContain("did you mean iris.csv?");
});

let shared: string;
beforeAll(async () => {
  shared = mkdtempSync(join(tmpdir(), "elbo-test-"));
  writeData(shared, "d.csv", numbers(60, 3));
  await elboDone(shared, "train", "d.csv", "--epochs", "1", "--out", "r");
});
afterAll(() => rmSync(shared, { recursive: true }));

/** A folder with a table `d.csv` and a run `r` of it. */
function trainedFolder(): string {
  const folder = testFolder();
  cpSync(shared, folder, { recursive: true });
  return folder;
}

const weights = join("r", "model.safetensors");
const config = join("r", "config.json");

test.each([
  ["weights missing", "file-missing", (folder: string) => rmSync(join(folder, weights))],
  [
    "weights cut",
    "safetensors-invalid",
    (folder: string) => truncateSync(join(folder, weights), 900),
  ],
  [
    "a weight changed",
    "weights-changed",
    (folder: string) => edit(join(folder, weights), (bytes) => bytes.with(-5, bytes.at(-5)! ^ 1)),
  ],
  [
    "weights of another model",
    "weights-mismatch",
    (folder: string) => editConfig(folder, ({ model }) => (model.latent = 1)),
  ],
  ["no configuration", "run-missing", (folder: string) => rmSync(join(folder, config))],
  ["configuration cut", "run-config", (folder: string) => truncateSync(join(folder, config), 90)],
  [
    "configuration of a newer elbo",
    "run-newer",
    (folder: string) => editConfig(folder, (json) => (json.format = 99)),
  ],
  [
    "a method that is none",
    "run-config",
    (folder: string) => editConfig(folder, ({ model }) => (model.method = "__proto__")),
  ],
  [
    "a layer too large for any memory",
    "run-config",
    (folder: string) => editConfig(folder, ({ model }) => (model.network.hidden = [1e12])),
  ],
  [
    "no run at all",
    "file-missing",
    (folder: string) => rmSync(join(folder, "r"), { recursive: true }),
  ],
] as const)("a run with %s", async (_, code, damage) => {
  const folder = trainedFolder();
  damage(folder);
  for (const words of [
    ["evaluate", "r", "d.csv"],
    ["sample", "r", "-n", "3", "-o", "out.csv"],
  ]) {
    const error = await elboFails(folder, 1, ...words);
    expect(error.code).toBe(code);
    expect(error.hint).not.toBe("");
  }
  expect(existsSync(join(folder, "out.csv"))).toBe(false);
});

test.each([
  ["encode", ["encode", "r", "d.csv", "-o"]],
  ["reconstruct", ["reconstruct", "r", "d.csv", "-o"]],
  ["sample", ["sample", "r", "-n", "3", "-o"]],
])("%s refuses an output before it computes, and replaces it with --force", async (_, words) => {
  const folder = trainedFolder();
  writeData(folder, "out.csv", "mine");
  const exists = await elboFails(folder, 2, ...words, "out.csv");
  expect(exists.code).toBe("output-exists");
  expect(readFileSync(join(folder, "out.csv"), "utf8")).toBe("mine");
  expect((await elboFails(folder, 2, ...words, "out.png")).code).toBe("format-unknown");
  expect((await elboFails(folder, 2, ...words, join("no", "out.csv"))).code).toBe("file-missing");
  await elboDone(folder, ...words, "out.csv", "--force");
  expect(readFileSync(join(folder, "out.csv"), "utf8")).toMatch(/^(z0|c0),/);
  expect(readdirSync(folder).sort()).toEqual(["d.csv", "out.csv", "r"]);
});

test("data of another kind or without the run's columns is refused", async () => {
  const folder = trainedFolder();
  writeData(folder, "i.idx", images);
  const kind = await elboFails(folder, 2, "encode", "r", "i.idx", "-o", "z.csv");
  expect(kind.code).toBe("data-mismatch");
  writeData(folder, "other.csv", "c0,c1,d2\n1,2,3\n");
  const columns = await elboFails(folder, 2, "evaluate", "r", "other.csv");
  expect(columns).toMatchObject({ code: "data-mismatch", hint: expect.stringContaining("d2") });
});

function edit(path: string, change: (bytes: Uint8Array) => Uint8Array): void {
  writeFileSync(path, change(new Uint8Array(readFileSync(path))));
}

interface EditedConfig {
  format: number;
  model: { latent: number; method: string; network: { hidden: number[] } };
}

function editConfig(folder: string, change: (json: EditedConfig) => unknown): void {
  const path = join(folder, config);
  const json = JSON.parse(readFileSync(path, "utf8")) as EditedConfig;
  change(json);
  writeFileSync(path, JSON.stringify(json));
}
