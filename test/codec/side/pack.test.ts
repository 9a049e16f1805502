// Bytes packed and unpacked: any bytes at all, real files, records, and what is damaged.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { packBytes, unpackBytes } from "#elbo/codec/side/pack.js";
import { Random } from "#elbo/runtime/random.js";
import { realData } from "../../helpers/data.ts";
import { elboError } from "../../helpers/errors.ts";
import { readsDamaged } from "../../helpers/mutate.ts";

const bytesOf = (text: string) => new TextEncoder().encode(text);

/** 32 random bits each, as bytes. */
const randomBytes = (length: number) => new Uint8Array(new Random(7).bits(1, 0, length / 4).buffer);

/** A running sum of steps from 0 to 49, as numbers of 4 bytes. */
function sums(rows: number): Uint8Array {
  const steps = new Random(7).uniform(1, 1, rows);
  let sum = 0;
  const values = Int32Array.from(steps, (step) => {
    sum += Math.floor(50 * step);
    return sum;
  });
  return new Uint8Array(values.buffer);
}

test("any bytes come back, with any width of records", () => {
  const few = fc.array(fc.constantFrom(0, 1, 0x2c, 255), { maxLength: 600 });
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    few.map(Uint8Array.from.bind(Uint8Array)),
  );
  const stride = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 255 }));
  fc.assert(
    fc.property(bytes, stride, (given, width) => {
      const packed = packBytes(given, { stride: width });
      expect(unpackBytes(packed, given.length)).toEqual(given);
      expect(packed.length).toBeLessThanOrEqual(given.length + 5);
    }),
    { numRuns: 300 },
  );
});

test("nothing packs to nothing, little to little, and noise grows by a few bytes", () => {
  expect(packBytes(new Uint8Array(0))).toEqual(new Uint8Array(0));
  expect(unpackBytes(new Uint8Array(0), 0)).toEqual(new Uint8Array(0));
  const names = bytesOf(
    "age,workclass,fnlwgt,education,education-num,marital-status,occupation,sex",
  );
  expect(packBytes(names).length).toBeLessThan(names.length);
  expect(packBytes(randomBytes(100)).length).toBeLessThanOrEqual(104);
  expect(packBytes(randomBytes(20_000)).length).toBeLessThanOrEqual(20_008);
});

test("300,000 of one symbol take less than 40 bytes", () => {
  const packed = packBytes(new Uint8Array(300_000).fill(65));
  expect(packed.length).toBeLessThan(40);
  expect(unpackBytes(packed, 300_000).every((byte) => byte === 65)).toBe(true);
});

test("independent symbols take hardly more than their entropy", () => {
  const length = 100_000;
  const symbols = Uint8Array.from(new Random(3).uniform(1, 0, length), (u) =>
    u < 0.9 ? 0 : u < 0.95 ? 1 : u < 0.98 ? 2 : 3,
  );
  const counts = [0, 1, 2, 3].map((value) => symbols.filter((symbol) => symbol === value).length);
  const bits = counts.reduce((sum, count) => sum - count * Math.log2(count / length), 0);
  const { length: packed } = packBytes(symbols);
  // No code that does not know the shares beforehand comes below the entropy that was observed.
  expect(packed).toBeGreaterThan(bits / 8);
  expect(packed).toBeLessThan((1.01 * bits) / 8 + 20);
});

test("numbers of four bytes take less than half when their width is told", () => {
  const bytes = sums(20_000);
  const told = packBytes(bytes, { stride: 4 });
  expect(told.length).toBeLessThan(packBytes(bytes).length / 2);
  // A step among 50 is log2(50) bits that nothing foretells.
  expect(told.length).toBeGreaterThan((20_000 * Math.log2(50)) / 8);
  expect(told.length).toBeLessThan((1.2 * 20_000 * Math.log2(50)) / 8);
  expect(unpackBytes(told, bytes.length)).toEqual(bytes);
});

// What xz -9e (5.4.1) and bzip2 -9 (1.0.8) make of the first bytes of real files.
for (const { path, bytes, xz, bzip2 } of [
  { path: "adult/adult.csv", bytes: 200_000, xz: 18_776, bzip2: 14_334 },
  { path: "penguins/penguins.csv", bytes: 15_241, xz: 2564, bzip2: 2109 },
]) {
  const file = realData(path);
  test.skipIf(file === undefined)(`${path} packs smaller than xz and bzip2 make it`, () => {
    const given = new Uint8Array(readFileSync(file!)).subarray(0, bytes);
    const packed = packBytes(given);
    expect(packed.length).toBeLessThan(Math.min(xz, bzip2));
    expect(unpackBytes(packed, bytes)).toEqual(given);
  });
}

test("the same bytes give the same packed bytes, on every machine", () => {
  const text = bytesOf("the quick brown fox, 1.50, jumps over the lazy dog, 2.75\n".repeat(40));
  const digest = createHash("sha256");
  for (const packed of [packBytes(text), packBytes(sums(500), { stride: 4 })])
    digest.update(packed);
  expect(digest.digest("hex")).toBe(
    "a8c38c59090dbf7d8d704aa5ecc0abc4c922ebd717ad3715664d8e8fcf4e7a3f",
  );
});

test("a limit on what comes out is kept before anything is unpacked", async () => {
  const packed = packBytes(new Uint8Array(5000));
  const error = await elboError(() => unpackBytes(packed, 4999));
  expect(error.code).toBe("packed-large");
  expect(error.message).toContain("4999 bytes at most");
  // A claim of 2^40 bytes.
  const claim = Uint8Array.of(128, 128, 128, 128, 128, 96, 1, 2, 3, 4, 5);
  expect((await elboError(() => unpackBytes(claim, 2 ** 31))).code).toBe("packed-large");
});

test("every cut and every changed byte of a packed text is found", async () => {
  const packed = packBytes(bytesOf("name,sex\nAda,female\nBlaise,male\n".repeat(200)));
  for (let length = 1; length < packed.length; length++) {
    const error = await elboError(() => unpackBytes(packed.subarray(0, length), 10_000));
    expect(error.code).toMatch(/^(packed|archive)-/);
  }
  for (let at = 0; at < packed.length; at++) {
    const changed = packed.slice();
    changed[at]! ^= 0x10;
    const error = await elboError(() => unpackBytes(changed, 10_000));
    expect(error.code).toMatch(/^(packed|archive)-/);
  }
  const longer = Uint8Array.of(...packed, 7);
  expect((await elboError(() => unpackBytes(longer, 10_000))).code).toBe("packed-damaged");
});

test("damage ends in an error that names it, or in other bytes within the limit", async () => {
  const originals = [bytesOf("a,b\n1,2\n".repeat(60)), randomBytes(40), sums(100)];
  const packed = originals.map((bytes, i) => packBytes(bytes, { stride: i === 2 ? 4 : 0 }));
  const read = (bytes: Uint8Array) => {
    expect(unpackBytes(bytes, 2000).length).toBeLessThanOrEqual(2000);
    return 0;
  };
  const { refused } = await readsDamaged(packed, read, 300);
  expect(refused).toBeGreaterThan(200);
});

test("a width of records beyond 255 is refused", async () => {
  const error = await elboError(() => packBytes(bytesOf("abc"), { stride: 256 }));
  expect(error.code).toBe("option-value");
});
