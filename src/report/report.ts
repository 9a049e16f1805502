// One page that tells of a run: what its data was, how it trained, what it is good for.
import { existsSync } from "node:fs";
import { ElboError } from "../base/errors.ts";
import { fileError } from "../base/file-errors.ts";
import { writeFileAtomic } from "../base/files.ts";
import { type Run, runOf, type TaskOptions } from "../tasks/run.ts";
import { gather } from "./gather.ts";
import { pageOf } from "./page.ts";

export interface ReportOptions extends TaskOptions {
  /** Replaces a file that exists. Default false. */
  force?: boolean;
}

/** @throws ElboError `output-exists` for a file that may not be replaced. */
export function refuseReport(path: string, force: boolean): void {
  if (force || !existsSync(path)) return;
  throw new ElboError({
    code: "output-exists",
    kind: "usage",
    message: `${path} exists already`,
    hint: "Give --force to replace it, or another name.",
  });
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
