// AnnData files that h5py packed by LZF (test/fixtures/data/make_lzf.py), whole and damaged.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { expect, test } from "vitest";
import { openH5ad } from "#elbo/data/annotated/h5ad.js";
import { elboError } from "../../helpers/errors.ts";
import { testFolder } from "../../helpers/folder.ts";
import { collect } from "../rows.ts";

const bytes = gunzipSync(readFileSync("test/fixtures/data/lzf.h5ad.gz"));
const [cells, genes] = [200, 40];

function written(content: Uint8Array): string {
  const path = join(testFolder(), "cells.h5ad");
  writeFileSync(path, content);
  return path;
}

const each = (of: (i: number, j: number) => number) =>
  Array.from({ length: cells * genes }, (_, k) => of(Math.floor(k / genes), k % genes));
const counts = each((i, j) => ((i * j) % 7 === 0 ? (i + j) % 5 : 0));

test.each([
  ["X", counts],
  ["layers/plain", counts],
  ["layers/zeros", each(() => 0)],
  ["layers/noise", each((i, j) => Math.fround(((i * 7919 + j * 104_729) % 65_521) / 7))],
])("%s is unpacked", async (member, values) => {
  const source = await openH5ad(written(bytes), member);
  const name = member.replace("layers/", "");
  const read = await collect(source, [name, "index", "n"]);
  expect(read[name]).toEqual(values);
  expect(read["n"]).toEqual(Array.from({ length: cells }, (_, i) => Math.floor(i / 10)));
  expect(read["index"]?.[199]).toBe("obs00199");
  expect(source.columns[0]).toHaveProperty("names.39", "var00039");
});

/** What stands before a filter's values in a file: its number, its name's length, flags, their count. */
const filter = (id: number) =>
  Buffer.from([
    id & 255,
    id >> 8,
    8,
    0,
    1,
    0,
    3,
    0,
    ..."lzf".split("").map((c) => c.charCodeAt(0)),
  ]);

/** The file with each filter's bytes changed. */
function changed(change: (at: number, file: Buffer) => void): Buffer {
  const file = Buffer.from(bytes);
  let found = 0;
  for (let at = file.indexOf(filter(32_000)); at >= 0; at = file.indexOf(filter(32_000), at + 1)) {
    found++;
    change(at, file);
  }
  expect(found).toBeGreaterThan(0);
  return file;
}

test("what is known of cells in float32 is written with the digits that it has", async () => {
  const source = await openH5ad(written(bytes));
  expect(source.columns.find(({ name }) => name === "share")).toHaveProperty("float32", true);
  expect(source.columns.find(({ name }) => name === "n")).not.toHaveProperty("float32");
});

test("a filter that is not read is named", async () => {
  const path = written(changed((at, file) => file.writeUInt16LE(32_001, at)));
  const error = await elboError(() => openH5ad(path));
  expect(error.code).toBe("h5ad-filter");
  expect(error.message).toContain("packed by the filter lzf, which is not part of HDF5");
});

test.each([0, 4, 0xffff_fff0])(
  "a filter that gives blocks of %d bytes is refused",
  async (size) => {
    const path = written(changed((at, file) => file.writeUInt32LE(size, at + 24)));
    const error = await elboError(() => openH5ad(path));
    expect(error.code).toBe("h5ad-invalid");
    expect(error.message).toContain(`in blocks of ${size} bytes`);
  },
);

/** As LibLZF's lzf_decompress does; null of bytes that are no LZF, or of other than `size` bytes. */
function unpacked(packed: Uint8Array, size: number): Uint8Array | null {
  const out: number[] = [];
  for (let at = 0; at < packed.length; ) {
    const control = packed[at++]!;
    if (control < 32) {
      if (at + control + 1 > packed.length) return null;
      out.push(...packed.subarray(at, at + control + 1));
      at += control + 1;
    } else {
      let length = control >> 5;
      if (length === 7) length += packed[at++] ?? Number.NaN;
      const from = out.length - ((control & 31) << 8) - (packed[at++] ?? Number.NaN) - 1;
      if (!(from >= 0) || Number.isNaN(length)) return null;
      for (let i = 0; i < length + 2; i++) out.push(out[from + i]!);
    }
    if (out.length > size) return null;
  }
  return out.length === size ? Uint8Array.from(out) : null;
}

const { plain } = JSON.parse(readFileSync("test/fixtures/data/lzf.json", "utf8")) as {
  plain: [number, number][];
};
const blockBytes = 50 * genes * 4;

test("damaged blocks are unpacked as LibLZF does, or are one clear error", async () => {
  const damage = fc.record({
    block: fc.nat(plain.length - 1),
    changes: fc.array(fc.tuple(fc.double({ min: 0, max: 0.999, noNaN: true }), fc.nat(255)), {
      minLength: 1,
      maxLength: 20,
    }),
  });
  const property = fc.asyncProperty(damage, async ({ block, changes }) => {
    const [offset, size] = plain[block]!;
    const file = Buffer.from(bytes);
    const packed = file.subarray(offset, offset + size);
    for (const [share, value] of changes) packed[Math.floor(share * size)] = value;
    const values = unpacked(packed, blockBytes);
    const source = await openH5ad(written(file), "layers/plain");
    if (values === null) {
      expect((await elboError(() => collect(source, ["plain"]))).code).toBe("h5ad-invalid");
      return;
    }
    const own = new Float32Array(values.slice().buffer);
    // What is not finite is refused by its row.
    if (own.some((value) => !Number.isFinite(value) && !Number.isNaN(value))) return;
    const read = (await collect(source, ["plain"]))["plain"]!;
    expect(read.slice(block * own.length, (block + 1) * own.length)).toEqual([...own]);
  });
  await fc.assert(property, { numRuns: 200 });
});

test("a type that is damaged is one clear error", async () => {
  const file = Buffer.from(bytes);
  // The size of the numbers of layers/zeros.
  file[14_480] = 0;
  const error = await elboError(() => openH5ad(written(file), "layers/zeros"));
  expect(error.code).toBe("h5ad-invalid");
  expect(error.message).toContain("invalid datatype size");
});
