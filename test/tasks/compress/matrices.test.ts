// Matrices of float64 and long integers, dense and sparse, came back as float32.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Dataset, File, type Group } from "h5wasm/node";
import { beforeAll, expect, test } from "vitest";
import { compressTo, decompressTo } from "#elbo/tasks/compress/archives.js";
import { train } from "#elbo/train/train.js";
import { sharedFolder } from "../../helpers/folder.ts";
import { writeH5ad } from "./h5ad-files.ts";
import { npzContent } from "./npz-content.ts";

const folder = sharedFolder();
const at = (name: string) => join(folder, name);
const options = { force: true, threads: 1, rivals: false };
const [rows, columns] = [30, 4];
const thirds = Float64Array.from({ length: rows * columns }, (_, i) => (i % 3 ? i / 7 : 0));
const ids = BigInt64Array.from({ length: rows }, (_, i) => 9007199254740993n * BigInt(i));

beforeAll(async () => {
  writeFileSync(at("seen.csv"), `a\n${Array.from(thirds).join("\n")}\n`);
  const small = { network: "mlp:4", latent: 2, epochs: 1, validation: 0, report: false } as const;
  await train(at("seen.csv"), { ...small, out: at("run") });
}, 60_000);

async function backOf(data: string) {
  const { content } = await compressTo(at("a.elbo"), at("run"), at(data), options);
  expect(content).toBe("rows");
  await decompressTo(at("back.npz"), at("run"), at("a.elbo"), { force: true });
  return npzContent(at("back.npz"));
}

/** The file is coded as bytes, and its rows are refused. */
async function expectLost(data: string, what: string): Promise<void> {
  const { content, notes } = await compressTo(at("a.elbo"), at("run"), at(data), options);
  expect(content).toBe("bytes");
  expect(notes[0]?.message).toContain(what);
  const asRows = compressTo(at("a.elbo"), at("run"), at(data), { ...options, rows: true });
  await expect(asRows).rejects.toMatchObject({ code: "compress-lost" });
}

test.each(["dense", "csr_matrix", "csc_matrix"] as const)(
  "an h5ad matrix, %s, comes back as it stands",
  async (layout) => {
    const codes = Int8Array.from({ length: rows }, (_, i) => i % 3);
    await writeH5ad(at("x.h5ad"), {
      ...{ rows, columns, values: thirds, layout },
      obs: { id: ids, group: { codes, categories: ids.slice(7, 10) } },
    });
    const back = await backOf("x.h5ad");
    expect(back.get("X")).toEqual({ element: "f8", shape: [rows, columns], values: [...thirds] });
    expect(back.get("id")).toEqual({ element: "i8", shape: [rows], values: [...ids] });
  },
);

// Categories were read as float64: 2^53 + 1 became 2^53.
test("numbers of categories come back as they stand", async () => {
  const codes = Int8Array.of(0, 2, 1, 0);
  const values = new Float32Array(8);
  const categories = {
    signed: BigInt64Array.of(2n ** 53n + 1n, -(2n ** 53n) - 1n, 2n ** 63n - 1n),
    unsigned: BigUint64Array.of(2n ** 53n + 1n, 0n, 2n ** 64n - 1n),
    small: Int8Array.of(3, -4, 100),
    single: Float32Array.of(0.1, -0, Number.POSITIVE_INFINITY),
  };
  const obs = Object.fromEntries(
    Object.entries(categories).map(([name, own]) => [name, { codes, categories: own }]),
  );
  await writeH5ad(at("c.h5ad"), { rows: 4, columns: 2, values, obs });
  const back = await backOf("c.h5ad");
  const elements = { signed: "i8", unsigned: "u8", small: "i1", single: "f4" };
  for (const [name, own] of Object.entries(categories)) {
    const chosen = [own[0], own[2], own[1], own[0]];
    const element = elements[name as keyof typeof elements];
    expect(back.get(name)).toEqual({ element, shape: [4], values: chosen });
  }
});

const odd = Float64Array.of(-0, 0, 5e-324, 1e300, Number.NaN, Number.POSITIVE_INFINITY, 0, -1e-40);

