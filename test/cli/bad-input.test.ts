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
import { encode } from "fast-png";
import sharp from "sharp";
import { afterAll, beforeAll, expect, test } from "vitest";
import { idxBytes } from "../data/idx-bytes.ts";
import { encodeNpy } from "../data/npy-bytes.ts";
import { makeZip } from "../data/zip/make-zip.ts";
import { testFolder } from "../helpers/folder.ts";
import { elboDone, elboFails, numbers, writeData } from "./support.ts";

const images = idxBytes(
  8,
  [60, 4, 5],
  Uint8Array.from({ length: 1200 }, (_, i) => (i * 37) % 256),
);

/** Rows of `x,city,n`, 200 of them; `line` takes the place of row 71, the header counted. */
function table(line?: string): string {
  const rows = Array.from({ length: 200 }, (_, i) => {
    return `${(i * 37) % 91}.5,${["köln", "münchen"][i % 2]},${i % 31}`;
  });
  if (line !== undefined) rows[69] = line;
  return `x,city,n\n${rows.join("\n")}\n`;
}

const npy = Buffer.concat(encodeNpy([60, 2], new Float32Array(120)));
const pickled = Buffer.concat(encodeNpy([60], new Float64Array(60)));
pickled.write(pickled.toString("latin1").replace("'<f8'", "'|O' "), "latin1");
const png = encode({ width: 2, height: 2, channels: 1, data: Uint8Array.of(1, 2, 3, 4) });
const bomb = { name: "zeros.png", data: Buffer.alloc(1 << 20), deflate: true };

test.each<[string, string, string | Uint8Array | null, number, string, ...string[]]>([
  ["missing file", "iris.csv", null, 1, "file-missing", "iris.csv does not exist"],
  ["empty file", "d.csv", "", 1, "data-empty", "d.csv"],
  ["header alone", "d.csv", "a,b\n", 1, "data-empty", "d.csv"],
  ["ragged rows", "d.csv", "a,b\n1,2\n3\n", 1, "csv-ragged", "d.csv, row 3"],
  [
    "a CSV in Latin-1",
    "d.csv",
    Buffer.from(table(), "latin1"),
    1,
    "csv-encoding",
    "row 2",
    "UTF-8",
  ],
  [
    "a CSV in UTF-16",
    "d.csv",
    Buffer.from(`\ufeff${table()}`, "utf16le"),
    1,
    "csv-encoding",
    "row 1",
  ],
  ["an unclosed quote", "d.csv", table('0.5,"köln,3'), 1, "csv-quote", "d.csv, row 71", "quote"],
  [
    "a text among numbers",
    "d.csv",
    table("oops,köln,3"),
    1,
    "column-mixed",
    "d.csv, row 71",
    '"oops"',
  ],
  ["two columns of a name", "d.csv", "a,a\n1,2\n3,4\n", 1, "csv-duplicate-column", '"a"'],
  ["an infinite value", "d.csv", table("inf,köln,3"), 1, "value-infinite", "row 71", '"x"'],
  ["a pickled array", "d.npz", makeZip([{ name: "o.npy", data: pickled }]), 1, "npy-pickled", "#o"],
  ["a .npy cut short", "d.npy", npy.subarray(0, 200), 1, "npy-invalid", "d.npy"],
  [
    "a zip that climbs out",
    "d.zip",
    makeZip([{ name: "../a.png", data: png }]),
    1,
    "zip-unsafe",
    "../a",
  ],
  ["a zip of zeros", "d.zip", makeZip([bomb]), 1, "zip-bomb", "d.zip"],
  ["truncated IDX", "d.idx", images.subarray(0, 700), 1, "idx-truncated", "d.idx"],
  ["truncated gzip", "d.idx.gz", gzipSync(images).subarray(0, 60), 1, "gzip-damaged", "d.idx.gz"],
  ["unknown format", "d.docx", "text", 2, "format-unknown", ".docx"],
  ["a folder without images", ".", null, 1, "data-empty", "."],
])("train on %s", async (_, name, content, code, error, ...says) => {
  const folder = testFolder();
  if (content !== null) writeData(folder, name, content);
  const failed = await elboFails(folder, code, "train", name, "--out", "r");
  for (const part of says) expect(failed.message).toContain(part);
  expect(failed.code).toBe(error);
  expect(readdirSync(folder)).toEqual(content === null ? [] : [name]);
  const inspected = await elboFails(folder, code, "inspect", name);
  expect(inspected).toEqual(failed);
});

test("constant columns are refused by train, and shown by inspect", async () => {
  const folder = testFolder();
  writeData(folder, "d.csv", "a,b\n1,\n1,\n");
  const failed = await elboFails(folder, 2, "train", "d.csv", "--out", "r");
  expect(failed.code).toBe("no-data-columns");
  expect(failed.message).toContain("none of the 2 columns");
  expect(readdirSync(folder)).toEqual(["d.csv"]);
  const { stdout } = await elboDone(folder, "inspect", "d.csv");
  expect(stdout).toContain('column "a" has the same value in every row');
});

