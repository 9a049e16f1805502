// Opens what a task needs, and says what a person should know of it.
import type { DataSet } from "../data/dataset.ts";
import type { Run, TaskOptions } from "../tasks/run.ts";
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

export async function readDataFor(path: string, talk: Talk): Promise<DataSet> {
  const { readData } = await import("../data/read.ts");
  const data = await readData(path);
  for (const note of data.notes) talk.warn(note);
  return data;
}
