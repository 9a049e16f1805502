// npy and IDX files that the model's arrays do not hold as they are: nothing of them is rounded or refused.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { compressTo } from "#elbo/tasks/compress/compress.js";
import { decompressTo } from "#elbo/tasks/compress/decompress.js";
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

// Numbers of float64 came back as float32, and arrays that are not whole were refused.
test.each([
  ["float64", npy("<f8", "100, 3", thirds)],
  [
    "large integers",
    npy(
      "<i4",
      "100, 3",
      Int32Array.from(thirds, (_, i) => 2 ** 24 + i),
    ),
  ],
  [
    "larger integers",
    npy(
      "<i8",
      "100, 3",
      BigInt64Array.from(thirds, (_, i) => 2n ** 60n + BigInt(i)),
    ),
  ],
  ["images of float64", npy("<f8", "3, 10, 10", thirds)],
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

test("whole numbers of other types are coded by the model, and their values come back", async () => {
  writeFileSync(at("whole.npy"), npy("<f8", "100, 3", thirds.map(Math.floor)));
  const options = { force: true, threads: 1, rivals: false };
  const { content, notes } = await compressTo(at("w.elbo"), at("run"), at("whole.npy"), options);
  expect(content).toBe("rows");
  expect(notes).toMatchObject([{ message: expect.stringContaining("of arrays as float32") }]);
  await decompressTo(at("whole.back.npy"), at("run"), at("w.elbo"), { force: true });
  const back = readFileSync(at("whole.back.npy"));
  const numbers = new Float32Array(
    back.buffer.slice(back.byteOffset + back.length - 1200, back.byteOffset + back.length),
  );
  expect([...numbers]).toEqual([...thirds.map(Math.floor)]);
});