test("a Parquet file that is cut short", async () => {
  const folder = testFolder();
  writeData(folder, "d.csv", table());
  await elboDone(folder, "train", "d.csv", "--epochs", "1", "--out", "r");
  await elboDone(folder, "sample", "r", "-n", "50", "-o", "d.parquet");
  truncateSync(join(folder, "d.parquet"), 300);
  const failed = await elboFails(folder, 1, "train", "d.parquet");
  expect(failed).toMatchObject({ code: "parquet-damaged" });
  expect(failed.message).toContain("d.parquet");
});

test("a negative number in a declared count is named, with its row as the file counts it", async () => {
  const folder = testFolder();
  writeData(folder, "d.csv", table("0.5,köln,-3"));
  const failed = await elboFails(folder, 2, "train", "d.csv", "--kind", "n=count");
  expect(failed).toMatchObject({ code: "kind-impossible" });
  expect(failed.message).toContain("d.csv, row 71: a count column holds whole numbers");
  expect(failed.message).toContain('column "n" holds a number below 0 (the least is -3)');
});

test("an image that is broken is named, skipped and counted; more than 1 % are an error", async () => {
  const folder = testFolder();
  const jpeg = await sharp(
    Uint8Array.from({ length: 400 }, (_, i) => (i * 37) % 251),
    {
      raw: { width: 20, height: 20, channels: 1 },
    },
  )
    .jpeg()
    .toBuffer();
  for (let i = 0; i < 110; i++) writeData(join(folder, "i"), `${i}.jpg`, jpeg);
  writeData(join(folder, "i"), "7.jpg", jpeg.subarray(0, 150));
  const words = ["train", "i", "--network", "mlp:4", "--epochs", "1", "--out", "r"];
  const { stderr } = await elboDone(folder, ...words);
  expect(stderr).toMatch(/^note: 1 image of 110 cannot be read and left out: .*7\.jpg/m);
  expect(stderr).toMatch(/^data +i: 109 images of 20×20/m);
  writeData(join(folder, "i"), "8.jpg", "no image");
  const failed = await elboFails(folder, 1, ...words, "--force");
  expect(failed.code).toBe("images-broken");
  expect(failed.message).toMatch(/2 of 110 images cannot be read.*7\.jpg.*8\.jpg/);
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
  expect(kind).toMatchObject({
    code: "data-mismatch",
    hint: "Give data with the run's columns: i.idx holds images of 4×5×1.",
  });
  writeData(folder, "other.csv", "c0,c1,d2\n1,2,3\n");
  const columns = await elboFails(folder, 2, "evaluate", "r", "other.csv");
  expect(columns).toMatchObject({ code: "data-mismatch", hint: expect.stringContaining("d2") });
  writeData(folder, "texts.csv", "c0,c1,c2\n1,2,3\n1,2,x\n");
  const texts = await elboFails(folder, 1, "encode", "r", "texts.csv", "-o", "z.csv");
  expect(texts.message).toBe(
    'texts.csv, row 3, column "c2": the column holds numbers, received "x"',
  );
  expect(existsSync(join(folder, "z.csv"))).toBe(false);
});

test("columns in another order are found by name, and others beside them are no matter", async () => {
  const folder = trainedFolder();
  const lines = readFileSync(join(folder, "d.csv"), "utf8").trimEnd().split("\n");
  const moved = lines.map((line, i) => {
    const [a, b, c] = line.split(",");
    return [c, i === 0 ? "note" : "x", a, b].join();
  });
  writeData(folder, "moved.csv", moved.join("\n"));
  await elboDone(folder, "encode", "r", "d.csv", "-o", "z.csv");
  await elboDone(folder, "encode", "r", "moved.csv", "-o", "m.csv");
  expect(readFileSync(join(folder, "m.csv"))).toEqual(readFileSync(join(folder, "z.csv")));
});

test("a level that training has not seen is a note when scoring", async () => {
  const folder = testFolder();
  writeData(folder, "d.csv", table());
  await elboDone(folder, "train", "d.csv", "--epochs", "1", "--out", "r");
  writeData(folder, "new.csv", table("0.5,bonn,3"));
  const { stderr } = await elboDone(folder, "encode", "r", "new.csv", "-o", "z.csv");
  expect(stderr).toMatch(
    /^note: column "city": 1 cell .* none of its 2 levels.*"bonn" in row 71$/m,
  );
  const told = await elboDone(folder, "evaluate", "r", "new.csv", "--json");
  expect(JSON.parse(told.stdout).warnings).toMatchObject([{ code: "level-unseen" }]);
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
