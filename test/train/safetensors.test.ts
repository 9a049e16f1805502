// Safetensors against the reference implementation's own files (test/fixtures/data/make.py), and
// every way in which a file can lie.
import { readFileSync, truncateSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  decodeSafetensors,
  encodeSafetensors,
  readSafetensors,
  type TensorData,
  writeSafetensors,
} from "#elbo/train/safetensors.js";
import { elboError } from "../helpers/errors.ts";
import { testFolder } from "../helpers/folder.ts";
import { damagedSafetensors } from "./safetensors.damaged.ts";

const reference = "test/fixtures/data/reference.safetensors";

const expected = new Map<string, { shape: number[]; data: TensorData }>([
  ["decoder.weight", { shape: [2, 3], data: Float32Array.from([0, 1, 2, 3, 4, 5], (i) => i / 7) }],
  ["step", { shape: [], data: Int32Array.of(12345) }],
  ["a", { shape: [3], data: Uint8Array.of(250, 0, 255) }],
  ["Z", { shape: [0, 4], data: new Float32Array(0) }],
  ["__proto__", { shape: [1], data: Float32Array.of(1.5) }],
]);
const metadata = new Map([
  ["format", "pt"],
  ["note", 'quotes " and é'],
]);

const split = (bytes: Uint8Array) => {
  const length = Number(Buffer.from(bytes).readBigUInt64LE());
  const text = Buffer.from(bytes.subarray(8, 8 + length)).toString();
  return { text: text.trimEnd(), data: Buffer.from(bytes.subarray(8 + length)), length };
};

test("a file of the reference implementation is read", async () => {
  const file = await readSafetensors(reference);
  expect(file.metadata).toEqual(metadata);
  expect(new Set(file.tensors.keys())).toEqual(new Set(expected.keys()));
  for (const [name, { shape, data }] of expected) {
    expect(file.tensors.get(name)).toMatchObject({ shape, data });
  }
  expect(Object.hasOwn(Object.prototype, "dtype")).toBe(false);
  expect(({} as Record<string, unknown>)["shape"]).toBeUndefined();
});

test("the same tensors give the reference's entries and data, and alignment to 64 bytes", () => {
  const ours = split(Buffer.concat(encodeSafetensors(expected, metadata)));
  const theirs = split(readFileSync(reference));
  expect(JSON.parse(ours.text)).toEqual(JSON.parse(theirs.text));
  expect(ours.data).toEqual(theirs.data);
  expect((ours.length + 8) % 64).toBe(0);
});

const tensor = fc
  .tuple(fc.array(fc.nat(4), { maxLength: 3 }), fc.constantFrom("F32", "I32", "U8"), fc.nat(255))
  .map(([shape, dtype, value]) => {
    const length = shape.reduce((product, size) => product * size, 1);
    const data =
      dtype === "F32"
        ? new Float32Array(length).fill(value / 3)
        : dtype === "I32"
          ? new Int32Array(length).fill(-value)
          : new Uint8Array(length).fill(value);
    return { shape, data };
  });
const name = fc
  .oneof(fc.string(), fc.constantFrom("__proto__", "constructor", "0", "10", "9", "toString"))
  .filter((text) => text !== "__metadata__");

test("tensors of any names and shapes come back, in any order the same bytes", () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.tuple(name, tensor), { selector: ([key]) => key, maxLength: 6 }),
      (pairs) => {
        const bytes = Buffer.concat(encodeSafetensors(new Map(pairs)));
        expect(bytes).toEqual(Buffer.concat(encodeSafetensors(new Map(pairs.toReversed()))));
        for (const shift of [0, 1]) {
          const moved = new Uint8Array(bytes.length + shift).subarray(shift);
          moved.set(bytes);
          // A Buffer too: its slice() is no copy.
          const input = shift === 0 ? moved : Buffer.from(moved.buffer, shift);
          const { tensors } = decodeSafetensors(input, "memory");
          expect(tensors.size).toBe(pairs.length);
          for (const [key, value] of pairs) expect(tensors.get(key)).toMatchObject(value);
        }
      },
    ),
  );
});

/** A file with this header text and so many zero bytes after it. */
function made(header: string, dataBytes: number): Uint8Array {
  const text = Buffer.from(header);
  const head = Buffer.alloc(8);
  head.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([head, text, Buffer.alloc(dataBytes)]);
}
const entry = (begin: number, end: number, shape = `[${(end - begin) / 4}]`, dtype = "F32") =>
  `{"dtype":"${dtype}","shape":${shape},"data_offsets":[${begin},${end}]}`;

