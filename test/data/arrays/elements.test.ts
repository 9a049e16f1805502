// Halves: every one of them, and numbers between, rounded as NumPy's float16 rounds them.
import { expect, test } from "vitest";
import { numberArray, singleToHalf } from "#elbo/data/arrays/elements.js";

test("every half is itself again", () => {
  const halves = Uint16Array.from({ length: 1 << 16 }, (_, i) => i);
  const numbers = numberArray("f2", new Uint8Array(halves.slice().buffer))!;
  const back = Uint16Array.from(numbers, singleToHalf);
  // Whatever its bits, a NaN is one.
  expect(back.filter((half, i) => half !== halves[i] && !Number.isNaN(numbers[i]))).toEqual(
    new Uint16Array(0),
  );
  expect(singleToHalf(Number.NaN)).toBe(0x7e00);
});

test.each([
  [2049, 0x6800],
  [2051, 0x6802],
  [-2051, 0xe802],
  [65519.99, 0x7bff],
  [65520, 0x7c00],
  [2 ** -25, 0],
  [1.5 * 2 ** -24, 2],
  [0.1, 0x2e66],
  [0.000061, 0x03ff],
  [0.00006103, 0x0400],
])("%s becomes the nearest half, of two the even one", (value, half) => {
  expect(singleToHalf(value)).toBe(half);
});
