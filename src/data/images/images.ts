// Folders and zips of images as sources of data.

import { ElboError } from "../../base/errors.ts";
import { counted, grouped } from "../../base/words.ts";
import type { Chunk, ColumnInfo, ColumnValues } from "../../fields/columns.ts";
import { chunkRows, columnPlaces } from "../chunking.ts";
import type { DataNote, DataSource } from "../source.ts";
import { type Decoder, type ImageSize, inParallel } from "./decode.ts";
import type { ImageFile } from "./files.ts";

/** More broken images than this share are no accident. */
const brokenShare = 0.01;
/** How many broken images a message names. */
const listed = 5;
const largestSide = 4096;

export interface ImageOptions {
  /** `WIDTHxHEIGHT` in pixels: every image is stretched to it. Default: the size that all have. */
  size?: string;
}

function parseSize(size: string): ImageSize {
  const match = /^(\d{1,4})x(\d{1,4})$/i.exec(size);
  const [width, height] = [Number(match?.[1]), Number(match?.[2])];
  const possible = (side: number) => side >= 1 && side <= largestSide;
  if (possible(width) && possible(height)) return { width, height };
  throw new ElboError({
    code: "option-value",
    kind: "usage",
    message: `size must be WIDTHxHEIGHT of 1 to ${largestSide} pixels, received ${JSON.stringify(size)}`,
    hint: "for example --size 64x64",
  });
}

/** Decoded images of up to this size together are kept rather than decoded again. */
const keptBytes = 64 << 20;

interface Seen extends ImageSize {
  grey: boolean;
  /** Where all of them together are small. */
  values?: Uint8Array;
}

/** Decodes every image once; a broken one gives what is wrong with it. */
async function lookAt(
  files: readonly ImageFile[],
  decoder: Decoder,
  wanted: ImageSize | undefined,
): Promise<(Seen | string)[]> {
  let held = 0;
  return inParallel(files, async (file) => {
    let bytes: Uint8Array;
    try {
      bytes = await file.read();
    } catch (cause) {
      if (!(cause instanceof ElboError) || cause.code !== "zip-invalid") throw cause;
      return cause.message;
    }
    try {
      const { values, ...seen } = await decoder.decode(bytes, undefined, wanted);
      held += values.length;
      return held <= keptBytes ? { ...seen, values } : seen;
    } catch (cause) {
      // What libvips adds behind the colon is there or not, as its threads happen to run.
      return (cause as Error).message.split(/[:\n]/)[0]!;
    }
  });
}

/** The note about broken images, or the error where they are too many. */
function brokenNotes(path: string, files: readonly ImageFile[], seen: (Seen | string)[]) {
  const broken = seen.flatMap((one, i) =>
    typeof one === "string" ? [`${files[i]!.name} (${one})`] : [],
  );
  if (broken.length === 0) return [];
  const names = broken.slice(0, listed).join(", ") + (broken.length > listed ? ", ..." : "");
  if (broken.length > brokenShare * files.length) {
    throw new ElboError({
      code: "images-broken",
      message: `${path}: ${broken.length} of ${counted(files.length, "image")} cannot be read, more than 1 %: ${names}`,
      hint: "replace or remove them",
      where: { file: path },
    });
  }
  return [
    {
      code: "images-skipped",
      message: `${counted(broken.length, "image")} of ${grouped(files.length)} cannot be read and left out: ${names}`,
    },
  ];
}

function commonSize(path: string, seen: readonly Seen[]): ImageSize {
  const counts = new Map<string, number>();
  for (const { width, height } of seen) {
    const size = `${width}x${height}`;
    counts.set(size, (counts.get(size) ?? 0) + 1);
  }
  if (counts.size === 1) return seen[0]!;
  const [size, count] = [...counts].sort((a, b) => b[1] - a[1])[0]!;
  throw new ElboError({
    code: "image-sizes",
    kind: "usage",
    message: `${path}: its images have ${counts.size} sizes, ${size} the most common (${count} of ${seen.length}); one size is needed`,
    hint: `give --size ${size}, to which the others are stretched`,
    where: { file: path },
  });
}

/** The images, and what decodes them. */
export interface ImageFiles {
  /** For messages: the folder or archive. */
  source: string;
  files: readonly ImageFile[];
  /** What else is there, by name. */
  beside?: readonly string[];
  openDecoder(): Promise<Decoder>;
}

/** Everything about the images that does not change from one iteration to the next. */
interface ImageSet extends ImageFiles {
  size: ImageSize;
  channels: 1 | 3;
  resize: boolean;
  /** Their pixels, where they were kept. */
  kept: ReadonlyMap<ImageFile, Uint8Array>;
}

