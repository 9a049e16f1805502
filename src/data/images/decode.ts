// Bytes of image files to pixels, by sharp.
import type { Sharp } from "sharp";
import { optionalPackage } from "../optional.ts";

/** An image of more pixels is refused as broken: no data set has one, and a bomb would. */
const mostPixels = 1 << 26;
/** As many threads as Node decodes on unless told otherwise. */
const atOnce = 4;

/** The name endings that are images. */
export const isImageName = (name: string) => /\.(png|jpe?g|webp|gif|tiff?|avif)$/i.test(name);

export interface ImageSize {
  width: number;
  height: number;
}

export interface Pixels extends ImageSize {
  /** Row-major, channels last. */
  values: Uint8Array;
  grey: boolean;
}

export interface Decoder {
  /**
   * One image's pixels: upright, transparent parts on white, 8 bits a channel. `channels` and
   * `size` convert; without them the image's own. Throws whatever sharp says of a broken image.
   */
  decode(bytes: Uint8Array, channels?: 1 | 3, size?: ImageSize): Promise<Pixels>;
  /** Gives back what the decoder changed for the whole process. */
  close(): void;
}

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

/** `act` on each item, a few at a time; results in order. */
export async function inParallel<Item, Result>(
  items: readonly Item[],
  act: (item: Item, place: number) => Promise<Result>,
): Promise<Result[]> {
  const results = new Array<Result>(items.length);
  let next = 0;
  const work = async () => {
    while (next < items.length) {
      const place = next++;
      results[place] = await act(items[place]!, place);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return results;
}
