// Bytes of image files to pixels by the browser: its decoders, a canvas to read them from, and our
// own stretching, since every browser has another.
import { grouped } from "../../base/words.ts";
import { type Decoder, type ImageSize, mostPixels, type Pixels } from "../images/decode.ts";
import { imageHeader } from "../images/image-header.ts";
import { stretch } from "../images/stretch.ts";

const tooLarge = () => new RangeError(`it has more than ${grouped(mostPixels)} pixels`);

/** RGBA as the canvas has it, on white. */
function paint(bitmap: ImageBitmap): Uint8ClampedArray {
  const { width, height } = bitmap;
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (context === null) throw new RangeError(`a canvas of ${width} × ${height} cannot be had`);
  context.fillStyle = "#fff";
  context.fillRect(0, 0, width, height);
  context.drawImage(bitmap, 0, 0);
  return context.getImageData(0, 0, width, height).data;
}

/** The first `channels` of every four values. */
function withoutAlpha(rgba: Uint8ClampedArray, channels: number): Uint8Array {
  const values = new Uint8Array((rgba.length / 4) * channels);
  for (let i = 0, pixel = 0; pixel < rgba.length; pixel += 4) {
    for (let c = 0; c < channels; c++) values[i++] = rgba[pixel + c]!;
  }
  return values;
}

async function decode(
  bytes: Uint8Array,
  channels: 1 | 3 | undefined,
  size: ImageSize | undefined,
): Promise<Pixels> {
  const header = imageHeader(bytes);
  if (header.pixels > mostPixels) throw tooLarge();
  const grey = channels === undefined && header.grey;
  // Without a profile, numbers are taken as they stand: PNG's gAMA would change them.
  const bitmap = await createImageBitmap(new Blob([bytes as Uint8Array<ArrayBuffer>]), {
    colorSpaceConversion: header.profile ? "default" : "none",
  });
  try {
    const { width, height } = bitmap;
    if (width * height > mostPixels) throw tooLarge();
    const wanted = grey || channels === 1 ? 1 : 3;
    const image = { width, height, channels: wanted, values: withoutAlpha(paint(bitmap), wanted) };
    return { ...(size === undefined ? image : stretch(image, size)), grey };
  } finally {
    bitmap.close();
  }
}

export async function canvasDecoder(): Promise<Decoder> {
  return { decode, close() {} };
}