test.each([
  ["no bytes", new Uint8Array(0), "8 are its least"],
  ["a huge header length", Buffer.alloc(100, 0xff), "its header claims"],
  ["a header longer than the file", made("{}", 0).subarray(0, 9), "its header claims"],
  ["no JSON", made("{]", 0), "no JSON"],
  ["a list", made("[]", 0), "no JSON object"],
  [
    "invalid UTF-8",
    Buffer.concat([made("{}  ", 0).subarray(0, 10), Buffer.of(0xff, 0xfe)]),
    "no JSON",
  ],
  ["a name twice", made(`{"a":${entry(0, 4)},"a":${entry(0, 4)}}`, 4), '"a" twice'],
  ["a name twice, escaped", made(`{"a":${entry(0, 4)},"\\u0061":${entry(0, 4)}}`, 4), '"a" twice'],
  [
    "a dtype twice",
    made(`{"a":{"dtype":"U8","dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, 4),
    "twice",
  ],
  ["overlap", made(`{"a":${entry(0, 8)},"b":${entry(4, 12)}}`, 12), "overlaps"],
  ["a gap", made(`{"a":${entry(0, 4)},"b":${entry(8, 12)}}`, 12), "a gap"],
  ["a gap at the start", made(`{"b":${entry(4, 8)}}`, 8), "a gap"],
  ["data cut short", made(`{"a":${entry(0, 8)}}`, 4), "take 8 bytes"],
  ["bytes at the end", made(`{"a":${entry(0, 4)}}`, 5), "5 follow"],
  ["a shape that does not fit", made(`{"a":${entry(0, 4, "[2]")}}`, 4), "takes 8 bytes"],
  [
    "an absurd shape",
    made(`{"a":${entry(0, 4, "[9007199254740991,9007199254740991]")}}`, 4),
    "takes",
  ],
  [
    "a shape of zero times infinity",
    made(`{"a":${entry(0, 0, "[0,1e308]")}}`, 0),
    "no list of sizes",
  ],
  ["a negative size", made(`{"a":${entry(0, 4, "[-1,-1]")}}`, 4), "no list of sizes"],
  ["a fraction", made(`{"a":${entry(0, 4, "[0.5,2]")}}`, 4), "no list of sizes"],
  ["reversed offsets", made(`{"a":${entry(4, 0, "[1]")}}`, 4), "hold -4"],
  ["an entry that is null", made('{"a":null}', 0), "no object"],
  ["metadata that is no text", made('{"__metadata__":{"a":1}}', 0), "__metadata__"],
])("%s is refused", async (_what, bytes, says) => {
  const error = await elboError(() => decodeSafetensors(bytes, "bad.safetensors"));
  expect(error.code).toBe("safetensors-invalid");
  expect(error.message).toContain("bad.safetensors");
  expect(error.message).toContain(says);
});

test("types that training does not keep are refused by name", async () => {
  const error = await elboError(() => readSafetensors("test/fixtures/data/int64.safetensors"));
  expect(error.code).toBe("safetensors-dtype");
  expect(error.message).toContain("I64");
  for (const dtype of ["F64", "toString", "__proto__"]) {
    const bytes = made(`{"a":${entry(0, 8, "[1]", dtype)}}`, 8);
    expect((await elboError(() => decodeSafetensors(bytes, "x"))).code).toBe("safetensors-dtype");
  }
});

test("a shape that holds other than its data is not written", async () => {
  const tensors = new Map([["w", { shape: [3], data: new Float32Array(2) }]]);
  const error = await elboError(() => encodeSafetensors(tensors));
  expect(error).toMatchObject({ code: "safetensors-tensor", kind: "usage" });
});

test("a file that was cut short or removed is known", async () => {
  const path = join(testFolder(), "model.safetensors");
  await writeSafetensors(path, expected, metadata);
  truncateSync(path, readFileSync(path).length - 1);
  expect((await elboError(() => readSafetensors(path))).code).toBe("safetensors-invalid");
  const missing = await elboError(() => readSafetensors(`${path}.gone`));
  expect(missing.code).toBe("file-missing");
  expect((await elboError(() => readSafetensors("test"))).code).toBe("file-is-folder");
});

test("1,000 damaged files end in a result or a clear error", async () => {
  const { accepted, refused } = await damagedSafetensors(1000);
  expect(refused).toBeGreaterThan(500);
  expect(accepted).toBeGreaterThan(0);
});
