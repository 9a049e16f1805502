// Archives as the library offers them. What codes, which is large, is loaded when it is asked for.
import type { Run } from "../run.ts";
import type { Compressed, CompressOptions } from "./compress.ts";
import type { Decompressed, DecompressOptions } from "./decompress.ts";

/**
 * Writes an archive.
 * @param path a file that is written whole or not at all.
 * @throws ElboError `compress-likelihood` where the model's likelihood has no probabilities for the values;
 * `compress-lost` where rows do not say all of the data; `compress-verify`; `output-exists`; errors of reading
 * the data.
 */
export async function compressTo(
  path: string,
  run: string | Run,
  data: string,
  options: CompressOptions = {},
): Promise<Compressed> {
  const { compress } = await import("./compress.ts");
  return compress(path, run, data, options);
}

/**
 * Writes what an archive holds: the file's bytes, or rows by the extension's format. Nothing is written before a
 * block's checksum is right.
 * @param run the run that it was compressed with; null where the archive holds its model.
 * @throws ElboError `archive-unknown`, `archive-newer`, `archive-damaged`, `archive-mismatch`,
 * `archive-model`, `output-exists`.
 */
export async function decompressTo(
  path: string,
  run: string | Run | null,
  file: string,
  options: DecompressOptions = {},
): Promise<Decompressed> {
  const { decompress } = await import("./decompress.ts");
  return decompress(path, run, file, options);
}
