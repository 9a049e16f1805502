// .npy files that NumPy wrote (test/fixtures/data/make.py), and damaged ones.
import { readFileSync, truncateSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { arraySource } from "#elbo/data/arrays/array-source.js";
import { npyArray } from "#elbo/data/arrays/npy-array.js";
import { openNpy } from "#elbo/data/by-path.js";
import { blobBytes } from "#elbo/data/bytes.js";
import { realData } from "../../helpers/data.ts";
import { elboError } from "../../helpers/errors.ts";
import { testFolder } from "../../helpers/folder.ts";
import { encodeNpy } from "../npy-bytes.ts";
import { collect } from "../rows.ts";

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
])("NumPy's %s is a vector of float32", async (name, values) => {
  const source = await openNpy(fixture(name));
  expect(source).toMatchObject({ rows: 2, notes: [] });
  expect(source.columns).toEqual([{ name, type: "vector", size: 3, sparse: false }]);
  expect(await collect(source)).toEqual({ [name]: values });
});

test("three dimensions of bytes are images, Fortran order too", async () => {
  const source = await openNpy(fixture("fortran3"));
  expect(source.columns).toEqual([
    { name: "fortran3", type: "image", height: 3, width: 4, channels: 1 },
  ]);
  const { fortran3 } = await collect(source);
  expect(fortran3).toEqual(Array.from({ length: 24 }, (_, i) => i));
  for await (const { columns } of source.chunks()) {
    expect(columns[0]!.values).toBeInstanceOf(Uint8Array);
  }
});

test.each([
  ["object", "npy-pickled"],
  ["structured", "npy-dtype"],
  ["complex", "npy-dtype"],
  ["text", "npy-dtype"],
])("NumPy's %s array is refused", async (name, code) => {
  const error = await elboError(() => openNpy(fixture(name)));
  expect(error.code).toBe(code);
  if (name === "object") expect(error.message).toContain("pickled");
});

function saved(shape: number[], values: Float32Array | Float64Array | Uint8Array): string {
  const path = join(testFolder(), "array.npy");
  writeFileSync(path, Buffer.concat(encodeNpy(shape, values)));
  return path;
}

/** The same array in Fortran order, written by hand. */
function fortran(shape: readonly number[], values: Float32Array): Uint8Array {
  const file = Buffer.concat(encodeNpy(shape, values));
  const header = file.length - values.byteLength;
  const text = file.toString("latin1", 10, header);
  file.write(text.replace("False", "True ").padEnd(header - 10), 10, "latin1");
  const turned = new Float32Array(values.length);
  const strides = shape.map((_, axis) => shape.slice(0, axis).reduce((a, b) => a * b, 1));
  for (let i = 0; i < values.length; i++) {
    let rest = i;
    let to = 0;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      to += (rest % shape[axis]!) * strides[axis]!;
      rest = Math.floor(rest / shape[axis]!);
    }
    turned[to] = values[i]!;
  }
  return Buffer.concat([file.subarray(0, header), new Uint8Array(turned.buffer)]);
}

test("any shape comes back from either order, chunk by chunk", async () => {
  const folder = testFolder();
  const size = fc.integer({ min: 1, max: 4 });
  const shapes = fc
    .tuple(fc.integer({ min: 1, max: 9000 }), fc.array(size, { maxLength: 3 }))
    .filter(([rows, rest]) => rest.reduce((a, b) => a * b, rows) < 60_000);
  await fc.assert(
    fc.asyncProperty(shapes, fc.boolean(), async ([rows, rest], turned) => {
      const shape = [rows, ...rest];
      const length = shape.reduce((a, b) => a * b, 1);
      const values = Float32Array.from({ length }, (_, i) => i / 4);
      const path = join(folder, "any.npy");
      const bytes = turned ? fortran(shape, values) : Buffer.concat(encodeNpy(shape, values));
      writeFileSync(path, bytes);
      const source = await openNpy(path);
      expect(source.rows).toBe(rows);
      expect((await collect(source))["any"]).toEqual([...values]);
    }),
    { numRuns: 40 },
  );
});

test("large rows come in chunks of about 4 MB, and again at every iteration", async () => {
  const source = await openNpy(saved([9, 300_000], new Float32Array(2_700_000)));
  for (let pass = 0; pass < 2; pass++) {
    const rows = [];
    for await (const chunk of source.chunks()) rows.push(chunk.rows);
    expect(rows).toEqual([3, 3, 3]);
  }
});

test("one dimension is a number, of booleans a boolean one", async () => {
  const source = await openNpy(saved([3], Float64Array.of(1, Number.NaN, 0.1)));
  expect(source.columns).toEqual([{ name: "array", type: "number" }]);
  expect(await collect(source)).toEqual({ array: [1, Number.NaN, 0.1] });
});

test("colour images keep their channels; channels first are refused with the remedy", async () => {
  const source = await openNpy(saved([2, 4, 5, 3], new Uint8Array(120)));
  expect(source.columns[0]).toMatchObject({ type: "image", height: 4, width: 5, channels: 3 });
  const error = await elboError(() => openNpy(saved([2, 3, 32, 32], new Uint8Array(6144))));
  expect(error.code).toBe("image-channels");
  expect(error.hint).toContain("transpose");
});

