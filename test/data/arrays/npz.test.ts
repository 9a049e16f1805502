// .npz files that NumPy wrote (test/fixtures/data/make.py), and archives that mean harm.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openNpz } from "#elbo/data/by-path.js";
import { realData } from "../../helpers/data.ts";
import { elboError } from "../../helpers/errors.ts";
import { testFolder } from "../../helpers/folder.ts";
import { encodeNpy } from "../npy-bytes.ts";
import { collect } from "../rows.ts";
import { makeZip } from "../zip/make-zip.ts";

const fixture = (name: string) => `test/fixtures/data/${name}.npz`;

test.each(["stored", "deflated"])(
  "%s arrays of one length are columns, others noted",
  async (name) => {
    const source = await openNpz(fixture(name));
    expect(source.rows).toBe(5);
    expect(source.columns).toEqual([
      { name: "X", type: "vector", size: 4, sparse: false },
      { name: "y", type: "number" },
      { name: "images", type: "image", height: 2, width: 3, channels: 1 },
    ]);
    expect(source.notes.map(({ code }) => code)).toEqual(Array(3).fill("arrays-left-out"));
    const notes = source.notes.map(({ message }) => message).join("\n");
    for (const left of ["names", "other", "scalar"]) expect(notes).toContain(`"${left}"`);
    expect(await collect(source)).toEqual({
      X: Array.from({ length: 20 }, (_, i) => i / 4),
      y: [0, 1, 0, 0, 1],
      images: Array.from({ length: 30 }, (_, i) => i),
    });
    expect(await collect(source, ["y", "X"])).toMatchObject({ y: [0, 1, 0, 0, 1] });
  },
);

test("a name picks one array; an unknown one suggests the nearest", async () => {
  const source = await openNpz(fixture("deflated"), "other");
  expect(source).toMatchObject({ rows: 3, notes: [], columns: [{ name: "other" }] });
  expect(await collect(source)).toEqual({ other: [0, 0, 0, 0, 0, 0] });
  const error = await elboError(() => openNpz(fixture("deflated"), "imges"));
  expect(error).toMatchObject({ code: "npz-array", kind: "usage" });
  expect(error.hint).toContain("#images?");
});

test("pickled objects are refused and never run; what is beside them can be picked", async () => {
  const error = await elboError(() => openNpz(fixture("pickled")));
  expect(error.code).toBe("npy-pickled");
  expect(error.message).toContain("#what");
  expect((await openNpz(fixture("pickled"), "X")).rows).toBe(5);
  expect((await elboError(() => openNpz(fixture("pickled"), "what"))).code).toBe("npy-pickled");
});

function archive(arrays: Record<string, Float32Array>): Buffer {
  const entries = Object.entries(arrays).map(([name, values]) => ({
    name: `${name}.npy`,
    data: Buffer.concat(encodeNpy([values.length], values)),
  }));
  return makeZip(entries);
}

function written(bytes: Uint8Array): string {
  const path = join(testFolder(), "test.npz");
  writeFileSync(path, bytes);
  return path;
}

test("our own archives are read", async () => {
  const path = written(archive({ a: Float32Array.of(1, 2), b: Float32Array.of(3, 4) }));
  expect(await collect(await openNpz(path))).toEqual({ a: [1, 2], b: [3, 4] });
});

test.each([
  ["no archive", Buffer.from("PK"), "zip-invalid"],
  ["no byte", Buffer.of(), "zip-invalid"],
  ["a cut one", archive({ a: new Float32Array(9) }).subarray(0, -30), "zip-invalid"],
  ["no array", archive({}), "data-empty"],
])("%s is one clear error", async (_what, bytes, code) => {
  expect((await elboError(() => openNpz(written(bytes)))).code).toBe(code);
});

test("a changed value is known by its checksum", async () => {
  const bytes = archive({ a: Float32Array.of(1, 2, 3) });
  const at = bytes.indexOf(Buffer.from(Float32Array.of(2).buffer));
  bytes[at] = 7;
  const source = await openNpz(written(bytes));
  const error = await elboError(() => collect(source));
  expect(error.code).toBe("zip-invalid");
  expect(error.message).toContain("checksum");
});

test("a header of another size than its entry is refused", async () => {
  const bytes = readFileSync(fixture("stored"));
  const at = bytes.indexOf("(5, 4)");
  bytes.write("(5, 9)", at);
  expect((await elboError(() => openNpz(written(bytes)))).code).toBe("npy-invalid");
});

test("an array of zeros is read, however well it is packed", async () => {
  const zeros = new Float64Array(300_000);
  const data = Buffer.concat(encodeNpy([3000, 100], zeros));
  const bytes = makeZip([{ name: "X.npy", data, deflate: true }]);
  expect(bytes.length).toBeLessThan(data.length / 500);
  const { X } = await collect(await openNpz(written(bytes)));
  expect(X).toEqual(Array.from(zeros));
});

const cardio = realData("adbench", "6_cardio.npz");
test.skipIf(cardio === undefined)("an ADBench file (needs the real data)", async () => {
  const source = await openNpz(cardio!);
  expect(source).toMatchObject({ rows: 1831, columns: [{ name: "X", size: 21 }, { name: "y" }] });
  const { y } = await collect(source);
  // 176 anomalies in ADBench's own table.
  expect(y!.filter((label) => label === 1).length).toBe(176);
});
