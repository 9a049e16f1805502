// AnnData files that anndata wrote (test/fixtures/data/make_sparse.py), and damaged ones.
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { type Dataset, File, type Group, ready } from "h5wasm/node";
import { expect, test } from "vitest";
import { openH5ad } from "#elbo/data/annotated/h5ad.js";
import { type FieldOptions, inspect } from "#elbo/tasks/inspect.js";
import { realData } from "../../helpers/data.ts";
import { elboError } from "../../helpers/errors.ts";
import { testFolder } from "../../helpers/folder.ts";
import { collect } from "../rows.ts";

const unpacked = (name: string) => gunzipSync(readFileSync(`test/fixtures/data/${name}.h5ad.gz`));

function written(bytes: Uint8Array): string {
  const path = join(testFolder(), "cells.h5ad");
  writeFileSync(path, bytes);
  return path;
}

const { counts } = JSON.parse(readFileSync("test/fixtures/data/matrices.json", "utf8")) as {
  counts: number[][];
};
const genes = Array.from({ length: 5 }, (_, i) => `gene${i}`);

test.each([
  ["dense", false],
  ["csr", true],
  ["csc", true],
])("a %s matrix, its genes' names, and what is known of its cells", async (name, sparse) => {
  const path = written(unpacked(name));
  const source = await openH5ad(path);
  expect(source).toMatchObject({ source: path, rows: 7, notes: [] });
  expect(source.columns[0]).toEqual({ name: "X", type: "vector", size: 5, sparse, names: genes });
  const annotations = source.columns.slice(1);
  expect(annotations.every(({ role }) => role === "id")).toBe(true);
  expect(annotations.filter((column) => column.type === "number" && column.boolean)).toMatchObject([
    { name: "ok" },
    { name: "flag" },
  ]);
  const cells = {
    X: counts.flat(),
    index: Array.from({ length: 7 }, (_, i) => `cell${i}`),
    cluster: ["a", "b", null, "a", "b", "a", "c"],
    depth: [0, 1.5, 3, 4.5, 6, 7.5, 9],
    n: [0, 1, 2, 3, 4, 5, 6],
    ok: [1, 0, 1, 0, 1, 0, 1],
    note: ["x", "y", "z", "", "ü", "v", "w"],
    maybe: [1, Number.NaN, 3, 4, 5, 6, 7],
    flag: [1, Number.NaN, 0, 1, 1, 0, 0],
    grade: [3, 1, 2, 3, 1, 2, Number.NaN],
  };
  expect(await collect(source)).toEqual(cells);
  expect(await collect(source, ["n", "X"])).toEqual({ n: cells.n, X: cells.X });
  expect(await collect(source)).toEqual(cells);
});

test("what is known of cells is carried along, and inspecting says how it is made more", async () => {
  const path = written(unpacked("csr"));
  const roles = async (options: FieldOptions) => {
    const { fields, notes } = await inspect(path, options);
    const found = fields.filter(({ role }) => role !== "id");
    return { roles: found.map(({ name, role }) => `${name} ${role}`), notes };
  };
  const { roles: alone, notes } = await roles({});
  expect(alone).toEqual(["X data"]);
  expect(notes).toHaveLength(1);
  expect(notes[0]).toMatchObject({ code: "columns-carried" });
  expect(notes[0]?.message).toMatch(
    /^cluster, ok, maybe, flag, grade are carried along and not learned: --target/,
  );
  const kind = { depth: "real" } as const;
  const told = await roles({ target: ["cluster"], condition: ["ok"], kind });
  expect(told.roles).toEqual(["X data", "cluster target", "depth data", "ok condition"]);
});

test("layers and the raw matrix are picked by name; an unknown one suggests the nearest", async () => {
  const path = written(unpacked("csc"));
  const layer = await openH5ad(path, "layers/doubled");
  expect((await collect(layer, ["doubled"]))["doubled"]).toEqual(counts.flat().map((n) => 2 * n));
  const raw = await openH5ad(path, "raw/X");
  expect((await collect(raw, ["X"]))["X"]).toEqual(counts.flat());
  const error = await elboError(() => openH5ad(path, "layers/double"));
  expect(error).toMatchObject({ code: "h5ad-member", kind: "usage" });
  expect(error.hint).toContain("#layers/doubled?");
  for (const member of ["obs", "../X", "obs/n", "layers/a/b", ""]) {
    expect((await elboError(() => openH5ad(path, member))).code).toBe("h5ad-member");
  }
});

test.each([
  ["no HDF5 file", Buffer.from("no HDF5 file"), "signature"],
  ["no byte", Buffer.of(), ""],
  ["a file cut short", unpacked("csr").subarray(0, 20_000), "truncated"],
])("%s is one clear error", async (_what, bytes, says) => {
  const path = written(bytes);
  const error = await elboError(() => openH5ad(path));
  expect(error.code).toBe("h5ad-invalid");
  expect(error.message).toContain(path);
  expect(error.message).toContain(says);
});

/** Our file after `change` was made to it with h5wasm. */
async function changed(name: string, change: (file: File) => void): Promise<string> {
  await ready;
  const path = written(unpacked(name));
  const file = new File(path, "a");
  change(file);
  file.close();
  return path;
}

