// Other compressors: every way of running one that is on this machine packs, and refuses damage.
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { duckdbZstdSize } from "#elbo/codec/rivals/duckdb-zstd.js";
import { nodeZstdWay } from "#elbo/codec/rivals/node-zstd.js";
import { programWay } from "#elbo/codec/rivals/program.js";
import { restore, rivals } from "#elbo/codec/rivals/rivals.js";
import { sevenZipWay } from "#elbo/codec/rivals/seven-zip.js";
import type { RivalName, Way } from "#elbo/codec/rivals/way.js";
import { realData } from "../../helpers/data.ts";
import { elboError } from "../../helpers/errors.ts";

const text = new TextEncoder().encode("age,sex,income\n39,Male,1.50\n28,Female,2.25\n".repeat(300));

const magic: Record<RivalName, number[]> = {
  xz: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0],
  zstd: [0x28, 0xb5, 0x2f, 0xfd],
  bzip2: [0x42, 0x5a, 0x68, 0x39],
};

const ways: [name: RivalName, by: string, way: Way][] = [
  ["xz", "the program", programWay("xz")],
  ["xz", "7-Zip", sevenZipWay("xz")],
  ["zstd", "Node", nodeZstdWay],
  ["zstd", "the program", programWay("zstd")],
  ["bzip2", "the program", programWay("bzip2")],
  ["bzip2", "7-Zip", sevenZipWay("bzip2")],
];

describe.each(ways)("%s by %s", (name, by, way) => {
  test("packs, and gives the bytes back", async (context) => {
    const packed = await way.pack(text);
    if (packed === null) return context.skip(`${name} by ${by} is not on this machine`);
    expect([...packed.subarray(0, magic[name].length)]).toEqual(magic[name]);
    expect(packed.length).toBeLessThan(text.length / 50);
    expect(Buffer.from((await way.unpack(packed, text.length))!)).toEqual(Buffer.from(text));
    const bytes = fc.uint8Array({ maxLength: 300 });
    await fc.assert(
      fc.asyncProperty(bytes, async (given) => {
        const unpacked = await way.unpack((await way.pack(given))!, given.length);
        expect(Buffer.from(unpacked!)).toEqual(Buffer.from(given));
      }),
      { numRuns: 3, examples: [[new Uint8Array(0)]] },
    );
  });

  test("refuses what is damaged, and more than may come out", async (context) => {
    const packed = await way.pack(text);
    if (packed === null) return context.skip(`${name} by ${by} is not on this machine`);
    const changed = Uint8Array.from(packed);
    changed[packed.length >> 1]! ^= 4;
    const damaged = [packed.subarray(0, -9), changed, text, new Uint8Array(0)];
    for (const bytes of damaged) {
      const error = await elboError(() => way.unpack(bytes, text.length));
      expect(error.code).toBe("rival-damaged");
    }
    const bomb = (await way.pack(new Uint8Array(3_000_000)))!;
    for (const [bytes, limit] of [
      [packed, text.length - 1],
      [bomb, 100_000],
      [packed, 0],
    ] as const) {
      expect((await elboError(() => way.unpack(bytes, limit))).code).toBe("rival-large");
    }
  });
});

test("all three are run, or it is said why not; a file that one has packed is restored", async () => {
  const results = await rivals(text);
  expect(results.map(({ name }) => name)).toEqual(["xz", "zstd", "bzip2"]);
  for (const { name, bytes, size, why } of results) {
    if (bytes === null) {
      if (size !== null) continue;
      expect(why).toMatch(/is not installed here|is installed here/);
      continue;
    }
    expect(Buffer.from(await restore(name, bytes, text.length))).toEqual(Buffer.from(text));
  }
});

const penguins = realData("penguins/penguins.csv");
test.skipIf(penguins === undefined)("7-Zip's sizes are those of xz -9 and bzip2 -9", async () => {
  const bytes = new Uint8Array(readFileSync(penguins!));
  // xz 5.4.1 and bzip2 1.0.8 on this file. Containers and searches differ by a little.
  for (const { name, size } of [
    { name: "xz", size: 2564 },
    { name: "bzip2", size: 2109 },
  ] as const) {
    const packed = await sevenZipWay(name).pack(bytes);
    expect(Math.abs(packed!.length / size - 1)).toBeLessThan(0.02);
  }
});

// On a Node without zstd, where the program is missing, nothing was told of it.
test("DuckDB's library tells what zstd makes, near the program", async () => {
  const bytes = readFileSync("package-lock.json");
  const size = Number(await duckdbZstdSize(bytes));
  const packed = (await nodeZstdWay.pack(bytes)) ?? (await programWay("zstd").pack(bytes));
  expect(size).toBeGreaterThan(0);
  expect(size).toBeLessThan(0.5 * bytes.length);
  if (packed) expect(Math.abs(size / packed.length - 1)).toBeLessThan(0.02);
});
