// What PNG and lossless WebP make of images: stacked into tall ones, and one by one.
import type { Sharp } from "sharp";
import type { ImageFormatName } from "./image-file.ts";
import { type ImageShape, type Raster, type RasterLimits, stacks } from "./stacks.ts";

export interface ImageRival {
  name: ImageFormatName;
  /** Bytes of all images; null where the format could not be tried. */
  total: number | null;
  /** Which was smaller: few tall images, or a file for each. Of many images only the first is tried. */
  layout: "stacked" | "single" | null;
  /** The images so; null where they were not written by sharp, which reads them. */
  images: Uint8Array[] | null;
  /** What wrote them: a package and its settings. */
  by?: string;
  why?: string;
}

/** More images than these are not written one by one: each takes a millisecond, and has its header. */
const mostSingle = 2000;

/** What is held at a time, beside the images themselves. */
const mostBytes = 128 * 2 ** 20;

type Encode = (image: Raster, channels: number) => Promise<Uint8Array>;

export interface ImageFormat {
  name: ImageFormatName;
  limits: RasterLimits;
  by: string;
  /** Whether sharp is here, which reads what was written. */
  readable: boolean;
  encode: Encode;
}

/** The formats that can be written here. */
export async function imageFormats(): Promise<ImageFormat[]> {
  // What libpng reads unless it is told otherwise.
  const png = { name: "png" as const, limits: { side: 1_000_000, bytes: mostBytes } };
  const module = await import("sharp").catch(() => null);
  if (module === null) {
    const { encode } = await import("fast-png");
    const unfiltered: Encode = async ({ pixels, width, height }, channels) =>
      encode({ width, height, data: pixels, channels, depth: 8 }, { zlib: { level: 9 } });
    const by = "fast-png, level 9, without filters";
    return [{ ...png, by, readable: false, encode: unfiltered }];
  }
  const open = ({ pixels, width, height }: Raster, channels: number): Sharp =>
    module.default(pixels, {
      raw: { width, height, channels: channels as 1 | 2 | 3 | 4 },
      limitInputPixels: false,
    });
  const filtered = async (image: Raster, channels: number, adaptiveFiltering: boolean) => {
    const space = channels < 3 ? "b-w" : "srgb";
    const opened = open(image, channels).toColourspace(space);
    return await opened.png({ compressionLevel: 9, adaptiveFiltering }).toBuffer();
  };
  const smaller: Encode = async (image, channels) => {
    const [filters, plain] = [
      await filtered(image, channels, true),
      await filtered(image, channels, false),
    ];
    return filters.length < plain.length ? filters : plain;
  };
  const webp: Encode = async (image, channels) => {
    const settings = { lossless: true, exact: true, effort: 6 };
    return await open(image, channels).webp(settings).toBuffer();
  };
  return [
    { ...png, by: "sharp, level 9, with filters or without", readable: true, encode: smaller },
    {
      name: "webp",
      limits: { side: 16_383, bytes: mostBytes },
      by: "sharp, lossless, effort 6",
      readable: true,
      encode: webp,
    },
  ];
}

/** Null where an image is too large for the format. */
async function written(
  images: readonly Raster[] | null,
  channels: number,
  encode: Encode,
): Promise<Uint8Array[] | null> {
  if (images === null) return null;
  const files: Uint8Array[] = [];
  for (const image of images) files.push(await encode(image, channels));
  return files;
}

const total = (files: readonly Uint8Array[]) => files.reduce((sum, { length }) => sum + length, 0);

/**
 * What the images take as PNG and as lossless WebP, by the smaller of two layouts: stacked into as few
 * images as the format and 128 MB of memory allow, and, of 2,000 images or fewer, a file for each.
 * @param pixels bytes, (count, height, width, channels).
 */
export async function imageRivals(pixels: Uint8Array, shape: ImageShape): Promise<ImageRival[]> {
  const { width, height, channels, count } = shape;
  const results: ImageRival[] = [];
  for (const { name, limits, by, readable, encode } of await imageFormats()) {
    const stacked = await written(stacks(pixels, shape, limits), channels, encode);
    if (stacked === null) {
      const why = `an image of ${width} × ${height} pixels is too large for it`;
      results.push({ name, total: null, layout: null, images: null, why });
      continue;
    }
    const alone = { ...limits, bytes: width * height * channels };
    const single =
      count > mostSingle ? null : await written(stacks(pixels, shape, alone), channels, encode);
    const isSingle = single !== null && total(single) < total(stacked);
    const files = isSingle ? single : stacked;
    const layout = isSingle ? "single" : "stacked";
    results.push({ name, total: total(files), layout, images: readable ? files : null, by });
  }
  if (results.length === 1) {
    const why = "the package sharp is not installed here (npm install sharp)";
    results.push({ name: "webp", total: null, layout: null, images: null, why });
  }
  return results;
}
