// A run folder: its configuration, written once and validated whenever it is read.
import { existsSync } from "node:fs";
import { mkdir, readFile, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { ElboError } from "../base/errors.ts";
import { fileError } from "../base/file-errors.ts";
import { writeFileAtomic } from "../base/files.ts";
import { CALIBRATION_FILE } from "./calibration.ts";
import { INITIAL_FILE, MODEL_FILE, STATE_FILE } from "./checkpoint.ts";
import { RUN_FORMAT, type RunConfig } from "./config.ts";
import { LINEAR_FILE } from "./linear.ts";
import { METRICS_FILE } from "./metrics-file.ts";
import { RECORD_FILE } from "./record.ts";
import { REFERENCE_FILE } from "./reference.ts";
import { lockRun } from "./run-lock.ts";

export const CONFIG_FILE = "config.json";
/** What `--latent auto` found. */
export const LATENT_FILE = "latent.json";
/** The page that tells of the run. */
export const REPORT_FILE = "report.html";

/** A name for the run of some data that no folder has yet: `runs/iris-vae`, `runs/iris-vae-2`. */
export function freeRunFolder(data: string, method: string): string {
  const stem = (data.split(/[\\/]/).at(-1) ?? "").replace(/\..*$/, "").replace(/[^\w-]+/g, "-");
  const base = join("runs", `${stem || "data"}-${method}`);
  for (let number = 1; ; number++) {
    const folder = number === 1 ? base : `${base}-${number}`;
    if (!existsSync(folder)) return folder;
  }
}

/** Refuses a folder that exists, unless it is a run and `force` allows to replace it. */
export function refuseRun(folder: string, force: boolean): void {
  if (!existsSync(folder)) return;
  const isRun = existsSync(join(folder, CONFIG_FILE));
  if (force && isRun) return;
  throw new ElboError({
    code: "output-exists",
    kind: "usage",
    message: `${folder} exists already${isRun ? "" : " and is no run folder"}`,
    hint: isRun
      ? `Give --force to replace it, --resume ${folder} to go on, or another --out.`
      : "Give another --out.",
  });
}

/** A run folder that this process alone trains in, until it is unlocked. */
export interface LockedRun {
  folder: string;
  unlock(): Promise<void>;
}

/** Makes the folder and its configuration; a run that exists is replaced only with `force`. */
export async function createRun(
  folder: string,
  config: RunConfig,
  force: boolean,
): Promise<LockedRun> {
  refuseRun(folder, force);
  let made: string | undefined;
  let unlock: LockedRun["unlock"] | undefined;
  try {
    made = await mkdir(folder, { recursive: true });
    unlock = await lockRun(folder);
    const old = [
      ...[INITIAL_FILE, MODEL_FILE, STATE_FILE, LINEAR_FILE, REFERENCE_FILE],
      ...[METRICS_FILE, LATENT_FILE, CALIBRATION_FILE, RECORD_FILE, REPORT_FILE],
    ];
    for (const name of [CONFIG_FILE, ...old]) await rm(join(folder, name), { force: true });
    await writeFileAtomic(join(folder, CONFIG_FILE), configText(config));
    return { folder, unlock };
  } catch (cause) {
    await unlock?.();
    // A folder without its configuration would be neither a run nor free for one.
    if (made !== undefined) await rm(made, { recursive: true, force: true });
    throw fileError(cause, folder);
  }
}

/** The same in a folder of its own under `runs`, whatever other processes make there; its name. */
export async function createFreeRun(config: RunConfig): Promise<LockedRun> {
  for (;;) {
    const folder = freeRunFolder(config.data.source, config.model.method);
    try {
      await mkdir(dirname(folder), { recursive: true });
      await mkdir(folder);
    } catch (cause) {
      // Another run of the same data took the name in between.
      if ((cause as NodeJS.ErrnoException).code === "EEXIST") continue;
      throw fileError(cause, folder);
    }
    try {
      const unlock = await lockRun(folder);
      await writeFileAtomic(join(folder, CONFIG_FILE), configText(config));
      return { folder, unlock };
    } catch (cause) {
      await rm(folder, { recursive: true, force: true });
      throw fileError(cause, folder);
    }
  }
}

/** Puts another configuration in the place of a run's own. */
export async function replaceConfig(folder: string, config: RunConfig): Promise<void> {
  try {
    await writeFileAtomic(join(folder, CONFIG_FILE), configText(config));
  } catch (cause) {
    throw fileError(cause, folder);
  }
}

const configText = (config: RunConfig) => `${JSON.stringify(config, null, 2)}\n`;

export async function readRun(folder: string): Promise<RunConfig> {
  const path = join(folder, CONFIG_FILE);
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (cause) {
    if (existsSync(folder) && !existsSync(path)) {
      throw new ElboError({
        code: "run-missing",
        message: `${folder} is no run folder: it has no ${CONFIG_FILE}`,
        hint: "Give the folder that elbo train printed.",
        where: { file: folder },
        cause,
      });
    }
    throw fileError(cause, folder);
  }
  return parseConfig(text, path);
}

async function parseConfig(text: string, path: string): Promise<RunConfig> {
  const { runConfigSchema } = await import("./config-schema.ts");
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw badConfig(path, "it is not valid JSON", cause);
  }
  const format = (json as { format?: unknown } | null)?.format;
  if (typeof format === "number" && format > RUN_FORMAT) {
    throw new ElboError({
      code: "run-newer",
      message: `${path} has format ${format}; this elbo reads up to ${RUN_FORMAT}`,
      hint: "Install a newer elbo.",
      where: { file: path },
    });
  }
  const result = runConfigSchema.safeParse(json);
  if (!result.success) {
    const [issue] = result.error.issues;
    throw badConfig(path, `${issue?.path.join(".")}: ${issue?.message}`, result.error);
  }
  return result.data;
}

function badConfig(path: string, what: string, cause: unknown): ElboError {
  return new ElboError({
    code: "run-config",
    message: `${path} is no valid run configuration: ${what}`,
    hint: "Restore the file from a copy of the run, or train again.",
    where: { file: path },
    cause,
  });
}
