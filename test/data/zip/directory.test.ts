// Archives against the format's description, and those that mean harm.
import { crc32, deflateRawSync } from "node:zlib";
import { expect, test } from "vitest";
import { webInflater } from "#elbo/data/browser/inflater.js";
import { memoryBytes } from "#elbo/data/bytes.js";
import { nodeInflater } from "#elbo/data/node-inflater.js";
import { readZipDirectory, type ZipEntry } from "#elbo/data/zip/directory.js";
import { entryBlocks, readEntry } from "#elbo/data/zip/entry.js";
import { elboError } from "../../helpers/errors.ts";
import { makeZip } from "./make-zip.ts";

const read = async (zip: Uint8Array) => readZipDirectory(memoryBytes(zip, "test.zip"));

test("stored and deflated entries come back, by blocks and whole", async () => {
  const text = Buffer.from("one two ".repeat(50));
  for (const zip64 of [false, true]) {
    const zip = makeZip(
      [{ name: "a/b.txt", data: text, deflate: true }, { name: "c", data: text }, { name: "d/" }],
      { zip64 },
    );
    const entries = await read(zip);
    expect(entries.map(({ name }) => name)).toEqual(["a/b.txt", "c"]);
    for (const entry of entries) {
      const bytes = memoryBytes(zip, "test.zip");
      expect(Buffer.from(await readEntry(bytes, entry, nodeInflater))).toEqual(text);
      const blocks = [];
      for await (const block of entryBlocks(bytes, entry, nodeInflater)) blocks.push(block);
      expect(Buffer.concat(blocks)).toEqual(text);
    }
  }
});

test.each(["../up.png", "a/../../up.png", "/etc/passwd", "C:\\x.png", "\\x", "a\\..\\b"])(
  "the name %s is refused",
  async (name) => {
    expect((await elboError(() => read(makeZip([{ name, data: Buffer.of(1) }])))).code).toBe(
      "zip-unsafe",
    );
  },
);

test("encrypted entries and other methods are refused", async () => {
  const one = { name: "a", data: Buffer.of(1) };
  expect((await elboError(() => read(makeZip([{ ...one, flags: 1 }])))).code).toBe("zip-encrypted");
  expect((await elboError(() => read(makeZip([{ ...one, method: 12 }])))).code).toBe("zip-method");
});

test("an archive that unpacks to 100 times its size is refused before it is unpacked", async () => {
  const zeros = Buffer.alloc(1 << 20);
  const zip = makeZip([{ name: "zeros.png", data: zeros, deflate: true }]);
  expect(zip.length).toBeLessThan(zeros.length / 100);
  const error = await elboError(() => read(zip));
  expect(error.code).toBe("zip-bomb");
  for (const part of ["test.zip", zip.length.toLocaleString("en"), "1,048,576 bytes"]) {
    expect(error.message).toContain(part);
  }
  expect(error.hint).toContain("folder");
  // Beside what does not shrink they are no bomb.
  const noise = Buffer.from(Array.from({ length: 12_000 }, (_, i) => (i * i * 2654435761) >>> 24));
  const entries = [
    { name: "noise.png", data: noise },
    { name: "zeros.png", data: zeros, deflate: true },
  ];
  expect(await read(makeZip(entries))).toHaveLength(2);
});

test("an array of zeros is no bomb", async () => {
  const zip = makeZip([{ name: "x.npy", data: Buffer.alloc(1 << 20), deflate: true }]);
  expect(await read(zip)).toHaveLength(1);
});

test.each([
  ["Node", nodeInflater],
  ["a web page", webInflater],
])(
  "in %s an entry that says that it is small is unpacked no further than that",
  async (_, inflater) => {
    const data = Buffer.alloc(8 << 20);
    const zip = makeZip([{ name: "a.png", data, deflate: true, size: 1000 }]);
    const [entry] = (await read(zip)) as [ZipEntry];
    let unpacked = 0;
    const counting = {
      ...inflater,
      async *unpack(...given: Parameters<typeof inflater.unpack>) {
        for await (const block of inflater.unpack(...given)) {
          unpacked += block.length;
          yield block;
        }
      },
    };
    const error = await elboError(() => readEntry(memoryBytes(zip, "test.zip"), entry, counting));
    expect(error.message).toContain("more than the 1,000 bytes");
    expect(unpacked).toBeLessThan(data.length / 10);
  },
);

test("a size that no deflate stream reaches, and entries that overlap, are refused", async () => {
  const packed = deflateRawSync(Buffer.alloc(1000));
  const lying = makeZip([{ name: "a", data: Buffer.alloc(1000), deflate: true, size: 1e9 }]);
  expect((await elboError(() => read(lying))).code).toBe("zip-invalid");
  expect(packed.length).toBeLessThan(100);
  const zip = makeZip([{ name: "a", data: Buffer.alloc(500) }], { repeat: 3 });
  expect((await elboError(() => read(zip))).message).toContain("overlap");
});

test("an entry that unpacks to another size or checksum is refused", async () => {
  const data = Buffer.from("some text that is long enough to be packed, packed, packed");
  const wrongSize = makeZip([{ name: "a", data, deflate: true, size: data.length - 1 }]);
  const wrongSum = makeZip([{ name: "a", data, deflate: true, crc: crc32(data) ^ 1 }]);
  for (const zip of [wrongSize, wrongSum]) {
    const [entry] = (await read(zip)) as [ZipEntry];
    const error = await elboError(() =>
      readEntry(memoryBytes(zip, "test.zip"), entry, nodeInflater),
    );
    expect(error.code).toBe("zip-invalid");
  }
});
