// Which pixels drive each latent, as pictures: white where a pixel adds most.
import { ElboError } from "../../base/errors.ts";
import { openImageWriter } from "../../data/write/images.ts";
import type { Explanation } from "./explain.ts";

/** @throws ElboError `format-unknown` of a model without an image. */
export async function writePixels(
  path: string,
  { pixels }: Pick<Explanation, "pixels">,
  options: { force?: boolean } = {},
): Promise<void> {
  if (!pixels) {
    throw new ElboError({
      code: "format-unknown",
      kind: "usage",
      message: `${path}: a picture shows pixels, and the run's model has none`,
      hint: "Name a table: .csv, .json, .ndjson, .npy, .npz or .parquet.",
    });
  }
  const { height, width, latents } = pixels;
  const writer = await openImageWriter(path, [height, width, 1], options);
  try {
    for (const own of latents) {
      const most = own.reduce((peak, value) => Math.max(peak, value), 0) || 1;
      await writer.write(Uint8Array.from(own, (value) => Math.round((255 * value) / most)));
    }
    await writer.close();
  } catch (cause) {
    await writer.abort();
    throw cause;
  }
}
