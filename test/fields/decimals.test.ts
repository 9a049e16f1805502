// Places after the point: those of float32 values, and values written with so many.
import fc from "fast-check";
import { expect, test } from "vitest";
import { decimalsOf, rounding } from "#elbo/fields/decimals.js";

test.each<[string, number[], number | null]>([
  ["whole numbers", [0, -3, 181, 16_777_216], 0],
  ["a tenth of a millimetre", [39.1, 18.7, 181, -0.5], 1],
  ["quarters", [0.25, 0.5, 1.75], 2],
  ["the longest", [1.5, 0.0001, 3], 4],
  ["none", [], 0],
  ["what no few places tell", [1e-20, 1.5], null],
])("%s", (_, values, decimals) => {
  expect(decimalsOf(values.map(Math.fround))).toBe(decimals);
});

test("values of so many places have them again, and write no more", () => {
  const property = fc.property(
    fc.integer({ min: 0, max: 4 }),
    fc.array(fc.integer({ min: -99_999, max: 99_999 }), { minLength: 1 }),
    (places, digits) => {
      const values = digits.map((digit) => digit / 10 ** places);
      const decimals = decimalsOf(values.map(Math.fround))!;
      expect(decimals).toBeLessThanOrEqual(places);
      for (const value of values) expect(rounding(decimals)(Math.fround(value))).toBe(value);
    },
  );
  fc.assert(property, { seed: 6 });
});

test("without places, what toPrecision gives, of any float32", () => {
  const bits = new Float32Array(1);
  const property = fc.property(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), (word) => {
    new Int32Array(bits.buffer)[0] = word;
    const [value] = bits as unknown as [number];
    const whole = Number.isInteger(value);
    expect(rounding(null)(value)).toBe(whole ? value : Number(value.toPrecision(7)));
  });
  fc.assert(property, { seed: 7, numRuns: 20_000 });
  for (const value of [1_048_576.5, -1_048_576.5, 0.1, 99_999.996, -1e-7]) {
    expect(rounding(null)(value)).toBe(Number(value.toPrecision(7)));
  }
});

test("without places, the digits that float32 holds", () => {
  expect(rounding(null)(Math.fround(1 / 3))).toBe(0.3333333);
  expect(rounding(null)(1_234_567_890)).toBe(1_234_567_890);
  expect(rounding(null)(Number.NaN)).toBeNaN();
  expect(rounding(1)(1.26)).toBe(1.3);
});
