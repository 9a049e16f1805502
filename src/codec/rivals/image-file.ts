// A file of images of which an image format packed the pixels: its head and the packed images as the bytes that
// an archive holds, and back.
import { ElboError } from "../../base/errors.ts";
import { concatenated } from "../../data/bytes.ts";
import { ByteReader, ByteWriter } from "../bytes.ts";
import { damagedRival, largeRival } from "./way.ts";

export type ImageFormatName = "png" | "webp";

/** How files of the formats begin: nothing else is given to a reader of many formats. */
const beginnings: Record<ImageFormatName, RegExp> = {
  png: /^.PNG\r\n/s,
  webp: /^RIFF.{4}WEBP/s,
};

export function imageFileBytes(
  head: Uint8Array,
  channels: number,
  images: readonly Uint8Array[],
): Uint8Array {
  const writer = new ByteWriter();
  writer.block(head);
  writer.count(channels);
  writer.count(images.length);
  for (const image of images) writer.block(image);
  return writer.finish();
}

/**
 * The file again.
 * @param limit of how many bytes may come out.
 * @throws ElboError `rival-damaged`, `rival-large`, or `rival-missing` where sharp is not here.
 */
export async function restoreImages(
  name: ImageFormatName,
  bytes: Uint8Array,
  limit: number,
): Promise<Uint8Array> {
  const sharp = await import("sharp").catch(() => null);
  if (sharp === null) {
    throw new ElboError({
      code: "rival-missing",
      message: `the file's images were packed as ${name}, which the package sharp reads; it is not installed here`,
      hint: "run npm install sharp",
    });
  }
  const reader = new ByteReader(bytes);
  const pieces = [reader.block()];
  const channels = reader.count(4);
  for (let left = reader.count(bytes.length); left > 0; left--) {
    const image = reader.block();
    const start = new TextDecoder("latin1").decode(image.subarray(0, 16));
    if (!beginnings[name].test(start)) throw damagedRival(name, "another format");
    const opened = sharp.default(image, { limitInputPixels: Math.max(1, limit) });
    try {
      const { data, info } = await opened.raw().toBuffer({ resolveWithObject: true });
      pieces.push(planesOf(data, info.channels, channels));
    } catch (cause) {
      throw damagedRival(name, cause instanceof Error ? cause.message : String(cause));
    }
    if (pieces.reduce((sum, { length }) => sum + length, 0) > limit) throw largeRival(name, limit);
  }
  return concatenated(pieces);
}

/** Channels that were packed: formats give grey as three that are alike, and opacity last. */
function planesOf(data: Uint8Array, given: number, wanted: number): Uint8Array {
  const places = [...(wanted > 2 ? [0, 1, 2] : [0]), ...(wanted % 2 === 0 ? [given - 1] : [])];
  const pixels = data.length / given;
  const out = new Uint8Array(pixels * wanted);
  for (let i = 0; i < pixels; i++) {
    for (let c = 0; c < wanted; c++) out[i * wanted + c] = data[i * given + places[c]!]!;
  }
  return out;
}
