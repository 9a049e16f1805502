// What cannot be read ends in a web page as it ends in Node: the same code, the same place.
import { readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ElboError } from "#elbo/base/errors.js";
import { withDuckDB } from "#elbo/data/duckdb.js";
import { type OpenOptions, openData } from "#elbo/data/open.js";
import { elboError } from "../../helpers/errors.ts";
import { sharedFolder } from "../../helpers/folder.ts";
import { idxBytes } from "../idx-bytes.ts";
import { digestsOf } from "./digests.ts";
import { missingBrowser, type Opened, openPage } from "./site.ts";

const fixtures = "test/fixtures/data";

/** By name: the bytes of a file that is bad, and the code of the error. */
const bad: Record<string, [bytes: Uint8Array | string, code: string]> = {
  "ragged.csv": ["a,b\n1,2\n3\n", "csv-ragged"],
  "latin.csv": [Buffer.from("name\nJos\xe9\n", "latin1"), "csv-encoding"],
  "utf16.csv": [Buffer.from("a,b\n1,2\n", "utf16le"), "csv-encoding"],
  "nul.csv": ["a,b\n1,\0\n", "csv-nul"],
  "quote.csv": ['a,b\n"1,2\n', "csv-quote"],
  "twice.csv": ["a,a\n1,2\n", "csv-duplicate-column"],
  "infinite.csv": ["a\n1\n1e999\n", "value-infinite"],
  "header.csv": ["a,b\n", "data-empty"],
  "empty.csv": ["", "data-empty"],
  "cut.csv.gz": [gzipSync("a,b\n1,2\n".repeat(5000)).subarray(0, 60), "gzip-damaged"],
  "flipped.csv.gz": [flipped(gzipSync("a,b\n1,2\n"), 20), "gzip-damaged"],
  "no.gz": [gzipSync("text"), "format-unknown"],
  "array.npy.gz": [gzipSync(readFileSync(join(fixtures, "u1.npy"))), "format-packed"],
  "cut.npy": [readFileSync(join(fixtures, "le-f8.npy")).subarray(0, 140), "npy-invalid"],
  "cut-header.npy": [readFileSync(join(fixtures, "le-f8.npy")).subarray(0, 40), "npy-invalid"],
  "cut.npz": [readFileSync(join(fixtures, "deflated.npz")).subarray(0, 300), "zip-invalid"],
  "flipped.npz": [flipped(readFileSync(join(fixtures, "deflated.npz")), 460), "zip-invalid"],
  "short.idx": [idxBytes(8, [4, 3, 3], new Uint8Array(30)), "idx-truncated"],
  "long.idx.gz": [gzipSync(idxBytes(8, [4, 3, 3], new Uint8Array(40))), "idx-trailing"],
  "magic.idx": ["not an IDX file", "idx-magic"],
  "bad.mtx": ["%%MatrixMarket matrix coordinate real general\n2 2 1\n3 1 1\n", "mtx-invalid"],
  "latin.txt": [Buffer.from("one\nJos\xe9\n", "latin1"), "text-encoding"],
  "blank.txt": ["\n\n", "data-empty"],
  "values.json": ["[1, 2]", "json-damaged"],
  "cut.ndjson": ['{"a": 1}\n{"a": ', "json-damaged"],
  "comma.json": ['[{"a": 1} {"a": 2}]', "json-damaged"],
  "empty.json": ["[]", "data-empty"],
  "table.xyz": ["a,b\n1,2\n", "format-unknown"],
  "images.zip": ["PK", "zip-invalid"],
};

function flipped(bytes: Uint8Array, at: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[at]! ^= 0xff;
  return copy;
}

