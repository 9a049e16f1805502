// What one pass sees of columns, beside plain computations over all values.
import fc from "fast-check";
import { expect, test } from "vitest";
import type {
  ImageProfile,
  NumberProfile,
  TextProfile,
  TimeProfile,
  VectorProfile,
} from "#elbo/fields/column-profile.js";
import { profileColumns } from "#elbo/fields/profile.js";
import { Sequence } from "#elbo/runtime/sequence.js";
import { elboError } from "../helpers/errors.ts";
import { booleans, numbers, type TestColumn, table, texts, times } from "./table.ts";

const missing = Number.NaN;

async function profileOf<Profile>(column: TestColumn, rowsAtOnce?: number): Promise<Profile> {
  const [profile] = await profileColumns(table([column], rowsAtOnce));
  return profile as Profile;
}

/** Two passes over all values, in float64. */
function plainMoments(values: number[]) {
  const mean = values.reduce((sum, value) => sum + value / values.length, 0);
  const central = (power: number) =>
    values.reduce((sum, value) => sum + (value - mean) ** power / values.length, 0);
  const deviation = Math.sqrt(central(2));
  return { mean, deviation, skewness: deviation > 0 ? central(3) / deviation ** 3 : 0 };
}

test("moments, range and counts are those of all values, whatever the chunks", async () => {
  const cell = fc.oneof(fc.integer({ min: -50, max: 1000 }), fc.constant(missing));
  await fc.assert(
    fc.asyncProperty(
      fc.array(cell, { minLength: 1, maxLength: 60 }),
      fc.integer({ min: 1, max: 20 }),
      fc.constantFrom(0, 1e7),
      async (cells, rowsAtOnce, shift) => {
        const shifted = cells.map((value) => value + shift);
        const profile = await profileOf<NumberProfile>(numbers("x", shifted), rowsAtOnce);
        const present = shifted.filter((value) => !Number.isNaN(value));
        expect(profile.missing).toBe(cells.length - present.length);
        if (present.length === 0) {
          expect(profile.min).toBeNaN();
          expect(profile.mean).toBeNaN();
          return;
        }
        const { mean, deviation, skewness } = plainMoments(present);
        expect(profile.min).toBe(Math.min(...present));
        expect(profile.max).toBe(Math.max(...present));
        expect(profile.mean).toBeCloseTo(mean, 5);
        expect(profile.deviation).toBeCloseTo(deviation, 5);
        expect(profile.skewness).toBeCloseTo(skewness, 4);
        expect(profile.zeros).toBe(present.filter((value) => value === 0).length);
        expect(profile.distinct).toEqual({ count: new Set(present).size, exact: true });
        const most = Math.max(...profile.levels!.map(({ count }) => count));
        expect(profile.mode!.count).toBe(most);
        expect(profile.levels!.map(({ value }) => value)).toEqual(
          [...new Set(present)].sort((a, b) => a - b),
        );
      },
    ),
    { numRuns: 60 },
  );
});

test("rows of the first fraction and the first negative number are known", async () => {
  const cells = [...new Array<number>(30).fill(3), 2.5, missing, 2, -1, 0.5];
  const profile = await profileOf<NumberProfile>(numbers("x", cells));
  expect(profile).toMatchObject({ whole: false, firstFraction: 31, firstNegative: 34 });
  expect(profile.smallestPositive).toBe(0.5);
  expect(profile.ascending).toBe(false);
  expect((await profileOf<NumberProfile>(numbers("x", [0, 1, 2]))).ascending).toBe(true);
});

test("beyond the levels kept, different numbers and texts are estimated", async () => {
  const rows = 60_000;
  const codes = Array.from({ length: rows }, (_, i) => Math.imul(i % 30_000, 2_654_435_761) >>> 0);
  const [whole, words, few] = (await profileColumns(
    table(
      [
        numbers("n", codes),
        texts("t", codes.map(String)),
        numbers(
          "f",
          codes.map((code) => code % 100),
        ),
      ],
      4096,
    ),
  )) as [NumberProfile, TextProfile, NumberProfile];
  for (const { distinct, levels, pattern } of [whole, words]) {
    expect(distinct.exact).toBe(false);
    // A standard error of 1.6 %; four of them.
    expect(Math.abs(distinct.count / 30_000 - 1)).toBeLessThan(0.065);
    expect(levels).toBeNull();
    expect(pattern).toBeNull();
  }
  expect(few.distinct).toEqual({ count: 100, exact: true });
});

test("a frequent value is counted on when there are too many others to keep", async () => {
  const cells = Array.from({ length: 50_000 }, (_, i) => (i % 2 === 0 ? 7 : i + 0.5));
  const { mode, distinct } = await profileOf<NumberProfile>(numbers("x", cells), 999);
  expect(mode).toEqual({ value: 7, count: 25_000 });
  expect(distinct.exact).toBe(false);
});

