// What runs in the page: files of its inputs, opened by the package's face for browsers.
import {
  type BrowserOpenOptions,
  droppedFiles,
  ElboError,
  type FileData,
  inspect,
  openData,
} from "elbojs/browser";
import { batchOf, digestsOf } from "./digests.ts";

type Result = { value: unknown } | { error: { code: string; message: string; where: unknown } };

async function outcome(act: () => Promise<unknown>): Promise<Result> {
  try {
    return { value: await act() };
  } catch (cause) {
    if (!(cause instanceof ElboError)) throw cause;
    const { code, message, where } = cause;
    return { error: { code, message, where } };
  }
}

/** What the page can be asked for. */
const page = {
  digests: (data: FileData, options?: BrowserOpenOptions) =>
    outcome(async () => digestsOf(await openData(data, options))),
  batch: (data: FileData, target?: string) =>
    outcome(async () => batchOf(await openData(data), target)),
  inspect: (data: FileData) => outcome(async () => inspect(await openData(data))),
  /** All values of an image column, and their labels. */
  images: (data: FileData, options?: BrowserOpenOptions) =>
    outcome(async () => {
      const { rows, columns, notes, chunks } = await openData(data, options);
      const values: number[] = [];
      const labels: (string | null)[] = [];
      for await (const chunk of chunks(["image"])) {
        for (const value of chunk.columns[0]!.values as Uint8Array) values.push(value);
      }
      if (columns.some(({ name }) => name === "label")) {
        for await (const chunk of chunks(["label"])) {
          labels.push(...(chunk.columns[0]!.values as string[]));
        }
      }
      return { rows, columns, notes, values, labels };
    }),
  droppedFiles,
  openData,
};

export type Page = typeof page;

Object.assign(globalThis, { page });
