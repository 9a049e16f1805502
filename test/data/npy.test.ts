// .npy files that NumPy wrote (test/fixtures/data/make.py), and damaged ones.
import { readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeNpy, readNpy } from "#elbo/data/npy.js";
import { realData } from "../helpers/data.ts";
import { elboError } from "../helpers/errors.ts";
import { testFolder } from "../helpers/folder.ts";
import { encodeNpy } from "./npy-bytes.ts";

const fixture = (name: string) => `test/fixtures/data/${name}.npy`;

// (np.arange(6).reshape(2, 3) - 2) * 1.5, cut to integers or made positive where the type asks.
const real = [-3, -1.5, 0, 1.5, 3, 4.5];
const integer = [-3, -1, 0, 1, 3, 4];
const unsigned = [3, 1, 0, 1, 3, 4];
test.each([
  ["le-f2", real],
  ["le-f4", real],
  ["be-f4", real],
  ["le-f8", real],
  ["be-f8", real],
  ["fortran", real],
  ["i1", integer],
  ["le-i2", integer],
  ["le-i4", integer],
  ["le-i8", integer],
  ["u1", unsigned],
  ["be-u2", unsigned],
  ["be-u4", unsigned],
  ["be-u8", unsigned],
  ["bool", [0, 0, 0, 1, 1, 1]],
])("NumPy's %s is a table of float32", async (name, values) => {
  const data = await readNpy(fixture(name));
  expect(data).toMatchObject({ kind: "table", rows: 2, shape: [3], columns: ["x0", "x1", "x2"] });
  expect(data.values).toEqual(Float32Array.from(values));
});

test("three dimensions of bytes are images, Fortran order too", async () => {
  const data = await readNpy(fixture("fortran3"));
  expect(data).toMatchObject({ kind: "image", rows: 2, shape: [3, 4, 1] });
  expect(data.values).toEqual(Uint8Array.from({ length: 24 }, (_, i) => i));
});

test.each(["object", "structured", "complex", "text"])(
  "NumPy's %s array is refused",
  async (name) => {
    const error = await elboError(() => readNpy(fixture(name)));
    expect(error.code).toBe("npy-dtype");
    if (name === "object") expect(error.message).toContain("pickled");
  },
);

function saved(shape: number[], values: Float32Array | Uint8Array): string {
  const path = join(testFolder(), "array.npy");
  writeFileSync(path, Buffer.concat(encodeNpy(shape, values)));
  return path;
}

test("what is written is read, and NumPy's bytes are ours", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(4), { maxLength: 4 }), fc.boolean(), (shape, bytes) => {
      const length = shape.reduce((product, size) => product * size, 1);
      const values = bytes
        ? Uint8Array.from({ length }, (_, i) => i)
        : Float32Array.from({ length }, (_, i) => i / 3);
      const file = Buffer.concat(encodeNpy(shape, values));
      expect((file.length - values.byteLength) % 64).toBe(0);
      expect(decodeNpy(file, "memory")).toEqual({ shape, values });
    }),
  );
  const ours = Buffer.concat(encodeNpy([2, 3], Float32Array.from(real)));
  expect(decodeNpy(ours, "ours")).toEqual(decodeNpy(readFileSync(fixture("le-f4")), "theirs"));
});

test("colour images keep their channels; channels first are refused with the remedy", async () => {
  const image = await readNpy(saved([2, 4, 5, 3], new Uint8Array(120)));
  expect(image).toMatchObject({ kind: "image", shape: [4, 5, 3] });
  const error = await elboError(() => readNpy(saved([2, 3, 32, 32], new Uint8Array(6144))));
  expect(error.code).toBe("image-channels");
  expect(error.hint).toContain("transpose");
});

test("missing and infinite values", async () => {
  const data = await readNpy(saved([3, 2], Float32Array.of(1, 2, Number.NaN, 4, 5, 6)));
  expect([...data.values]).toEqual([1, 2, 5, 6]);
  expect(data.rowNumbers).toEqual(Int32Array.of(1, 3));
  expect(data.notes[0]!.code).toBe("rows-left-out");
  const infinite = () => readNpy(saved([2, 1], Float32Array.of(1, Number.POSITIVE_INFINITY)));
  expect((await elboError(infinite)).where).toMatchObject({ row: 2, column: "x0" });
  const pixel = () => readNpy(saved([1, 1, 2], Float32Array.of(1, Number.NaN)));
  expect((await elboError(pixel)).code).toBe("value-infinite");
});

test("empty, scalar and five-dimensional arrays are refused", async () => {
  expect((await elboError(() => readNpy(saved([0, 3], new Float32Array(0))))).code).toBe(
    "data-empty",
  );
  for (const shape of [[], [1, 1, 1, 1, 1]]) {
    const error = await elboError(() => readNpy(saved(shape, new Float32Array(1))));
    expect(error.code).toBe("array-dimensions");
  }
});

/** NumPy's float32 file with another header text, of the same length. */
function withHeader(change: (text: string) => string): Uint8Array {
  const bytes = readFileSync(fixture("le-f4"));
  const text = change(bytes.toString("latin1", 10, 128))
    .slice(0, 118)
    .padEnd(118);
  return Buffer.concat([bytes.subarray(0, 10), Buffer.from(text, "latin1"), bytes.subarray(128)]);
}

test.each([
  ["no NumPy file", Buffer.from("PK\x03\x04"), "npy-invalid"],
  ["a cut header", readFileSync(fixture("le-f4")).subarray(0, 60), "npy-invalid"],
  ["cut data", readFileSync(fixture("le-f4")).subarray(0, -1), "npy-invalid"],
  [
    "a shape that needs more",
    withHeader((text) => text.replace("(2, 3)", "(9, 9)")),
    "npy-invalid",
  ],
  [
    "an absurd shape",
    withHeader((text) => text.replace("(2, 3)", `(${"9".repeat(30)}, 3)`)),
    "npy-invalid",
  ],
  ["no shape", withHeader((text) => text.replace("'shape'", "'shapo'")), "npy-invalid"],
  ["a program in the header", withHeader(() => "__import__('os').system('x')"), "npy-invalid"],
  ["an unknown type", withHeader((text) => text.replace("<f4", "<q9")), "npy-dtype"],
])("%s is one clear error", async (_what, bytes, code) => {
  expect((await elboError(() => decodeNpy(bytes, "bad.npy"))).code).toBe(code);
  const path = join(testFolder(), "bad.npy");
  writeFileSync(path, bytes);
  expect((await elboError(() => readNpy(path))).code).toBe(code);
});

test("a file cut short on the disk is known before its data is read", async () => {
  const path = saved([100, 100], new Float32Array(10_000));
  truncateSync(path, 200);
  expect((await elboError(() => readNpy(path))).message).toContain("40000 bytes, and 72 follow");
});

const faces = realData("freyfaces", "freyfaces.npy");
test.skipIf(faces === undefined)("Frey faces (needs the real data)", async () => {
  const data = await readNpy(faces!);
  expect(data).toMatchObject({ kind: "image", rows: 1965, shape: [28, 20, 1] });
  expect(data.values).toBeInstanceOf(Uint8Array);
});
