// Images side by side in one picture.
import { ElboError } from "../../base/errors.ts";

export interface ImageRows {
  /** Bytes 0 to 255, (rows, height, width, channels), row-major. */
  values: Uint8Array;
  rows: number;
  /** One image's (height, width, channels): grey, grey with alpha, RGB or RGBA. */
  shape: readonly number[];
}

export interface Picture {
  width: number;
  height: number;
  channels: number;
  data: Uint8Array;
}

/** Pixels between two images. */
const gap = 2;

/** Viewers open no larger pictures. */
const largestSide = 16_384;

/** Checks the shape; returns one image's sizes. */
export function imageSizes({ values, rows, shape }: ImageRows): [number, number, number] {
  const [height = 0, width = 0, channels = 1] = shape;
  const fits = rows * height * width * channels === values.length && values.length > 0;
  if (fits && shape.length <= 3 && channels >= 1 && channels <= 4) return [height, width, channels];
  throw new ElboError({
    code: "image-shape",
    kind: "usage",
    message: `images are at least one (height, width, channels) of 1 to 4 channels; received ${rows} of shape [${shape.join(", ")}] in ${values.length} values`,
    hint: "check the number of rows and the shape",
  });
}

interface Grid {
  across: number;
  fullWidth: number;
  fullHeight: number;
}

/**
 * How `rows` images lie in a picture; refuses one larger than viewers open.
 * @param wanted images in a row; default as many as make it near-square.
 */
export function checkGrid(
  rows: number,
  [height, width]: readonly [number, number, number],
  wanted = Math.max(1, Math.ceil(Math.sqrt((rows * (height + gap)) / (width + gap)))),
): Grid {
  const across = Math.min(rows, wanted);
  const down = Math.ceil(rows / across);
  const fullWidth = across * (width + gap) - gap;
  const fullHeight = down * (height + gap) - gap;
  if (Math.max(fullWidth, fullHeight) > largestSide) {
    throw new ElboError({
      code: "grid-large",
      kind: "usage",
      message: `a grid of ${rows} images would be ${fullWidth} × ${fullHeight} pixels; ${largestSide} a side is the most`,
      hint: "write fewer images, or name a folder or a .npy file",
    });
  }
  return { across, fullWidth, fullHeight };
}

/** All images in one picture, row by row, with white gaps of two pixels between. See `checkGrid`. */
export function imageGrid(images: ImageRows, wanted?: number): Picture {
  const [height, width, channels] = imageSizes(images);
  const { across, fullWidth, fullHeight } = checkGrid(
    images.rows,
    [height, width, channels],
    wanted,
  );
  const data = new Uint8Array(fullWidth * fullHeight * channels).fill(255);
  const line = width * channels;
  for (let image = 0; image < images.rows; image++) {
    const top = Math.floor(image / across) * (height + gap);
    const left = (image % across) * (width + gap);
    for (let y = 0; y < height; y++) {
      const from = (image * height + y) * line;
      const to = ((top + y) * fullWidth + left) * channels;
      data.set(images.values.subarray(from, from + line), to);
    }
  }
  return { width: fullWidth, height: fullHeight, channels, data };
}

export async function pngBytes(picture: Picture): Promise<Uint8Array> {
  const { encode } = await import("fast-png");
  return encode(picture);
}
