// Matrices of float64 and long integers, dense and sparse, came back as float32.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { File, type Group, ready } from "h5wasm/node";
import { beforeAll, expect, test } from "vitest";
import { storedNumbers } from "#elbo/data/arrays/elements.js";
import { npzArrays } from "#elbo/data/arrays/npz.js";
import { arrayRows } from "#elbo/data/arrays/stored-array.js";
import { fileBytes } from "#elbo/data/file-bytes.js";
import { nodeInflater } from "#elbo/data/node-inflater.js";
import { compressTo } from "#elbo/tasks/compress/compress.js";
import { decompressTo } from "#elbo/tasks/compress/decompress.js";
import { train } from "#elbo/train/train.js";
import { sharedFolder } from "../../helpers/folder.ts";

const folder = sharedFolder();
const at = (name: string) => join(folder, name);
const [rows, genes] = [30, 4];
const thirds = Float64Array.from({ length: rows * genes }, (_, i) => (i % 3 ? i / 7 : 0));
const ids = BigInt64Array.from({ length: rows }, (_, i) => 9007199254740993n * BigInt(i));

function frame(file: File, name: string, length: number): Group {
  const group = file.create_group(name) as Group;
  group.create_attribute("_index", "_index");
  group.create_attribute("column-order", name === "obs" ? ["id"] : []);
  const names = Array.from({ length }, (_, i) => `${name}${i}`);
  group.create_dataset({ name: "_index", data: names });
  return group;
}

/** @param lines what is compressed: rows or columns. */
function sparse(
  file: File,
  encoding: string,
  lines: number,
  placeOf: (line: number, at: number) => number,
) {
  const group = file.create_group("X") as Group;
  group.create_attribute("encoding-type", encoding);
  group.create_attribute("shape", new BigInt64Array([BigInt(rows), BigInt(genes)]));
  const [data, indices, pointers]: number[][] = [[], [], [0]];
  for (let line = 0; line < lines; line++) {
    for (let at = 0; at < (rows * genes) / lines; at++) {
      const value = thirds[placeOf(line, at)]!;
      if (value === 0) continue;
      data!.push(value);
      indices!.push(at);
    }
    pointers!.push(data!.length);
  }
  group.create_dataset({ name: "data", data: Float64Array.from(data!) });
  group.create_dataset({ name: "indices", data: Int32Array.from(indices!) });
  group.create_dataset({ name: "indptr", data: Int32Array.from(pointers!) });
}

const layouts = {
  dense: (file: File) =>
    void file.create_dataset({ name: "X", data: thirds, shape: [rows, genes] }),
  "compressed by rows": (file: File) =>
    sparse(file, "csr_matrix", rows, (row, gene) => row * genes + gene),
  "compressed by columns": (file: File) =>
    sparse(file, "csc_matrix", genes, (gene, row) => row * genes + gene),
};

beforeAll(async () => {
  await ready;
  writeFileSync(at("seen.csv"), `a\n${Array.from(thirds).join("\n")}\n`);
  const small = { network: "mlp:4", latent: 2, epochs: 1, validation: 0, report: false } as const;
  await train(at("seen.csv"), { ...small, out: at("run") });
}, 60_000);

async function backOf(data: string) {
  const options = { force: true, threads: 1, rivals: false };
  await compressTo(at("a.elbo"), at("run"), at(data), options);
  await decompressTo(at("back.npz"), at("run"), at("a.elbo"), { force: true });
  const { arrays } = await npzArrays(await fileBytes(at("back.npz")), nodeInflater);
  const found = new Map<string, { shape: number[]; values: unknown[] }>();
  for (const array of arrays) {
    const values: unknown[] = [];
    for await (const part of arrayRows(array, rows, storedNumbers)) values.push(...part);
    found.set(array.name, { shape: array.shape, values });
  }
  return found;
}

test.each(Object.entries(layouts))(
  "an h5ad matrix, %s, comes back as it stands",
  async (_, write) => {
    const file = new File(at("x.h5ad"), "w");
    write(file);
    frame(file, "obs", rows).create_dataset({ name: "id", data: ids });
    frame(file, "var", genes);
    file.close();
    const back = await backOf("x.h5ad");
    expect(back.get("X")).toEqual({ shape: [rows, genes], values: [...thirds] });
    expect(back.get("id")).toEqual({ shape: [rows], values: [...ids] });
  },
);

test("a Matrix Market file's numbers come back as they are written", async () => {
  const head = "%%MatrixMarket matrix coordinate real general\n3 3 3\n";
  writeFileSync(at("m.mtx"), `${head}1 1 0.1\n2 3 0.3333333333333333\n3 2 5\n`);
  const back = await backOf("m.mtx");
  const values = [0.1, 0, 0, 0, 0, 0.3333333333333333, 0, 5, 0];
  expect(back.get("x")).toEqual({ shape: [3, 3], values });
});
