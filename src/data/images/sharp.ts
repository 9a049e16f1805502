// Bytes of image files to pixels, by sharp.
import type { Sharp } from "sharp";
import { optionalPackage } from "../optional.ts";
import { type Decoder, mostPixels } from "./decode.ts";

/** @param path what is read, for the error where sharp is missing. */
export async function openDecoder(path: string): Promise<Decoder> {
  const sharp = (await optionalPackage("sharp", "reading images", path, () => import("sharp")))
    .default;
  // Images are decoded side by side; threads within one of them would only get in the way.
  const threads = sharp.concurrency();
  sharp.concurrency(1);
  /** Whether an image's profile changes its pixels. */
  async function isConverted(bytes: Uint8Array): Promise<boolean> {
    const pixels = (ignoreIcc: boolean) =>
      sharp(bytes, { limitInputPixels: mostPixels, ignoreIcc })
        .toColourspace("srgb")
        .raw()
        .toBuffer();
    return !(await pixels(true)).equals(await pixels(false));
  }
  return {
    async decode(bytes, channels, size) {
      const image: Sharp = sharp(bytes, { limitInputPixels: mostPixels, pages: 1 });
      const grey = channels === undefined && /^(b-w|grey16)$/.test((await image.metadata()).space);
      image.autoOrient().flatten({ background: "#fff" });
      if (size !== undefined) image.resize(size.width, size.height, { fit: "fill" });
      image.toColourspace(grey || channels === 1 ? "b-w" : "srgb");
      const { data, info } = await image.raw().toBuffer({ resolveWithObject: true });
      return { values: data, width: info.width, height: info.height, grey };
    },
    async lost(bytes, { width, height }) {
      const image = sharp(bytes, { limitInputPixels: mostPixels });
      const { depth, hasAlpha, pages = 1, space, icc, autoOrient } = await image.metadata();
      if (depth !== "uchar") return `pixels of more than 8 bits (${depth})`;
      if (pages > 1) return `${pages} pictures in one file`;
      if (space !== "b-w" && space !== "srgb") return `colours that are ${space}`;
      if (autoOrient.width !== width || autoOrient.height !== height) {
        return `a size of ${autoOrient.width}x${autoOrient.height}, stretched to ${width}x${height}`;
      }
      if (hasAlpha && !(await image.stats()).isOpaque) return "transparent parts";
      return icc && (await isConverted(bytes)) ? "colours converted by a profile" : null;
    },
    close: () => void sharp.concurrency(threads),
  };
}
