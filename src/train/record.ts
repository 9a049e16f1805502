// What a run remembers of its data, for whom has the run alone: the columns as they were seen, what was
// worth a look, and how many rows trained.
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { ElboError } from "../base/errors.ts";
import { fileError } from "../base/file-errors.ts";
import { writeFileAtomic } from "../base/files.ts";
import type { DataSource } from "../data/source.ts";
import type { DeclaredFields } from "./declared-fields.ts";
import type { Prepared } from "./prepare.ts";
import { type DataSummary, summaryOf } from "./summary.ts";

export const RECORD_FILE = "data.json";

export interface DataRecord {
  /** Rows to train on, and rows held out. */
  rows: { training: number; validation: number };
  /** Null of a run that took its fields from another one, and did not look for its own. */
  summary: DataSummary | null;
}

/** @param seen what was seen of the columns; null where nobody looked. */
export function recordOf(
  source: DataSource,
  seen: DeclaredFields | null,
  { training, validation }: Prepared,
): DataRecord {
  const rows = { training: training.rows, validation: validation.rows };
  if (!seen) return { rows, summary: null };
  const { schema: _, ...summary } = summaryOf(source, seen);
  return { rows, summary };
}

export async function saveRecord(folder: string, record: DataRecord): Promise<void> {
  const path = join(folder, RECORD_FILE);
  try {
    await writeFileAtomic(path, `${JSON.stringify(record, null, 2)}\n`);
  } catch (cause) {
    throw fileError(cause, path);
  }
}

/** Null where the folder has none. @throws ElboError `run-record` for a file that is none. */
export async function loadRecord(folder: string): Promise<DataRecord | null> {
  const path = join(folder, RECORD_FILE);
  if (!existsSync(path)) return null;
  const { recordSchema } = await import("./record-schema.ts");
  const wrong = (what: string, cause: unknown) =>
    new ElboError({
      code: "run-record",
      message: `${path} is no valid record of a run's data: ${what}`,
      hint: "Restore the file from a copy of the run, or remove it: reports then go without.",
      where: { file: path },
      cause,
    });
  let json: unknown;
  try {
    json = JSON.parse(await readFile(path, "utf8"));
  } catch (cause) {
    if (cause instanceof SyntaxError) throw wrong("it is not valid JSON", cause);
    throw fileError(cause, path);
  }
  const result = recordSchema.safeParse(json);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw wrong(`${issue?.path.join(".")}: ${issue?.message}`, result.error);
}
