// metrics.jsonl of a run: a line for each epoch.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileError } from "../base/file-errors.ts";
import { writeFileAtomic } from "../base/files.ts";
import type { EpochEvent } from "./events.ts";

export const METRICS_FILE = "metrics.jsonl";

/** The epochs that a run has finished, as `metrics.jsonl` tells them. */
export async function readEpochs(folder: string): Promise<EpochEvent[]> {
  const path = join(folder, METRICS_FILE);
  try {
    const lines = (await readFile(path, "utf8")).split("\n").filter((line) => line !== "");
    return lines.map((line) => JSON.parse(line) as EpochEvent);
  } catch (cause) {
    throw fileError(cause, path);
  }
}

/** Cuts a run's lines after so many epochs, and returns those. */
export async function cutEpochs(path: string, count: number): Promise<EpochEvent[]> {
  // What follows the last end of a line was not written whole.
  const lines = (await readFile(path, "utf8")).split("\n").slice(0, -1).slice(0, count);
  await writeFileAtomic(path, lines.map((line) => `${line}\n`).join(""));
  return lines.map((line) => JSON.parse(line) as EpochEvent);
}
