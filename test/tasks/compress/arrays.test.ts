// npy and IDX files that the model's arrays do not hold as they are: nothing of them is rounded or refused.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { compressTo, decompressTo } from "#elbo/tasks/compress/archives.js";
import { train } from "#elbo/train/train.js";
import { sharedFolder } from "../../helpers/folder.ts";
import { pictures } from "./files.ts";

const folder = sharedFolder();
const at = (name: string) => join(folder, name);

function npy(type: string, shape: string, numbers: ArrayBufferView): Uint8Array {
  const text = `{'descr': '${type}', 'fortran_order': False, 'shape': (${shape}), }`;
  const head = `${`\x93NUMPY\x01\0v\0${text}`.padEnd(127)}\n`;
  const { buffer, byteOffset, byteLength } = numbers;
  return Buffer.concat([Buffer.from(head, "latin1"), Buffer.from(buffer, byteOffset, byteLength)]);
}

const thirds = Float64Array.from({ length: 300 }, (_, i) => i / 3);
const blots = pictures(20);

beforeAll(async () => {
  writeFileSync(at("n.npy"), npy("<f4", "100, 3", Float32Array.from(thirds)));
  const options = { network: "mlp:8", latent: 2, epochs: 1, validation: 0, report: false } as const;
  await train(at("n.npy"), { ...options, out: at("run") });
});

/** What the model has seen, as other types. */
test.each([
  ["float64", "<f8", thirds],
  ["decimals of float64", "<f8", thirds.map((x) => Math.round(x * 100) / 100)],
  ["float64 with odd zeros and gaps", "<f8", thirds.map((x, i) => [x, -0, Number.NaN][i % 3]!)],
  ["large integers", "<i4", Int32Array.from(thirds, (_, i) => 2 ** 24 + i)],
  ["larger integers", "<i8", BigInt64Array.from(thirds, (_, i) => 2n ** 60n + BigInt(i))],
  ["unsigned integers", "<u8", BigUint64Array.from(thirds, (_, i) => 2n ** 64n - 1n - BigInt(i))],
  ["integers, the high byte first", ">i2", Int16Array.from(thirds, (_, i) => 7 * i)],
  ["float64, the high byte first", ">f8", Buffer.from(thirds.slice().buffer).swap64()],
  ["float32 with odd zeros", "<f4", Float32Array.from(thirds, (_, i) => [2, -0, 0][i % 3]!)],
  ["bytes", "|u1", Uint8Array.from(thirds, (x) => x)],
  ["bytes with a sign", "|i1", Int8Array.from(thirds, (x) => x - 50)],
  [
    "NaN of other bits",
    "<f8",
    new Float64Array(new BigUint64Array(300).fill(0xfff8000000000123n).buffer),
  ],
])("an array of %s comes back byte for byte, by the model", async (_, type, numbers) => {
  const file = npy(type, "100, 3", numbers);
  writeFileSync(at("file.npy"), file);
  const options = { force: true, threads: 1, rivals: false };
  const { content, notes } = await compressTo(at("a.elbo"), at("run"), at("file.npy"), options);
  expect(content).toBe("array");
  expect(notes).toEqual([]);
  await decompressTo(at("back"), at("run"), at("a.elbo"), { force: true });
  expect(readFileSync(at("back")).equals(file)).toBe(true);
});

// Numbers of float64 came back as float32, and arrays that are not whole were refused.
test.each([
  ["one number in a row", npy("<f8", "300,", thirds)],
  ["halves", npy("<f2", "100, 3", new Uint16Array(300))],
  ["infinities", npy("<f8", "100, 3", new Float64Array(300).fill(Number.POSITIVE_INFINITY))],
  ["no dimension", npy("<f4", "", Float32Array.of(1))],
  ["text", npy("<U1", "3,", Uint32Array.of(97, 98, 99))],
  ["an array cut short", npy("|u1", "100, 3", new Uint8Array(299))],
  ["pictures cut short", blots.subarray(0, -7)],
  ["pictures and something behind", Buffer.concat([blots, Buffer.from("more")])],
])("a file of %s comes back byte for byte, without the model", async (_, file) => {
  writeFileSync(at("file.npy"), file);
  const options = { force: true, threads: 1, rivals: false };
  const { content, notes } = await compressTo(at("a.elbo"), at("run"), at("file.npy"), options);
  expect(content).toBe("bytes");
  expect(notes).toMatchObject([{ code: "compress-bytes" }]);
  await decompressTo(at("back"), at("run"), at("a.elbo"), { force: true });
  expect(readFileSync(at("back")).equals(file)).toBe(true);
});
