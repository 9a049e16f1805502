// What may be said of data beside where it is, and the refusal of what a format has no use for.
import { ElboError } from "../base/errors.ts";
import { nearest } from "../base/suggest.ts";
import { type ReadingChoice, readBy } from "./reading/choice.ts";
import { type WindowChoice, windowsOf } from "./series/windows.ts";
import type { DataSource } from "./source.ts";

/** @typeParam Labels how a file of labels is given. */
export interface OpenOptionsOf<Labels> {
  /** IDX images alone: an IDX file of classes, one for each row. */
  labels?: Labels;
  /** Folders and zips of images alone: pixels, to which every image is stretched. */
  size?: { width: number; height: number };
  /**
   * Cuts a running text in windows of so many characters, a table in overlapping windows of so many
   * rows in the order of time: each column of numbers becomes a vector.
   */
  window?: number | WindowChoice;
  /** How columns are read. Default as `train` reads them: texts that are all dates are times. */
  reading?: ReadingChoice;
}

/** In Node a member stands behind the path: `file.npz#X`. */
export type OptionName = keyof OpenOptionsOf<unknown> | "member";

export const pathOptions: readonly OptionName[] = ["labels", "size", "window", "reading"];
export const fileOptions: readonly OptionName[] = [...pathOptions, "member"];

/** What each option is for, as errors say it. */
const purposes: Record<OptionName, string> = {
  labels: "labels are a second IDX file beside an IDX file of data",
  size: "size is for folders and zips of images",
  window: "window is for running texts (.txt) and for series in tables",
  reading: "reading is for the columns of tables",
  member: "member picks an array of a .npz archive",
};

/** What a reader is asked for. */
export interface Takes {
  /** As in "a table (.csv) has no use for ...". */
  what: string;
  takes: readonly OptionName[];
}

function unused(data: string, name: OptionName, { what }: Takes): ElboError {
  return new ElboError({
    code: "option-unused",
    kind: "usage",
    message: `${data} is ${what}, which has no use for ${name}: ${purposes[name]}`,
    hint: `leave ${name} out`,
    where: { file: data },
  });
}

/** Refuses options that do not exist and those that the data has no use for. */
export function checkOptions(
  data: string,
  options: object,
  reader: Takes,
  known: readonly OptionName[],
): void {
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue;
    if (!known.includes(name as OptionName)) {
      const guess = nearest(name, known);
      throw new ElboError({
        code: "option-unknown",
        kind: "usage",
        message: `data is opened with the options ${known.join(", ")}; received ${JSON.stringify(name)}`,
        hint: guess === undefined ? "leave it out" : `did you mean ${guess}?`,
      });
    }
    if (!reader.takes.includes(name as OptionName)) throw unused(data, name as OptionName, reader);
  }
}

export const sizeOf = (window: number | WindowChoice) =>
  typeof window === "number" ? window : window.size;

/** A table read as is asked, in windows where it is. */
export async function tableOr(
  opening: Promise<DataSource>,
  { window, reading }: OpenOptionsOf<unknown>,
): Promise<DataSource> {
  const opened = await opening;
  try {
    // Windows are in the order of time, wherever it stands.
    const source = await readBy(opened, reading);
    if (window === undefined) return source;
    return await windowsOf(source, typeof window === "number" ? { size: window } : window);
  } catch (cause) {
    await opened.close?.();
    throw cause;
  }
}
