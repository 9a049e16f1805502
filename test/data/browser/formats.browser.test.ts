// Every format as headless Chromium reads it through File objects: the very columns, values and notes
// that Node reads from the same bytes.
import { writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type OpenOptions, openData } from "#elbo/data/open.js";
import { realData } from "../../helpers/data.ts";
import { sharedFolder } from "../../helpers/folder.ts";
import { digestsOf } from "./digests.ts";
import { missingBrowser, type Opened, openPage } from "./site.ts";
import { writeTables } from "./tables.ts";

const fixtures = "test/fixtures/data";
const text = "one\n\nzwei — 二\r\nthree and more, the last";

describe.skipIf(missingBrowser)(`files in Chromium${missingBrowser}`, () => {
  const folder = sharedFolder();
  const path = (name: string) => join(folder, name);
  let page: Opened;
  beforeAll(async () => {
    page = await openPage(path("profile"));
    await writeTables(folder);
    writeFileSync(path("t.txt"), text);
    writeFileSync(path("t.txt.gz"), gzipSync(text));
  });
  afterAll(() => page?.close());

  /** Node's digests, without the folders that a page does not see. */
  async function inNode(file: string, options: OpenOptions = {}, member = ""): Promise<unknown> {
    const source = await openData(file + member, options);
    try {
      const text = JSON.stringify({ value: await digestsOf(source) });
      return JSON.parse(text.replaceAll(file, basename(file)));
    } finally {
      await source.close?.();
    }
  }

  async function same(file: string, options: OpenOptions = {}): Promise<void> {
    expect(await page.ask("digests", [file], options)).toEqual(await inNode(file, options));
  }

  test("the bundle holds our code and the reader of Parquet, and no module of Node", () => {
    const foreign = page.modules.filter((id) => !/^(build|dist|test\/data\/browser)\//.test(id));
    const packages = new Set(foreign.map((id) => /^node_modules\/([^/]+)/.exec(id)?.[1] ?? id));
    expect([...packages].filter((name) => !/^\0/.test(name)).sort()).toEqual([
      "fzstd",
      "hyparquet",
      "hyparquet-compressors",
      "hysnappy",
    ]);
    expect(page.modules).toContain("dist/browser.js");
    expect(
      page.modules.filter((id) =>
        /duckdb|sharp|disk|by-path|node/.test(id.replace("node_modules", "")),
      ),
    ).toEqual([]);
  });

  const real = [
    ["adult", "adult.csv"],
    ["penguins", "penguins.csv"],
    ["housing", "housing.csv"],
    ["mnist", "t10k-images-idx3-ubyte.gz"],
    ["freyfaces", "freyfaces.npy"],
    ["adbench", "6_cardio.npz"],
  ] as const;
  test.skipIf(!realData()).each(real)("%s/%s", async (set, name) => {
    await same(realData(set, name)!);
  });

  test.each([
    ...["types.parquet", "groups.parquet", "two.parquet", "zstd.parquet", "gzip.parquet"],
    ...["brotli.parquet", "lz4_raw.parquet", "uncompressed.parquet", "pages.parquet"],
    ...[
      "records.json",
      "lines.ndjson",
      "lines.ndjson.gz",
      "odd.json",
      "nested.json",
      "members.csv.gz",
    ],
    ...["t.txt", "t.txt.gz", "quoted.csv"],
  ])("%s", async (name) => {
    await same(path(name));
  });

  test.each([
    ...["u1", "i1", "bool", "le-i2", "be-u2", "le-i4", "be-u4", "le-i8", "be-u8", "le-f2", "le-f4"],
    ...["be-f4", "le-f8", "be-f8", "fortran", "fortran3"],
  ])("%s.npy", async (name) => {
    await same(join(fixtures, `${name}.npy`));
  });

  test.each(["stored.npz", "deflated.npz", "counts.mtx", "array.mtx", "real.mtx"])(
    "%s",
    async (name) => {
      await same(join(fixtures, name));
    },
  );
});