async function decodeRows(
  { source: path, size, channels, resize, kept }: ImageSet,
  files: readonly ImageFile[],
  decoder: Decoder,
): Promise<Uint8Array> {
  const length = size.width * size.height * channels;
  const values = new Uint8Array(files.length * length);
  await inParallel(files, async (file, row) => {
    const changed = (cause?: unknown) =>
      new ElboError({
        code: "images-changed",
        message: `${path}: ${file.name} is no longer the image that it was when it was first read`,
        hint: "wait until no other program writes there",
        where: { file: path },
        cause,
      });
    const decoded = async () =>
      (await decoder.decode(await file.read(), channels, resize ? size : undefined)).values;
    const pixels =
      kept.get(file) ??
      (await decoded().catch((cause: unknown) => {
        throw changed(cause);
      }));
    if (pixels.length !== length) throw changed();
    values.set(pixels, row * length);
  });
  return values;
}

async function* imageChunks(set: ImageSet, columns: readonly ColumnInfo[]): AsyncGenerator<Chunk> {
  const { files, size, channels } = set;
  const rows = chunkRows(size.width * size.height * channels);
  const decoder = columns.some(({ type }) => type === "image")
    ? await set.openDecoder()
    : undefined;
  try {
    for (let start = 0; start < files.length; start += rows) {
      const part = files.slice(start, start + rows);
      const values: ColumnValues[] = [];
      for (const { name } of columns) {
        if (name === "image") {
          values.push({ type: "image", values: await decodeRows(set, part, decoder!) });
        } else if (name === "label") {
          values.push({ type: "text", values: part.map(({ label }) => label) });
        } else values.push({ type: "text", values: part.map((file) => file.name) });
      }
      yield { rows: part.length, columns: values };
    }
  } finally {
    decoder?.close();
  }
}

/** What of the images their pixels do not hold, with the first file of each sort. */
async function lostOf({ files, size, openDecoder }: ImageSet): Promise<string[]> {
  const decoder = await openDecoder();
  const found = new Map<string, { file: string; count: number }>();
  try {
    await inParallel(files, async (file) => {
      const what = (await decoder.lost?.(await file.read(), size)) ?? null;
      if (what === null) return;
      const before = found.get(what) ?? { file: file.name, count: 0 };
      found.set(what, { ...before, count: before.count + 1 });
    });
  } finally {
    decoder.close();
  }
  return [...found].map(
    ([what, { file, count }]) => `${what}, in ${counted(count, "image")} (${file})`,
  );
}

/**
 * Images as rows: column `image` (grey where all are grey, else RGB,
 * bytes), and for the outputs `label` (the sub-folders, where there are any) and `file`. Sorted by
 * name. All are decoded once to know them, and anew at each iteration where
 * they take more than 64 MiB together. Broken images are left out
 * with a note, and past 1 % an error (`images-broken`). Throws `image-sizes` where sizes differ
 * and none was given, `sharp-missing`, `data-empty`, and for archives `zip-...`.
 */
export async function imageSource(
  { source: path, files: all, beside = [], openDecoder }: ImageFiles,
  options: ImageOptions = {},
): Promise<DataSource> {
  const wanted = options.size === undefined ? undefined : parseSize(options.size);
  const decoder = await openDecoder();
  const seen = await lookAt(all, decoder, wanted).finally(() => decoder.close());
  const notes: DataNote[] = brokenNotes(path, all, seen);
  const sound = seen.filter((one) => typeof one !== "string");
  const files = all.filter((_, i) => typeof seen[i] !== "string");
  const size = wanted ?? commonSize(path, sound);
  const channels = sound.every(({ grey }) => grey) ? 1 : 3;
  const length = size.width * size.height * channels;
  const kept = new Map<ImageFile, Uint8Array>();
  for (const [i, { values }] of sound.entries()) {
    if (values?.length === length && sound.length * length <= keptBytes)
      kept.set(files[i]!, values);
  }
  const set: ImageSet = {
    source: path,
    files,
    openDecoder,
    size,
    channels,
    resize: wanted !== undefined,
    kept,
  };
  const labelled = files.some(({ label }) => label !== null);
  const columns: ColumnInfo[] = [
    { name: "image", type: "image", height: size.height, width: size.width, channels },
    ...(labelled ? [{ name: "label", type: "text", role: "id" } as const] : []),
    { name: "file", type: "text", role: "id" },
  ];
  return {
    source: path,
    rows: files.length,
    columns,
    notes,
    chunks: (names) =>
      imageChunks(
        set,
        columnPlaces(columns, names, path).map((place) => columns[place]!),
      ),
    exact: () => ({
      columns,
      beside,
      chunks: () => imageChunks(set, columns),
      lost: async () => [...notes.map(({ message }) => message), ...(await lostOf(set))],
    }),
  };
}
