// PNG and WebP of many images: nothing of them is lost, and totals are of what is smaller.
import fc from "fast-check";
import sharp from "sharp";
import { expect, test } from "vitest";
import { imageFileBytes, restoreImages } from "#elbo/codec/rivals/image-file.js";
import { type ImageFormat, imageFormats, imageRivals } from "#elbo/codec/rivals/images.js";
import { stacks } from "#elbo/codec/rivals/stacks.js";
import { Random } from "#elbo/runtime/random.js";
import { elboError } from "../../helpers/errors.ts";

/** Smooth images with some noise, as many pixels as are asked for. */
function pixelsOf(length: number): Uint8Array {
  const noise = new Random(5).uniform(1, 0, length);
  return Uint8Array.from(noise, (u, i) => 128 + 100 * Math.sin(i / 40) + 4 * u);
}

test("stacks are all images in order, few and within the limits", () => {
  const side = fc.integer({ min: 1, max: 7 });
  const shape = fc.record({
    count: fc.integer({ min: 1, max: 40 }),
    ...{ height: side, width: side, channels: fc.integer({ min: 1, max: 4 }) },
  });
  const limits = fc.record({
    side: fc.integer({ min: 7, max: 30 }),
    bytes: fc.integer({ min: 7 * 7 * 4, max: 1000 }),
  });
  fc.assert(
    fc.property(shape, limits, (images, most) => {
      const { count, height, width, channels } = images;
      const pixels = Uint8Array.from({ length: count * height * width * channels }, (_, i) => i);
      const found = stacks(pixels, images, most)!;
      expect(Buffer.concat(found.map((image) => image.pixels))).toEqual(Buffer.from(pixels));
      for (const image of found) {
        expect(Math.max(image.width, image.height)).toBeLessThanOrEqual(most.side);
        expect(image.pixels.length).toBeLessThanOrEqual(most.bytes);
        expect(image.pixels.length).toBe(image.width * image.height * channels);
      }
      // One more in a stack would be too many.
      const more = found[0]!.height + height;
      const fits = more <= most.side && more * width * channels <= most.bytes;
      expect(fits && found.length > 1).toBe(false);
    }),
  );
  expect(
    stacks(
      new Uint8Array(8),
      { count: 1, height: 1, width: 8, channels: 1 },
      { side: 7, bytes: 99 },
    ),
  ).toBe(null);
});

test.each([1, 2, 3, 4])("of images of %i channels the formats lose nothing", async (channels) => {
  const [width, height] = [31, 17];
  const pixels = pixelsOf(width * height * channels);
  for (const { name, encode } of await imageFormats()) {
    const written = sharp(await encode({ pixels, width, height }, channels));
    expect((await written.metadata()).format).toBe(name);
    const { data, info } = await written.raw().toBuffer({ resolveWithObject: true });
    // WebP has no images of grey alone: red, green and blue are the same there.
    const hasAlpha = channels % 2 === 0;
    const planes = channels > 2 ? [0, 1, 2] : [0];
    if (hasAlpha) planes.push(info.channels - 1);
    const read = Array.from({ length: width * height }, (_, pixel) =>
      planes.map((plane) => data[pixel * info.channels + plane]!),
    );
    expect(read.flat()).toEqual([...pixels]);
  }
});

test.each([1, 2, 3, 4])(
  "files of images of %i channels come back, and damage is told",
  async (channels) => {
    const shape = { count: 20, height: 9, width: 7, channels };
    const pixels = pixelsOf(20 * 63 * channels);
    const head = Uint8Array.of(1, 2, 3);
    const whole = Buffer.concat([head, pixels]);
    for (const { name, images } of await imageRivals(pixels, shape)) {
      const bytes = imageFileBytes(head, channels, images!);
      expect(Buffer.from(await restoreImages(name, bytes, whole.length))).toEqual(whole);
      const less = await elboError(() => restoreImages(name, bytes, whole.length - 1));
      expect(less.code).toBe("rival-large");
      const svg = imageFileBytes(head, channels, [new TextEncoder().encode("<svg/>")]);
      for (const damaged of [svg, imageFileBytes(head, channels, [images![0]!.subarray(0, 40)])]) {
        const error = await elboError(() => restoreImages(name, damaged, whole.length));
        expect(error.code).toBe("rival-damaged");
      }
    }
  },
);

test("small images take less stacked, and the sum is that of the files", async () => {
  const shape = { count: 50, height: 8, width: 8, channels: 1 };
  const pixels = pixelsOf(50 * 64);
  const results = await imageRivals(pixels, shape);
  expect(results.map(({ name, layout }) => [name, layout])).toEqual([
    ["png", "stacked"],
    ["webp", "stacked"],
  ]);
  const whole = { pixels, width: 8, height: 50 * 8 };
  const sizeOf = async ({ encode }: ImageFormat) => (await encode(whole, 1)).length;
  const sizes = await Promise.all((await imageFormats()).map(sizeOf));
  expect(results.map(({ total }) => total)).toEqual(sizes);
});

test("images too large for WebP are said to be", async () => {
  const wide = { count: 1, height: 1, width: 20_000, channels: 1 };
  const [png, webp] = await imageRivals(pixelsOf(20_000), wide);
  expect(png!.total).toBeGreaterThan(0);
  expect(webp).toMatchObject({ total: null, layout: null });
  expect(webp!.why).toContain("20000 × 1");
});

test("images of few colours each, and each of others, take less one by one", async () => {
  const random = new Random(9);
  const place = 64 * 64;
  const pixels = [0, 1, 2, 3].flatMap((image) => {
    const colours = random.bits(1, image, 200);
    return Array.from(random.uniform(2, image, place), (u) => {
      const colour = colours[Math.floor(200 * u)]!;
      return [colour & 255, (colour >> 8) & 255, (colour >> 16) & 255];
    }).flat();
  });
  const shape = { count: 4, height: 64, width: 64, channels: 3 };
  const [, webp] = await imageRivals(Uint8Array.from(pixels), shape);
  // A pixel among 200 colours is log2(200) bits that nothing foretells.
  expect(webp!.total).toBeGreaterThan((4 * place * Math.log2(200)) / 8);
  expect(webp!.layout).toBe("single");
});