test("digests are equal for copies alone, patterns for other words of the same too", async () => {
  const sequence = new Sequence(1, 0, 0);
  const levels = Array.from({ length: 200 }, () => Math.floor(4 * sequence.uniform()));
  const words = ["no", "yes", "perhaps", "never"];
  const [a, b, shifted, text, other] = (await profileColumns(
    table([
      numbers("a", levels),
      numbers("b", levels),
      numbers(
        "shifted",
        levels.map((level) => level + 1),
      ),
      texts(
        "text",
        levels.map((level) => words[level]!),
      ),
      numbers("other", [...levels].reverse()),
    ]),
  )) as NumberProfile[];
  expect(b!.digest).toBe(a!.digest);
  expect(shifted!.digest).not.toBe(a!.digest);
  expect(other!.digest).not.toBe(a!.digest);
  expect([b!.pattern, shifted!.pattern, text!.pattern]).toEqual(
    new Array<string>(3).fill(a!.pattern!),
  );
  expect(other!.pattern).not.toBe(a!.pattern);
});

test("the order of values decides the digest, not their moments", async () => {
  const [a, b] = (await profileColumns(
    table([numbers("a", [1, 2, 3, 4, 5, 6]), numbers("b", [6, 2, 4, 3, 5, 1])]),
  )) as NumberProfile[];
  expect(a!.mean).toBe(b!.mean);
  expect(a!.digest).not.toBe(b!.digest);
});

test("texts are counted by level, and measured", async () => {
  const cells = ["b", null, "a c", "b", "b", null, "a c", "d"];
  expect(await profileOf<TextProfile>(texts("x", cells), 3)).toMatchObject({
    missing: 2,
    distinct: { count: 3, exact: true },
    levels: [
      { value: "a c", count: 2 },
      { value: "b", count: 3 },
      { value: "d", count: 1 },
    ],
    maxLength: 3,
    meanLength: 10 / 6,
    spaced: 1 / 3,
  });
});

test("times have a range and gaps", async () => {
  const profile = await profileOf<TimeProfile>(times("x", [86_400_000, missing, 0]));
  expect(profile).toMatchObject({ missing: 1, min: 0, max: 86_400_000, wholeDays: true });
});

test("a booleans column is its 0 and 1", async () => {
  const profile = await profileOf<NumberProfile>(booleans("x", [0, 1, missing]));
  expect(profile).toMatchObject({ missing: 1, distinct: { count: 2 }, info: { boolean: true } });
});

test.each([false, true])("vectors show their range and zeros (sparse: %s)", async (sparse) => {
  const info = { name: "x", type: "vector", size: 3, sparse } as const;
  const cells = Float32Array.of(0, 2, 0, 0, 0, 5, 1, 0, 0);
  expect(await profileOf<VectorProfile>({ info, cells }, 2)).toMatchObject({
    cells: 9,
    missing: 0,
    min: 0,
    max: 5,
    whole: true,
    zeroShare: 6 / 9,
  });
  cells[7] = -0.5;
  const changed = await profileOf<VectorProfile>({ info, cells }, 2);
  expect(changed).toMatchObject({ whole: false, firstFraction: 3, firstNegative: 3, min: -0.5 });
  cells[5] = missing;
  expect(await profileOf<VectorProfile>({ info, cells })).toMatchObject({ missing: 1, cells: 8 });
  cells[5] = Number.POSITIVE_INFINITY;
  const error = await elboError(() => profileOf({ info, cells }, 1));
  expect(error).toMatchObject({ code: "value-infinite", where: { row: 2, column: "x" } });
});

test("of images of bytes the first chunk is read, of floats all; other columns without them", async () => {
  const info = { name: "image", type: "image", height: 1, width: 2, channels: 1 } as const;
  const label = numbers("label", [0, 1, 2, 3]);
  const bytes = table([{ info, cells: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8) }, label], 2);
  const [image] = await profileColumns(bytes);
  expect(image as ImageProfile).toMatchObject({ bytes: true, greyShare: 0, min: 1, max: 4 });
  expect(bytes.readNames).toEqual([["image"], ["label"]]);
  expect(bytes.chunksRead).toBe(1 + 2);
  const cells = Float32Array.of(0, 0.5, 0, 0, 0, 0, 0, 900);
  const [floats] = await profileColumns(table([{ info, cells }, label], 2));
  expect(floats as ImageProfile).toMatchObject({ bytes: false, greyShare: null, min: 0, max: 900 });
});

test("an infinite number is named by column and row", async () => {
  const cells = new Array<number>(20).fill(1);
  cells[16] = Number.NEGATIVE_INFINITY;
  const error = await elboError(() => profileColumns(table([numbers("height", cells)])));
  expect(error.code).toBe("value-infinite");
  expect(error.message).toBe('test.csv, row 17, column "height": -Infinity is not a finite number');
});

test.each([
  ["-999 among temperatures", [12, 15, -3, 30, -999, 21, 18, -999, -5, 22], -999],
  ["-99 among large amounts", [1e6, 2e6, 5e5, -99, 10, -99, 3e6], -99],
  ["999 in most rows", [3, 6, 999, 999, 999, 999, 4, 999], 999],
  ["a single -999", [12, 15, -3, 30, -999, 21], undefined],
  ["-1 and 99 near the rest", [0, 1, 2, -1, -1, 98, 97, 99, 99], undefined],
  ["codes down to -2", [-2, -1, 0, 1, 2, -1, -1, 3], undefined],
  ["a value that is no candidate", [1, 2, 3, -1000, -1000, 2], undefined],
  ["numbers to 9999 by steps", [0, 500, 7000, 9000, 9999, 9999, 12], undefined],
])("sentinels: %s", async (_, cells, value) => {
  const { sentinel } = await profileOf<NumberProfile>(numbers("x", cells), 3);
  expect(sentinel?.value).toBe(value);
});