describe.skipIf(missingBrowser)(`bad files in Chromium${missingBrowser}`, () => {
  const folder = sharedFolder();
  const path = (name: string) => join(folder, name);
  let page: Opened;
  let whole: Uint8Array;
  beforeAll(async () => {
    page = await openPage(path("profile"));
    for (const [name, [bytes]] of Object.entries(bad)) writeFileSync(path(name), bytes);
    await withDuckDB("test", (connection) =>
      connection.run(
        `COPY (SELECT i, repeat('text ' || i, 9) AS text FROM range(9000) t(i)) TO '${path("whole.parquet")}' (FORMAT parquet, ROW_GROUP_SIZE 2048)`,
      ),
    );
    whole = readFileSync(path("whole.parquet"));
  });
  afterAll(() => page?.close());

  async function inPage(paths: string[], options?: OpenOptions): Promise<Partial<ElboError>> {
    const answer = (await page.ask("digests", paths, options)) as { error?: ElboError };
    if (answer.error === undefined) throw new Error("no error came");
    return answer.error;
  }

  const inNode = (file: string, options?: OpenOptions) =>
    elboError(async () => digestsOf(await openData(file, options)));

  test.each(Object.keys(bad))("%s", async (name) => {
    const error = await inPage([path(name)]);
    const expected = await inNode(path(name));
    expect(error.code).toBe(bad[name]![1]);
    expect(expected.code).toBe(error.code);
    const place = expected.where && { ...expected.where, file: basename(expected.where.file) };
    // DuckDB counts the records of a file that begins as an array and is none otherwise.
    if (!/json$/.test(name)) expect(error.where).toEqual(place);
  });

  test.each(["object", "structured", "complex", "text"])("%s.npy", async (name) => {
    const file = join(fixtures, `${name}.npy`);
    const { code } = await inNode(file);
    expect(code).toMatch(/^npy-(pickled|dtype)$/);
    expect(await inPage([file])).toMatchObject({ code, where: { file: `${name}.npy` } });
  });

  test("Parquet cut or overwritten anywhere is damaged, and never hangs", async () => {
    const wrong: [string, Uint8Array][] = [
      ["cut", whole.subarray(0, whole.length / 2)],
      ["short", whole.subarray(0, 8)],
      ["footer", overwritten(whole, whole.length - 60, 40)],
      ["length", overwritten(whole, whole.length - 8, 4)],
      ["encrypted", Buffer.concat([Buffer.from("PARE"), whole.subarray(4)])],
      ["pages", overwritten(whole, 4, 3000)],
      ["middle", overwritten(whole, Math.floor(whole.length / 2), 300)],
    ];
    for (const [name, bytes] of wrong) {
      writeFileSync(path(`${name}.parquet`), bytes);
      const error = await inPage([path(`${name}.parquet`)]);
      expect([name, error.code]).toEqual([name, "parquet-damaged"]);
      expect(error.where).toEqual({ file: `${name}.parquet` });
    }
  });

  test("unsigned integers that hyparquet would read as others are refused", async () => {
    const sql = (version: string) =>
      `COPY (SELECT (4294967000 + i)::UINTEGER AS x FROM range(40) t(i)) TO '${path(`${version}.parquet`)}' (FORMAT parquet, PARQUET_VERSION ${version})`;
    await withDuckDB("test", async (connection) => {
      for (const version of ["v1", "v2"]) await connection.run(sql(version));
    });
    expect(await page.ask("digests", [path("v1.parquet")])).toHaveProperty("value");
    expect((await inPage([path("v2.parquet")])).code).toBe("parquet-unsupported");
  });

  test("options that the data has no use for, and files that make no one table", async () => {
    const file = path("ok.csv");
    writeFileSync(file, "a,b\n1,2\n");
    writeFileSync(path("other.csv"), "a,c\n1,2\n");
    writeFileSync(path("ok.ndjson"), '{"a":1}\n');
    const size = { size: { width: 3, height: 3 } };
    expect((await inPage([file], size)).code).toBe((await inNode(file, size)).code);
    expect((await inPage([file], { sise: 3 } as OpenOptions)).code).toBe("option-unknown");
    expect((await inPage([file, path("other.csv")])).code).toBe("columns-differ");
    expect((await inPage([file, path("ok.ndjson")])).code).toBe("format-mixed");
    expect((await inPage([file, path("table.xyz")])).code).toBe("format-unknown");
    writeFileSync(path("x.h5ad"), "");
    expect((await inPage([path("x.h5ad")])).code).toBe("format-unknown");
  });

  test("a file that is changed while it is in use is an error", async () => {
    const file = path("changing.csv");
    writeFileSync(file, `a,b\n${"1,2\n".repeat(1000)}`);
    await page.tab.setInputFiles("#files", [file]);
    await page.tab.evaluate("void (globalThis.chosen = files.files[0])");
    writeFileSync(file, `a,b\n${"1,2\n".repeat(2000)}`);
    const answer = (await page.tab.evaluate("page.digests(chosen)")) as { error: ElboError };
    expect(answer.error).toMatchObject({ code: "file-changed", where: { file: "changing.csv" } });
  });
});

function overwritten(bytes: Uint8Array, at: number, length: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy.fill(0xff, at, at + length);
  return copy;
}
