// Many small images as few tall ones, each below the one before, for formats that pack an image at a
// time. Their bytes stand in memory so already.

export interface ImageShape {
  count: number;
  height: number;
  width: number;
  channels: number;
}

/** An image of bytes, its channels interleaved. */
export interface Raster {
  pixels: Uint8Array;
  width: number;
  height: number;
}

/** The most that an image may be. */
export interface RasterLimits {
  /** Pixels of a side. */
  side: number;
  bytes: number;
}

/** As few images as the limits allow; null where they allow not even one of those given. */
export function stacks(
  pixels: Uint8Array,
  { count, height, width, channels }: ImageShape,
  { side, bytes }: RasterLimits,
): Raster[] | null {
  const size = height * width * channels;
  const most = Math.min(Math.floor(side / height), Math.floor(bytes / size));
  if (width > side || most < 1) return null;
  return Array.from({ length: Math.ceil(count / most) }, (_, i) => {
    const here = Math.min(most, count - i * most);
    const start = i * most * size;
    return { pixels: pixels.subarray(start, start + here * size), width, height: here * height };
  });
}
