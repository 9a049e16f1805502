// Stored rows where there is a disk: what memory has no room for lies in a file of pages.
import { rm } from "node:fs/promises";
import type { PackedRows } from "../../fields/pack.ts";
import type { Alike } from "./cuts.ts";
import { PageReader, PageWriter } from "./page-file.ts";
import { ShuffledRows } from "./shuffled.ts";
import { type Overflow, readMemory } from "./store.ts";
import type { StoredRows } from "./stored.ts";
import { Windows } from "./windows.ts";

/** Rows overflow to a file at `path`. */
export const pageFile = (path: string): Overflow => ({
  open: (groups, weights, pageRows) => PageWriter.open(path, groups, weights, pageRows),
});

/** All rows in order, in pieces of at most a page; pieces are to be read only. */
export async function* readStored(stored: StoredRows): AsyncGenerator<PackedRows> {
  if (stored.in === "memory") {
    yield* readMemory(stored);
    return;
  }
  const reader = await PageReader.open(stored);
  try {
    for (let page = 0; page < stored.pages.length; page++) yield await reader.read([page]);
  } finally {
    await reader.close();
  }
}

/** @param alike what rows should have in common in each batch; null: nothing. */
export async function openShuffled(
  stored: StoredRows,
  seed: number,
  alike: Alike | null = null,
): Promise<ShuffledRows> {
  return stored.in === "memory"
    ? ShuffledRows.inMemory(stored, seed, alike)
    : ShuffledRows.inWindows(await Windows.open(stored, seed, alike), seed);
}

/** Removes the file, if there is one. */
export async function removeStored(stored: StoredRows): Promise<void> {
  if (stored.in === "file") await rm(stored.path, { force: true });
}
