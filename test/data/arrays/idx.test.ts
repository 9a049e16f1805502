// IDX files against the format's description, and each way in which one can be damaged.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { expect, test } from "vitest";
import { openIdx } from "#elbo/data/by-path.js";
import { realData } from "../../helpers/data.ts";
import { elboError } from "../../helpers/errors.ts";
import { testFolder } from "../../helpers/folder.ts";
import { idxBytes } from "../idx-bytes.ts";
import { collect } from "../rows.ts";

function written(bytes: Uint8Array, name = "data.idx"): string {
  const path = join(testFolder(), name);
  writeFileSync(path, bytes);
  return path;
}

test("images of bytes come back, packed or not", async () => {
  const folder = testFolder();
  const size = fc.integer({ min: 1, max: 5 });
  await fc.assert(
    fc.asyncProperty(size, size, size, fc.boolean(), async (rows, height, width, packed) => {
      const pixels = Uint8Array.from({ length: rows * height * width }, (_, i) => (i * 37) % 256);
      const bytes = idxBytes(8, [rows, height, width], pixels);
      const path = join(folder, "images");
      writeFileSync(path, packed ? gzipSync(bytes) : bytes);
      const source = await openIdx(path);
      expect(source.columns).toEqual([
        { name: "image", type: "image", height, width, channels: 1 },
      ]);
      expect((await collect(source))["image"]).toEqual([...pixels]);
    }),
    { numRuns: 25 },
  );
});

test("other types are numbers, high byte first: a vector of two dimensions, a value of one", async () => {
  const floats = Buffer.alloc(8);
  floats.writeFloatBE(1.5, 0);
  floats.writeFloatBE(-2, 4);
  const shorts = Buffer.alloc(4);
  shorts.writeInt16BE(-300, 0);
  shorts.writeInt16BE(7, 2);
  expect(await collect(await openIdx(written(idxBytes(13, [1, 2], floats))))).toEqual({
    x: [1.5, -2],
  });
  expect(await collect(await openIdx(written(idxBytes(11, [2], shorts))))).toEqual({
    value: [-300, 7],
  });
});

test("labels come beside their images, and must be as many", async () => {
  const images = written(idxBytes(8, [3, 1, 2], Uint8Array.of(1, 2, 3, 4, 5, 6)));
  const labels = written(gzipSync(idxBytes(8, [3], Uint8Array.of(7, 0, 255))), "labels.gz");
  const source = await openIdx(images, { labels });
  expect(source.columns[1]).toEqual({ name: "label", type: "number", role: "id" });
  expect(await collect(source)).toEqual({ image: [1, 2, 3, 4, 5, 6], label: [7, 0, 255] });
  const two = written(idxBytes(8, [2], new Uint8Array(2)));
  expect((await elboError(() => openIdx(images, { labels: two }))).code).toBe("labels-count");
  expect((await elboError(() => openIdx(images, { labels: images }))).code).toBe("labels-shape");
});

const whole = idxBytes(8, [2, 3, 4], new Uint8Array(24));
test.each([
  ["no byte", new Uint8Array(0), "idx-truncated"],
  ["half a header", whole.subarray(0, 9), "idx-truncated"],
  ["data cut short", whole.subarray(0, 30), "idx-truncated"],
  ["packed data cut short", gzipSync(whole.subarray(0, 30)), "idx-truncated"],
  ["bytes at the end", Buffer.concat([whole, Buffer.of(1)]), "idx-trailing"],
  ["packed bytes at the end", gzipSync(Buffer.concat([whole, Buffer.of(1)])), "idx-trailing"],
  ["a cut gzip stream", gzipSync(whole).subarray(0, 25), "gzip-damaged"],
  ["a wrong magic number", Buffer.from("PK\x03\x04 and more of it"), "idx-magic"],
  ["an unknown type", idxBytes(10, [1], new Uint8Array(1)), "idx-magic"],
  ["absurd sizes", idxBytes(8, [4e9, 4e9, 4e9], new Uint8Array(9)), "idx-truncated"],
  ["packed absurd sizes", gzipSync(idxBytes(8, [4e9, 28, 28], new Uint8Array(9))), "idx-truncated"],
  ["no images", idxBytes(8, [0, 28, 28], new Uint8Array(0)), "data-empty"],
])("%s is one clear error before any data is read", async (_what, bytes, code) => {
  const path = written(bytes);
  const error = await elboError(() => openIdx(path));
  expect(error.code).toBe(code);
  expect(error.message).toContain(path);
});

test("a gzip file of several streams is read", async () => {
  const path = written(
    Buffer.concat([gzipSync(whole.subarray(0, 9)), gzipSync(whole.subarray(9))]),
  );
  expect((await openIdx(path)).rows).toBe(2);
});

const mnist = realData("mnist", "t10k-images-idx3-ubyte.gz");
test.skipIf(mnist === undefined)("MNIST's test set (needs the real data)", async () => {
  const labels = mnist!.replace("images-idx3", "labels-idx1");
  const source = await openIdx(mnist!, { labels });
  expect(source.rows).toBe(10_000);
  // The first ten labels are 7 2 1 0 4 1 4 9 5 9 (Y. LeCun's page).
  const { image, label } = await collect(source);
  expect(label!.slice(0, 10)).toEqual([7, 2, 1, 0, 4, 1, 4, 9, 5, 9]);
  expect(image!.length).toBe(10_000 * 784);
});
