// Matrix Market files that SciPy wrote (test/fixtures/data/make_sparse.py), and damaged ones.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { expect, test } from "vitest";
import { openMatrixMarket } from "#elbo/data/by-path.js";
import { realData } from "../../helpers/data.ts";
import { elboError } from "../../helpers/errors.ts";
import { testFolder } from "../../helpers/folder.ts";
import { collect } from "../rows.ts";

const matrices = JSON.parse(readFileSync("test/fixtures/data/matrices.json", "utf8")) as Record<
  string,
  number[][]
>;

function written(text: string | Uint8Array): string {
  const path = join(testFolder(), "matrix.mtx");
  writeFileSync(path, text);
  return path;
}

const singles = (rows: number[][]) => rows.flat().map(Math.fround);

test.each([
  ["counts", "counts", "counts"],
  ["real", "real", "x"],
  ["symmetric", "symmetric", "x"],
  ["pattern", "pattern", "counts"],
  ["array", "real", "x"],
])("SciPy's %s matrix", async (file, holds, name) => {
  const rows = matrices[holds]!;
  const path = `test/fixtures/data/${file}.mtx`;
  for (const one of [path, written(gzipSync(readFileSync(path)))]) {
    const source = await openMatrixMarket(one);
    expect(source.rows).toBe(rows.length);
    expect(source.columns).toEqual([{ name, type: "vector", size: rows[0]!.length, sparse: true }]);
    expect((await collect(source))[name]).toEqual(singles(rows));
  }
});

test("entries in any order are summed where they meet, blank lines and comments skipped", async () => {
  const entry = fc.record({
    row: fc.integer({ min: 1, max: 6 }),
    column: fc.integer({ min: 1, max: 5 }),
    value: fc.integer({ min: -40, max: 40 }),
  });
  const folder = testFolder();
  await fc.assert(
    fc.asyncProperty(
      fc.array(entry, { maxLength: 40 }),
      fc.constantFrom("\n", "\r\n", "\n\n", "\n% no entry\n"),
      async (entries, end) => {
        const expected = new Array<number>(30).fill(0);
        for (const { row, column, value } of entries) {
          expected[(row - 1) * 5 + column - 1]! += value / 8;
        }
        const lines = entries.map(({ row, column, value }) => `${row} ${column}  ${value / 8}`);
        const path = join(folder, "any.mtx");
        writeFileSync(
          path,
          ["%%MatrixMarket matrix coordinate real general", `6 5 ${lines.length}`, ...lines].join(
            end,
          ),
        );
        const { columns, chunks } = await openMatrixMarket(path);
        const source = { source: path, rows: 6, notes: [], columns, chunks };
        expect(Object.values(await collect(source))[0]).toEqual(expected);
      },
    ),
  );
});

test("numbers are read to the nearest float32, however they are written", async () => {
  const texts = [
    "0.1",
    "-1e-3",
    "+2.5E2",
    "123456789.123456789",
    "1234567890123456789",
    ".5",
    "3.",
  ];
  const body = texts.map((text, i) => `1 ${i + 1} ${text}`).join("\n");
  const path = written(`%%MatrixMarket matrix coordinate real general\n1 8 8\n${body}\n1 8 nan\n`);
  const { x } = await collect(await openMatrixMarket(path));
  expect(x).toEqual([...texts.map((text) => Math.fround(Number(text))), Number.NaN]);
});

test("integers that float32 rounds are noted", async () => {
  const path = written("%%MatrixMarket matrix coordinate integer general\n1 1 1\n1 1 16777217\n");
  const { notes } = await openMatrixMarket(path);
  expect(notes).toEqual([
    { code: "precision-lost", message: expect.stringContaining("16777217 became 16777216") },
  ]);
});

const banner = "%%MatrixMarket matrix coordinate integer general\n";
const reals = "%%MatrixMarket matrix coordinate real general\n";
test.each([
  ["an empty file", "", "mtx-invalid", ""],
  ["no banner", "1 1 1\n1 1 1\n", "mtx-invalid", "line 1"],
  ["no sizes", banner, "mtx-invalid", "sizes"],
  ["two sizes of three", `${banner}2 2\n`, "mtx-invalid", "line 2"],
  ["row 0", `${banner}2 2 1\n0 1 1\n`, "mtx-invalid", "line 3"],
  ["a row beyond", `${banner}2 2 1\n3 1 1\n`, "mtx-invalid", "row 3 is not one of 1 to 2"],
  ["a column beyond", `${banner}2 2 1\n1 3 1\n`, "mtx-invalid", "column 3"],
  ["half a row", `${banner}2 2 1\n1.5 1 1\n`, "mtx-invalid", "line 3"],
  ["a word", `${banner}2 2 1\n1 1 one\n`, "mtx-invalid", "line 3"],
  ["too many numbers", `${banner}2 2 1\n1 1 1 1\n`, "mtx-invalid", "line 3"],
  ["too few numbers", `${banner}2 2 1\n1 1\n`, "mtx-invalid", "line 3"],
  ["a fraction among integers", `${banner}2 2 1\n1 1 0.5\n`, "mtx-invalid", "integer"],
  ["fewer entries", `${banner}2 2 2\n1 1 1\n1 2 3\n`.slice(0, -6), "mtx-invalid", "1 are there"],
  ["more entries", `${banner}2 2 1\n1 1 1\n1 2 1\n`, "mtx-invalid", "line 4"],
  ["rows that no text accounts for", `${banner}999999999 2 0\n`, "mtx-invalid", "hold"],
  ["entries that no text accounts for", `${banner}2 2 99999999\n`, "mtx-invalid", "hold"],
  ["an endless line", `${banner}2 2 1\n${"1".repeat(5000)}`, "mtx-invalid", "line 3"],
  ["no rows", `${banner}0 2 0\n`, "data-empty", "0 × 2"],
  ["infinity", `${reals}2 2 1\n1 2 -inf\n`, "value-infinite", "row 1, column 2"],
  ["what float32 cannot hold", `${reals}2 2 1\n1 2 1e39\n`, "value-infinite", "line 3"],
  ["complex", "%%MatrixMarket matrix coordinate complex general\n", "mtx-unsupported", "complex"],
  ["hermitian", "%%MatrixMarket matrix array real hermitian\n", "mtx-unsupported", "hermitian"],
])("%s is one clear error", async (_what, text, code, says) => {
  const error = await elboError(() => openMatrixMarket(written(text)));
  expect(error.code).toBe(code);
  expect(error.message).toContain(says);
});

const cells = realData("single-cell", "10k_counts.mtx.gz");
test.skipIf(cells === undefined)("10,000 cells (needs the real data)", async () => {
  const source = await openMatrixMarket(cells!);
  expect(source).toMatchObject({ rows: 10_000, columns: [{ name: "counts", size: 1000 }] });
  let entries = 0;
  for await (const { columns } of source.chunks()) {
    const [column] = columns;
    if (column!.type === "sparse") entries += column!.values.length;
  }
  // The file's own count of its entries.
  expect(entries).toBe(691_914);
});