test.each<[string, string, (file: File) => void, string]>([
  ["an index beyond the genes", "csr", write("X/indices", [99]), "index 99 of 5"],
  ["an index beyond the cells", "csc", write("X/indices", [-1]), "index -1 of 7"],
  ["indptr that falls", "csr", write("X/indptr", [0, 9, 2]), "indptr"],
  ["a code beyond the categories", "dense", write("obs/cluster/codes", [7], Int8Array), "code 7"],
])("%s is one clear error", async (_what, name, change, says) => {
  const path = await changed(name, change);
  const error = await elboError(async () => collect(await openH5ad(path)));
  expect(error.code).toBe("h5ad-invalid");
  expect(error.message).toContain(says);
});

function write(
  place: string,
  values: number[],
  type: typeof Int32Array | typeof Int8Array = Int32Array,
) {
  return (file: File) => {
    (file.get(place) as Dataset).write_slice([[0, values.length]], type.from(values));
  };
}

const layer = (rows: number, genes: number) => (file: File) => {
  const data = new Float32Array(rows * genes);
  (file.get("layers") as Group).create_dataset({ name: "bad", data, shape: [rows, genes] });
};

test.each<[string, (file: File) => void, string]>([
  ["another number of genes", layer(7, 4), "names 5 genes, and layers/bad has 4"],
  ["another number of cells", layer(6, 5), "for 6 rows"],
  [
    "a matrix in another file",
    (file) => (file.get("layers") as Group).create_external_link("other.h5", "X", "bad"),
    "link",
  ],
])("%s is one clear error", async (_what, change, says) => {
  const path = await changed("dense", change);
  const error = await elboError(() => openH5ad(path, "layers/bad"));
  expect(error.code).toBe("h5ad-invalid");
  expect(error.message).toContain(says);
});

test("HDF5 files that are not AnnData's say what they lack", async () => {
  await ready;
  const path = join(testFolder(), "other.h5ad");
  const make = (groups: string[]) => {
    const file = new File(path, "w");
    file.create_dataset({ name: "X", data: new Float32Array(2), shape: [2, 1] });
    for (const name of groups) {
      file.create_group(name).create_dataset({ name: "_index", data: ["a"] });
    }
    file.close();
  };
  for (const [groups, says] of [
    [[], "no group var"],
    [["var"], "no group obs"],
    [["var", "obs"], "for 2 rows"],
  ] as const) {
    make([...groups]);
    const error = await elboError(() => openH5ad(path));
    expect(error.code).toBe("h5ad-invalid");
    expect(error.message).toContain(says);
  }
});

test("an infinite value is named by its cell and gene", async () => {
  for (const name of ["csr", "csc"]) {
    const infinite = Float32Array.of(Number.POSITIVE_INFINITY);
    const path = await changed(name, (file) => {
      (file.get("X/data") as Dataset).write_slice([[0, 1]], infinite);
    });
    const error = await elboError(async () => collect(await openH5ad(path)));
    expect(error.code).toBe("value-infinite");
    // The first entry: gene 1 of cell 1 by rows, gene 0 of cell 4 by columns.
    const where = name === "csr" ? { row: 1, column: "X[1]" } : { row: 4, column: "X[0]" };
    expect(error.where).toMatchObject(where);
  }
});

test("a missing file is told as one", async () => {
  const path = join(testFolder(), "gone.h5ad");
  expect((await elboError(() => openH5ad(path))).code).toBe("file-missing");
});

const pbmc = realData("single-cell", "10x_pbmc68k_reduced.h5ad");
test.skipIf(pbmc === undefined)("700 blood cells (needs the real data)", async () => {
  const source = await openH5ad(pbmc!);
  expect(source).toMatchObject({ rows: 700, notes: [] });
  expect(source.columns[0]).toMatchObject({ name: "X", size: 765, sparse: false });
  const { X, bulk_labels, n_genes } = await collect(source);
  expect(X!.length).toBe(700 * 765);
  expect(new Set(bulk_labels).size).toBe(10);
  expect(n_genes!.every((genes) => Number(genes) > 0)).toBe(true);
  const raw = await openH5ad(pbmc!, "raw/X");
  expect(raw.columns[0]).toMatchObject({ sparse: true, size: 765 });
  expect((await collect(raw, ["X"]))["X"]!.filter((value) => value !== 0).length).toBe(174_400);
});

const packed = realData("single-cell", "pbmc_5k_protein_v3.h5ad");
test.skipIf(packed === undefined)("a real file that h5py packed by LZF", async () => {
  const source = await openH5ad(packed!);
  expect(source.columns[0]).toMatchObject({ size: 16_581, sparse: false });
  const { X, index } = await collect(source, ["X", "index"]);
  // As h5py 3.16.0 reads them.
  const digest = createHash("sha256")
    .update(Float32Array.from(X as number[]))
    .digest("hex");
  expect(digest).toBe("143fdabcb3617e6451d50eec0bfe10472d021bc982f308f4f871e625f78ba6ad");
  expect(index![0]).toBe("AAACCCAAGAGACAAG-1");
});
