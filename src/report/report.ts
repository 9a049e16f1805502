// One page that tells of a run: what its data was, how it trained, what it is good for.
import { extname } from "node:path";
import { ElboError } from "../base/errors.ts";
import { fileError } from "../base/file-errors.ts";
import { refuseExisting, requireFolder, writeFileAtomic } from "../base/files.ts";
import { type Run, runOf, type TaskOptions } from "../tasks/run.ts";
import { gather } from "./gather.ts";
import { pageOf } from "./page.ts";

export interface ReportOptions extends TaskOptions {
  /** Replaces a file that exists. Default false. */
  force?: boolean;
}

/**
 * Refuses, before anything is computed, what could not be written.
 * @throws ElboError `format-unknown`, `file-missing` of its folder, `output-exists` unless `force`.
 */
export function refuseReport(path: string, force: boolean): void {
  if (!/\.html?$/i.test(path)) {
    const extension = extname(path);
    throw new ElboError({
      code: "format-unknown",
      kind: "usage",
      message: `${path}: ${extension === "" ? "a file without an extension" : `a ${extension} file`} cannot hold a report`,
      hint: "write .html; a browser prints it as PDF",
    });
  }
  requireFolder(path);
  refuseExisting(path, force);
}

/** The page as text: HTML that needs no other file and no network. The same run gives the same bytes. */
export async function report(run: string | Run, options: TaskOptions = {}): Promise<string> {
  return pageOf(await gather(await runOf(run), options));
}

/** Writes the page, whole or not at all. */
export async function reportTo(
  path: string,
  run: string | Run,
  { force = false, ...options }: ReportOptions = {},
): Promise<void> {
  refuseReport(path, force);
  const text = await report(run, options);
  try {
    await writeFileAtomic(path, text);
  } catch (cause) {
    throw fileError(cause, path);
  }
}