test.each([
  ["float32", (values: number[]) => Float32Array.from(values)],
  ["float64", (values: number[]) => Float64Array.from(values)],
])("NaN is missing and infinity is not, in %s", async (_type, typed) => {
  const gaps = await openNpy(saved([3, 2], typed([1, 2, Number.NaN, 4, 5, 6])));
  expect((await collect(gaps))["array"]).toEqual([1, 2, Number.NaN, 4, 5, 6]);
  const read = async (shape: number[], values: number[]) =>
    collect(await openNpy(saved(shape, typed(values))));
  const infinite = await elboError(() => read([3, 2], [1, 2, 3, Number.NEGATIVE_INFINITY, 5, 6]));
  expect(infinite).toMatchObject({
    code: "value-infinite",
    where: { row: 2, column: "array[1]" },
  });
  const one = await elboError(() => read([2], [1, Number.POSITIVE_INFINITY]));
  expect(one).toMatchObject({ code: "value-infinite", where: { row: 2, column: "array" } });
  const pixel = await elboError(() => read([2, 1, 2], [1, 1, 1, Number.NaN]));
  expect(pixel).toMatchObject({ code: "value-infinite", where: { row: 2 } });
});

test("what float32 cannot hold is refused where it overflows and noted where it is rounded", async () => {
  const error = await elboError(() => openNpy(saved([1, 1], Float64Array.of(1e39))));
  expect(error.code).toBe("value-infinite");
  const { notes } = await openNpy(saved([2, 1], Float64Array.of(1, 2 ** 24 + 1)));
  expect(notes).toEqual([
    { code: "precision-lost", message: expect.stringContaining("16777217 became 16777216") },
  ]);
  expect((await openNpy(saved([1, 1], Float64Array.of(0.1)))).notes).toEqual([]);
});

test("empty, scalar and five-dimensional arrays are refused", async () => {
  const empty = await elboError(() => openNpy(saved([0, 3], new Float32Array(0))));
  expect(empty.code).toBe("data-empty");
  for (const shape of [[], [1, 1, 1, 1, 1]]) {
    const error = await elboError(() => openNpy(saved(shape, new Float32Array(1))));
    expect(error.code).toBe("array-dimensions");
  }
});

test("an unknown column is refused, and the nearest named", async () => {
  const source = await openNpy(saved([1], Float32Array.of(1)));
  const error = await elboError(() =>
    collect(source, ["arrai"]).then(() => source.chunks(["arrai"])),
  );
  expect(error).toMatchObject({ code: "column-unknown", hint: "did you mean array?" });
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
  ["no byte", new Uint8Array(0), "npy-invalid"],
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
  const path = join(testFolder(), "bad.npy");
  writeFileSync(path, bytes);
  const error = await elboError(() => openNpy(path));
  expect(error.code).toBe(code);
  expect(error.message).toContain(path);
});

test("a file cut short on the disk is known before its data is read", async () => {
  const path = saved([100, 100], new Float32Array(10_000));
  truncateSync(path, 200);
  expect((await elboError(() => openNpy(path))).message).toContain("40000 bytes, and 72 follow");
});

test("a file that is cut while it is read is an error, not fewer rows", async () => {
  const path = saved([100, 100], new Float32Array(10_000));
  const source = await openNpy(path);
  truncateSync(path, 2000);
  expect((await elboError(() => collect(source))).code).toBe("npy-invalid");
});

const faces = realData("freyfaces", "freyfaces.npy");
test.skipIf(faces === undefined)("Frey faces (needs the real data)", async () => {
  const source = await openNpy(faces!);
  expect(source.rows).toBe(1965);
  expect(source.columns[0]).toMatchObject({ type: "image", height: 28, width: 20, channels: 1 });
  expect((await collect(source))["freyfaces"]!.length).toBe(1965 * 560);
});

test("NumPy's bytes are ours", () => {
  const ours = Buffer.concat(encodeNpy([2, 3], Float32Array.from(real)));
  const theirs = readFileSync(fixture("le-f4"));
  expect(ours.subarray(-24)).toEqual(theirs.subarray(-24));
  expect((ours.length - 24) % 64).toBe(0);
});

test("a Blob, as a web page has it, is read without a Node module", async () => {
  for (const shape of [[5, 3], [15]]) {
    const values = Float32Array.from({ length: 15 }, (_, i) => i / 8);
    const blob = new Blob(encodeNpy(shape, values) as Uint8Array<ArrayBuffer>[]);
    const source = await arraySource("x.npy", [await npyArray(blobBytes(blob, "x.npy"), "x")], []);
    expect(await collect(source)).toEqual({ x: [...values] });
  }
  const modules = ["arrays/npy-array.js", "arrays/array-source.js", "bytes.js"];
  const seen = new Set<string>();
  const visit = (path: string): void => {
    if (seen.has(path)) return;
    seen.add(path);
    for (const [, name] of readFileSync(path, "utf8").matchAll(/from "([^"]+)"/g)) {
      expect(name, path).toMatch(/^\./);
      visit(join(dirname(path), name!));
    }
  };
  for (const name of modules) visit(join("build/data", name));
  expect(seen.size).toBeGreaterThan(5);
});
