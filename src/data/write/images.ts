// Writes images batch by batch: arrays, a folder of PNG files, or one grid; whole or not at all.
import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { writeError } from "../../base/file-errors.ts";
import { writeFileAtomic } from "../../base/files.ts";
import { usageError } from "./columns.ts";
import { beginFolder } from "./folder.ts";
import { checkGrid, imageGrid, pngBytes } from "./grid.ts";
import { descriptions, npyFile } from "./npy.ts";
import { npzFile } from "./npz.ts";
import { extensionOf, plainPath, refuseOutput, type WriteOptions } from "./output.ts";
import { guarded, type Output } from "./writer.ts";

/** One image's sizes; 1 to 4 channels: grey, grey with alpha, RGB or RGBA. */
export type ImageShape = readonly [height: number, width: number, channels: number];

export interface ImageWriter {
  /** Appends whole images: bytes 0 to 255, `(images, height, width, channels)`, row-major. */
  write(values: Uint8Array): Promise<void>;
  /** Flushes the images and gives them their name. */
  close(): Promise<void>;
  /** Removes what was written; nothing after `close` or a failure, which does so itself. */
  abort(): Promise<void>;
}

type ImageOutput = Output<[Uint8Array, number]>;

/** One picture of all, made when all are there: they are held until then. */
function gridOutput(path: string, shape: ImageShape, across?: number): ImageOutput {
  const held: Uint8Array[] = [];
  let rows = 0;
  return {
    async write(values, images) {
      rows += images;
      checkGrid(rows, shape, across);
      held.push(values.slice());
    },
    async close() {
      if (rows === 0) {
        throw usageError(
          "image-shape",
          `${path}: a grid holds at least one image, received none`,
          "name a .npy file, which may be empty",
        );
      }
      const values = Buffer.concat(held);
      await writeFileAtomic(path, await pngBytes(imageGrid({ values, rows, shape }, across)));
    },
    async abort() {
      held.length = 0;
    },
  };
}

/** Digits of the names of the images, so that they sort by number. */
const fewestDigits = 4;

const fileName = (image: number, digits: number) => `${String(image).padStart(digits, "0")}.png`;

/** One PNG for each image, 0000.png and on; an existing folder keeps its other files. */
async function folderOutput(
  path: string,
  [height, width, channels]: ImageShape,
): Promise<ImageOutput> {
  const { temporary: folder, commit, discard } = await beginFolder(path);
  const size = height * width * channels;
  let written = 0;
  return {
    async write(values, images) {
      for (let i = 0; i < images; i++) {
        const data = values.subarray(i * size, (i + 1) * size);
        const bytes = await pngBytes({ width, height, channels, data });
        await writeFile(join(folder, fileName(written, fewestDigits)), bytes, { flush: true });
        written++;
      }
    },
    async close() {
      const digits = Math.max(fewestDigits, String(written - 1).length);
      if (digits > fewestDigits) {
        for (let i = 0; i < 10 ** fewestDigits; i++) {
          await rename(join(folder, fileName(i, fewestDigits)), join(folder, fileName(i, digits)));
        }
      }
      await commit();
    },
    abort: discard,
  };
}

async function npzOutput(path: string, shape: ImageShape): Promise<ImageOutput> {
  const array = { name: "images", description: descriptions.uint8, inner: shape };
  const file = await npzFile(path, [array]);
  return { ...file, write: (values, images) => file.write([values.slice()], images) };
}

async function openOutput(path: string, shape: ImageShape, across?: number): Promise<ImageOutput> {
  const extension = extensionOf(path);
  if (extension === ".png") return gridOutput(path, shape, across);
  if (extension === ".npy") return npyFile(path, "uint8", shape);
  return extension === ".npz" ? npzOutput(path, shape) : folderOutput(plainPath(path), shape);
}

const wrongShape = (message: string) =>
  usageError("image-shape", message, "check the number of images and the shape");

/**
 * Opens images to be written in batches: .npy and .npz (array `images`) hold (images, height, width,
 * channels), and a path without an extension becomes a folder of PNG files, all with a bounded use
 * of memory. .png is one grid of all of them, of at most 16,384 pixels a side, held until `close`.
 * @throws ElboError `format-unknown`, `output-exists`, `file-missing`, `image-shape`; writing
 * `grid-large`, `disk-full` and the like.
 */
export async function openImageWriter(
  path: string,
  shape: ImageShape,
  options: WriteOptions = {},
): Promise<ImageWriter> {
  refuseOutput(path, "images", options);
  const [height, width, channels] = shape;
  const whole = shape.length === 3 && shape.every((side) => Number.isInteger(side) && side >= 1);
  if (!whole || channels > 4) {
    throw wrongShape(
      `images are (height, width, channels) of 1 to 4 channels; received [${shape.join(", ")}]`,
    );
  }
  const output = await openOutput(path, shape, options.across).catch((cause: unknown) => {
    throw writeError(cause, path);
  });
  const size = height * width * channels;
  return guarded<[Uint8Array]>(path, {
    async write(values) {
      if (values.length % size !== 0) {
        throw wrongShape(`${values.length} values are no whole images of ${size}`);
      }
      if (values.length > 0) await output.write(values, values.length / size);
    },
    close: () => output.close(),
    abort: () => output.abort(),
  });
}
