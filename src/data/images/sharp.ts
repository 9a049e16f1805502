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
    close: () => void sharp.concurrency(threads),
  };
}
