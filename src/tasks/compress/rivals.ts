// What other compressors make of the same file or rows, and archives that hold what one of them made.
import { packageVersion } from "../../base/version.ts";
import { archiveStart, sectionBytes } from "../../codec/archive.ts";
import { checkBytes, packedBlock, packedIn, readBytes } from "../../codec/blocks.ts";
import { type ArchiveHeader, headerBytes, type RivalContent } from "../../codec/header.ts";
import { type Archive, endBytes } from "../../codec/open.ts";
import { imageFileBytes, restoreImages } from "../../codec/rivals/image-file.ts";
import { imageRivals } from "../../codec/rivals/images.ts";
import { restore, rivals } from "../../codec/rivals/rivals.ts";
import { nothingFitted } from "../../codec/rows.ts";
import { packBytes } from "../../codec/side/pack.ts";
import { type Measured, measuredOf } from "./measured.ts";
import type { CompressSource } from "./source.ts";

/** What a compressor makes of a file, or of the values of rows; `context` is this project's own, without a model. */
export interface Beside {
  name: RivalContent["by"];
  /** Null where it could not be run here: `why` says so. */
  bytes: number | null;
  /** Where that is an estimate: the share of all that it was measured on. */
  share?: number;
  why?: string;
}

interface Packed extends Beside {
  packed: Uint8Array | null;
}

/** What others are measured on: of what is larger a sample, since xz takes a second for a megabyte. */
export const measuredBeside = (source: CompressSource) => measuredOf(source, LARGEST);

const LARGEST = 128 * 2 ** 20;
/** The project's own packs half a megabyte a second. */
const LARGEST_CONTEXT = 16 * 2 ** 20;

/** @param own whether the project's own is asked, too, which is slow. */
export async function packedBeside(measured: Measured, own: boolean): Promise<Packed[]> {
  const { share } = measured;
  const found = await packedOf(measured, own);
  if (share === 1) return found;
  // What is told of a sample is no archive.
  return found.map(({ bytes, packed: _, ...each }) => ({
    ...{ ...each, packed: null, bytes: bytes === null ? null : Math.round(bytes / share) },
    ...(bytes === null ? {} : { share }),
  }));
}

async function packedOf(measured: Measured, own: boolean): Promise<Packed[]> {
  const { bytes: given, pixels } = measured;
  if (given.length === 0) return [];
  const found: Packed[] = (await rivals(given)).map(({ name, bytes, size, why }) => ({
    name,
    bytes: size,
    packed: bytes,
    ...(why === undefined ? {} : { why }),
  }));
  if (own && given.length <= LARGEST_CONTEXT) {
    const packed = packBytes(given);
    found.push({ name: "context", bytes: packed.length, packed });
  }
  if (!pixels) return found;
  const { data, height, width, channels } = pixels;
  const count = data.length / (height * width * channels);
  for (const image of await imageRivals(data, { count, height, width, channels })) {
    const { name, total, images, why } = image;
    const head = given.subarray(0, given.length - data.length);
    const packed = images ? imageFileBytes(head, channels, images) : null;
    found.push({ name, bytes: total, packed, ...(why === undefined ? {} : { why }) });
  }
  return found;
}

/** An archive of what another compressor made. */
export interface RivalArchive {
  by: RivalContent["by"];
  parts: Uint8Array[];
  bytes: number;
}

/** The archive of less than `bytes`, and least of all, of what can be kept of other compressors. */
export function smallest(
  name: string,
  measured: Measured,
  beside: readonly Packed[],
  bytes: number,
): RivalArchive | null {
  let best: RivalArchive | null = null;
  for (const each of beside) {
    if (!each.packed) continue;
    const parts = rivalParts(measured, name, each.name, each.packed);
    const size = parts.reduce((sum, { length }) => sum + length, 0);
    if (size < (best?.bytes ?? bytes)) best = { by: each.name, parts, bytes: size };
  }
  return best;
}

function rivalParts(
  { bytes, rows }: Measured,
  name: string,
  by: RivalContent["by"],
  packed: Uint8Array,
): Uint8Array[] {
  const header: ArchiveHeader = {
    elbo: packageVersion(),
    name,
    content: { kind: "rival", by, ...(rows ? { rows } : {}) },
    columns: [],
    model: null,
    programs: null,
    ...nothingFitted,
    lossy: null,
  };
  return [
    archiveStart(),
    sectionBytes({ kind: "header", index: 0, content: headerBytes(header) }),
    sectionBytes({
      kind: "block",
      index: 1,
      content: packedBlock(0, bytes, packed),
    }),
    sectionBytes({ kind: "end", index: 2, content: endBytes(1, bytes.length) }),
  ];
}

/** The bytes that another compressor packed. */
export async function rivalBytes({ by }: RivalContent, { blocks }: Archive): Promise<Uint8Array> {
  const { content } = blocks[0]!;
  if (by === "context") return readBytes(content);
  const { rows, checksum, packed } = packedIn(content);
  const isImages = by === "png" || by === "webp";
  const file = await (isImages ? restoreImages(by, packed, rows) : restore(by, packed, rows));
  checkBytes(file, checksum);
  return file;
}