// A zero with a sign lost it, and what float32 does not hold ended the command.
test.each(["csr_matrix", "csc_matrix"] as const)(
  "odd numbers of a sparse matrix, %s, come back",
  async (layout) => {
    for (const values of [odd, Float32Array.from(odd)]) {
      const isStored = (value: number | bigint) => !Object.is(value, 0);
      await writeH5ad(at("odd.h5ad"), { rows: 4, columns: 2, values, layout, isStored });
      const back = await backOf("odd.h5ad");
      expect(back.get("X")?.values).toEqual([...values]);
    }
  },
);

test("zeros that stand in a sparse matrix are zeros, and truth values are such", async () => {
  const values = Int8Array.of(0, 3, 0, 0, 5, 0);
  const sparse = { rows: 3, columns: 2, values, isStored: () => true };
  for (const layout of ["csr_matrix", "csc_matrix"] as const) {
    await writeH5ad(at("z.h5ad"), { ...sparse, layout });
    expect((await backOf("z.h5ad")).get("X")).toEqual({
      ...{ element: "i1", shape: [3, 2] },
      values: [...values],
    });
  }
});

test("a Matrix Market file's numbers come back as they are written", async () => {
  const head = "%%MatrixMarket matrix coordinate real general\n3 3 6\n";
  const entries = "1 1 0.1\n2 3 0.3333333333333333\n3 2 5\n1 2 -0\n1 3 1e20\n2 2 0\n";
  writeFileSync(at("m.mtx"), head + entries);
  const back = await backOf("m.mtx");
  const values = [0.1, -0, 1e20, 0, 0, 0.3333333333333333, 0, 5, 0];
  expect(back.get("x")).toEqual({ element: "f8", shape: [3, 3], values });
});

test.each([
  ["real", "1 1 9007199254740993", "an integer that float64 does not hold (line 3"],
  ["integer", "1 1 -9223372036854775807", "an integer that float64 does not hold (line 3"],
  ["real", "1 1 0.1\n1 1 0.2", "several entries at one place"],
])("a Matrix Market file of %s numbers with %j is no rows", async (field, entries, what) => {
  const count = entries.split("\n").length;
  const head = `%%MatrixMarket matrix coordinate ${field} general\n2 2 ${count}\n`;
  writeFileSync(at("l.mtx"), `${head}${entries}\n`);
  await expectLost("l.mtx", what);
});

test("a sparse matrix of longer integers than float64 holds is no rows", async () => {
  const values = BigInt64Array.of(2n ** 53n + 1n, 0n, 3n, 4n);
  await writeH5ad(at("s.h5ad"), { rows: 2, columns: 2, values, layout: "csr_matrix" });
  await expectLost("s.h5ad", "X has integers beyond those that float64 holds");
});

// Bytes that were summed to 300 came back as 44.
test.each(["csr_matrix", "csc_matrix"] as const)(
  "a sparse matrix, %s, with two entries at one place is no rows",
  async (layout) => {
    const values = Uint8Array.of(200, 100, 3, 4);
    await writeH5ad(at("s.h5ad"), { rows: 2, columns: 2, values, layout });
    const file = new File(at("s.h5ad"), "a");
    (file.get("X/indices") as Dataset).write_slice([[0, 2]], Int32Array.of(1, 1));
    file.close();
    await expectLost("s.h5ad", "X has several entries at one place");
  },
);

// Layers and what is known of genes were left out without a word.
test("an h5ad file that holds more than rows comes back whole; asked for rows, they alone do", async () => {
  await writeH5ad(at("more.h5ad"), { rows, columns, values: thirds });
  const file = new File(at("more.h5ad"), "a");
  file.create_group("layers");
  file.create_dataset({ name: "layers/counts", data: thirds, shape: [rows, columns] });
  (file.get("var") as Group).create_dataset({ name: "means", data: new Float32Array(columns) });
  file.close();
  const { content, notes } = await compressTo(at("a.elbo"), at("run"), at("more.h5ad"), options);
  expect(content).toBe("bytes");
  expect(notes[0]?.message).toContain('beside its rows stand "layers/counts", "var" (--rows');
  await decompressTo(at("more.back"), at("run"), at("a.elbo"), { force: true });
  expect(readFileSync(at("more.back")).equals(readFileSync(at("more.h5ad")))).toBe(true);
  const asRows = { ...options, rows: true };
  const rowsAlone = await compressTo(at("a.elbo"), at("run"), at("more.h5ad"), asRows);
  expect(rowsAlone).toMatchObject({ content: "rows", notes: [{ code: "compress-beside" }, {}] });
});
