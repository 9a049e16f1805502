// Of what is too much for other compressors a sample is measured, evenly spread, of whole images or rows.
import { expect, test } from "vitest";
import { fileContent } from "#elbo/codec/contents/file.js";
import { measuredOf } from "#elbo/tasks/compress/measured.js";
import { packedBeside } from "#elbo/tasks/compress/rivals.js";

const bytes = Uint8Array.from({ length: 100_000 }, (_, i) => i / 400);
const file = {
  ...fileContent(bytes, { kind: "bytes" }),
  ...{ name: "file", bytes: bytes.length, file: bytes, rows: null, notes: [], pixels: null },
  close: async () => {},
};

test("a file's sample is taken from all of it, and what is made of it is scaled and not kept", async () => {
  expect(await measuredOf(file, 100_000)).toMatchObject({ share: 1, bytes });
  const sample = await measuredOf(file, 16_000);
  expect(sample.bytes.length).toBe(16_000);
  expect(sample.share).toBeCloseTo(0.16);
  expect([sample.bytes[0], sample.bytes.at(-1)]).toEqual([0, bytes.at(-1)]);
  const [whole] = await packedBeside(await measuredOf(file, 100_000), false);
  const about = await packedBeside(sample, true);
  expect(whole).not.toHaveProperty("share");
  for (const { bytes: size, packed, share } of about) {
    expect({ packed, share }).toEqual({ packed: null, share: sample.share });
    expect(size).toBeGreaterThan(0);
  }
}, 30_000);

test("images are sampled whole, and rows by blocks", async () => {
  const pixels = { data: bytes.subarray(0, 99_990), height: 3, width: 11, channels: 1 };
  const images = await measuredOf({ ...file, pixels }, 20_000);
  expect(images.bytes.length % 33).toBe(0);
  expect(images.pixels!.data).toEqual(images.bytes);
  const info = [{ name: "x", type: "number" as const }];
  async function* pieces() {
    for (let i = 0; i < 40; i++) {
      yield {
        rows: 100,
        values: [{ type: "number" as const, values: new Float64Array(100).fill(i) }],
      };
    }
  }
  const rows = await measuredOf({ ...file, file: null, rows: { info, pieces } }, 9000);
  const values = new Float64Array(rows.bytes.slice().buffer);
  expect(rows.share).toBe(values.length / 4000);
  expect([...new Set(values)]).toEqual([0, 4, 8, 12, 16, 20, 24, 28, 32, 36]);
});
