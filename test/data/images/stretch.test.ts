// Stretched images against libvips, by sharp, whose weights are rounded to integers: two levels.
import fc from "fast-check";
import sharp from "sharp";
import { expect, test } from "vitest";
import { type Image, stretch } from "#elbo/data/images/stretch.js";

async function byLibvips({ values, ...raw }: Image, width: number, height: number) {
  const image = sharp(values, { raw: { ...raw, channels: raw.channels as 1 | 3 } });
  image.resize(width, height, { fit: "fill" });
  return image
    .toColourspace(raw.channels === 1 ? "b-w" : "srgb")
    .raw()
    .toBuffer();
}

/** Waves of a few pixels' length: no two pixels alike, as in photographs. */
const waves = (width: number, height: number, channels: number, phase: number): Image => ({
  ...{ width, height, channels },
  values: Uint8Array.from({ length: width * height * channels }, (_, i) => {
    const pixel = Math.floor(i / channels);
    const [x, y] = [pixel % width, Math.floor(pixel / width)];
    return 128 + 60 * Math.sin(x / 2 + phase + (i % channels)) + 60 * Math.cos(y / 3 - x / 5);
  }),
});

const side = fc.integer({ min: 1, max: 130 });

test("shrunk, grown, or both, images are what libvips makes of them", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.tuple(side, side, side, side, fc.constantFrom(1, 3), fc.nat(6)),
      async ([width, height, newWidth, newHeight, channels, phase]) => {
        const image = waves(width, height, channels, phase);
        const own = stretch(image, { width: newWidth, height: newHeight });
        const expected = await byLibvips(image, newWidth, newHeight);
        expect(own.values).toHaveLength(expected.length);
        const farthest = own.values.reduce(
          (most, value, i) => Math.max(most, Math.abs(value - expected[i]!)),
          0,
        );
        expect(farthest).toBeLessThanOrEqual(2);
      },
    ),
    { seed: 20_261_125, numRuns: 150 },
  );
});

test("an image of its own size stays as it is, a flat one flat", () => {
  const image = waves(31, 17, 3, 1);
  expect(stretch(image, { width: 31, height: 17 }).values).toEqual(image.values);
  const flat = { width: 9, height: 5, channels: 1, values: new Uint8Array(45).fill(77) };
  expect(new Set(stretch(flat, { width: 23, height: 2 }).values)).toEqual(new Set([77]));
});
