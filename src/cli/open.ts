// Opens what a task needs, and says what a person should know of it.
import type { DataSource } from "../data/source.ts";
import type { Run, TaskOptions } from "../tasks/run.ts";
import type { OutputOptions } from "./options.ts";
import type { Talk } from "./talk.ts";

export async function openRunFor(folder: string, options: TaskOptions, talk: Talk): Promise<Run> {
  const [{ openRun }, { openDevice }] = await Promise.all([
    import("../tasks/run.ts"),
    import("../runtime/open.ts"),
  ]);
  const run = await openRun(folder);
  const { warning } = await openDevice(options.device ?? "auto");
  if (warning) talk.warn(warning);
  return run;
}

/** Opens data as a run wants it; the caller closes it. */
export async function openDataFor(
  run: Run,
  path: string,
  talk: Talk,
  labels?: string,
): Promise<DataSource> {
  const { sourceFor } = await import("../tasks/run.ts");
  const source = await sourceFor(run, path, labels);
  for (const note of source.notes) talk.warn(note);
  return source;
}

/**
 * A run and rows for it, of a command that writes a table or, of an image model, pictures. An output that
 * cannot be is refused before the rows are opened; the caller closes them.
 */
export async function openTaskFor(
  folder: string,
  path: string,
  options: OutputOptions,
  talk: Talk,
  writes: "table" | "rows",
): Promise<{ run: Run; data: DataSource }> {
  const { refuseOutput } = await import("../data/write/output.ts");
  if (writes === "table") refuseOutput(options.out, "table", options);
  const run = await openRunFor(folder, options, talk);
  if (writes === "rows") {
    const { givesImages } = await import("../tasks/rows.ts");
    refuseOutput(options.out, givesImages(run.config.schema) ? "images" : "table", options);
  }
  return { run, data: await openDataFor(run, path, talk) };
}

/** What a task tells of the rows that it has seen. */
export const noting = (talk: Talk) => ({
  onNotes: (notes: readonly { code: string; message: string }[]) => notes.forEach(talk.warn),
});

/** Of a series: which rows a command's own are. */
export function sayWindows({ windows }: DataSource, talk: Talk): void {
  if (!windows) return;
  const { size, by } = windows;
  talk.say(
    `each row is of a window of ${size} rows of the series, under the ${JSON.stringify(by)} of its last`,
  );
}
