// Images as PNG files under names that they have already, in a folder and those below it.
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { usageError } from "./columns.ts";
import { beginFolder } from "./folder.ts";
import { pngBytes } from "./grid.ts";
import type { ImageShape } from "./images.ts";
import { plainPath } from "./output.ts";
import { guarded, type Output } from "./writer.ts";

export interface NamedImages extends Output<[Uint8Array, readonly (string | null)[]]> {
  /** How many have `.png` behind the name that they were given. */
  renamed(): number;
}

/** Whether a name, with `/` between folders, leads to a file below the folder that it is joined to. */
const isBelow = (name: string) =>
  name.split("/").every((part) => !/^\.{0,2}$|[\\:\0]/.test(part)) && name.length < 1024;

function checkName(path: string, name: string | null): string {
  if (name !== null && isBelow(name)) return name;
  throw usageError(
    "image-name",
    `${path}: an image is written under its name below the folder, received ${JSON.stringify(name)}`,
    "write .npz, which has the names beside the images, or .npy",
  );
}

/**
 * What is no PNG by its name, or has that of another one, gets `.png` behind it.
 * @throws ElboError `image-name` for a name that leads elsewhere.
 */
export async function namedImages(
  path: string,
  [height, width, channels]: ImageShape,
): Promise<NamedImages> {
  const { temporary, commit, discard } = await beginFolder(plainPath(path));
  const size = height * width * channels;
  const taken = new Set<string>();
  const folders = new Set<string>([temporary]);
  let renamed = 0;

  function freeName(given: string): string {
    let name = /\.png$/i.test(given) ? given : `${given}.png`;
    while (taken.has(name)) name += ".png";
    taken.add(name);
    if (name !== given) renamed++;
    return name;
  }
  async function writeOne(name: string, data: Uint8Array): Promise<void> {
    const file = join(temporary, freeName(name));
    const folder = dirname(file);
    if (!folders.has(folder)) await mkdir(folder, { recursive: true });
    folders.add(folder);
    await writeFile(file, await pngBytes({ width, height, channels, data }), { flush: true });
  }
  const output = guarded<[Uint8Array, readonly (string | null)[]]>(path, {
    async write(values, names) {
      for (const [i, name] of names.entries()) {
        const data = values.subarray(i * size, (i + 1) * size);
        await writeOne(checkName(path, name), data);
      }
    },
    close: commit,
    abort: discard,
  });
  return { ...output, renamed: () => renamed };
}
