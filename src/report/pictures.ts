// Pixels as pictures that a page holds in itself.
import { imageGrid } from "../data/write/grid.ts";
import type { ColumnInfo, ColumnValues } from "../fields/columns.ts";
import type { ImageField } from "../fields/field.ts";

type ImageInfo = Extract<ColumnInfo, { type: "image" }>;

/** Pixels as bytes; floats from the field's range. */
export function pixelBytes(values: ColumnValues, { low, high }: ImageField): Uint8Array {
  if (values.type !== "image") throw new Error(`pixels expected, received ${values.type}`);
  const { values: pixels } = values;
  if (pixels instanceof Uint8Array) return pixels;
  const scale = 255 / (high - low || 1);
  return new Uint8Array(Uint8ClampedArray.from(pixels, (value) => (value - low) * scale).buffer);
}

async function dataUri(picture: {
  width: number;
  height: number;
  channels: number;
  data: Uint8Array;
}): Promise<string> {
  const { encode } = await import("fast-png");
  return `data:image/png;base64,${Buffer.from(encode(picture)).toString("base64")}`;
}

/** One image, as the address that an <img> takes. */
export function pictureOf(info: ImageInfo, bytes: Uint8Array): Promise<string> {
  const { height, width, channels } = info;
  return dataUri({ width, height, channels, data: bytes });
}

/** All images in one near-square picture. */
export function gridOf(info: ImageInfo, bytes: Uint8Array, rows: number): Promise<string> {
  const { height, width, channels } = info;
  return dataUri(imageGrid({ values: bytes, rows, shape: [height, width, channels] }));
}

/** Side of the small images of a map, at most. */
const SMALL = 28;

/** All images, none larger than a thumb, without gaps: `across` in a row. */
export async function atlasOf(info: ImageInfo, bytes: Uint8Array, rows: number) {
  const { channels } = info;
  const step = Math.max(1, Math.ceil(Math.max(info.height, info.width) / SMALL));
  const [tall, wide] = [Math.min(step, info.height), Math.min(step, info.width)];
  const [height, width] = [Math.floor(info.height / tall), Math.floor(info.width / wide)];
  const across = Math.ceil(Math.sqrt(rows));
  const down = Math.ceil(rows / across);
  const data = new Uint8Array(across * width * down * height * channels);
  for (let row = 0; row < rows; row++) {
    const [left, top] = [(row % across) * width, Math.floor(row / across) * height];
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        for (let c = 0; c < channels; c++) {
          // The mean of the pixels that become one.
          let sum = 0;
          for (let dy = 0; dy < tall; dy++) {
            for (let dx = 0; dx < wide; dx++) {
              const at = (row * info.height + y * tall + dy) * info.width + x * wide + dx;
              sum += bytes[at * channels + c]!;
            }
          }
          data[((top + y) * across * width + left + x) * channels + c] = sum / (tall * wide);
        }
      }
    }
  }
  const png = await dataUri({ width: across * width, height: down * height, channels, data });
  return { png, across, width, height };
}
