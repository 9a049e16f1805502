// What turns bytes of image files into pixels: sharp in Node (./sharp.ts), the browser in a page.

/** An image of more pixels is refused as broken: no data set has one, and a bomb would. */
export const mostPixels = 1 << 26;
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
   * `size` convert; without them the image's own. Throws whatever the decoder says of a broken image.
   */
  decode(bytes: Uint8Array, channels?: 1 | 3, size?: ImageSize): Promise<Pixels>;
  /** What of an image its pixels do not hold, in words; null: nothing. Absent where no decoder tells. */
  lost?(bytes: Uint8Array, size: ImageSize): Promise<string | null>;
  /** Gives back what the decoder changed for the whole process. */
  close(): void;
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
