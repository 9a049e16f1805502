// A run as ONNX files that take raw values and need no elbo, with a card and programs that use them.
import { existsSync, readdirSync, statSync } from "node:fs";
import { ElboError } from "../../base/errors.ts";
import type { Chunk } from "../../base/files.ts";
import { writeFolder } from "../../base/folders.ts";
import { checkChoice } from "../../base/validate.ts";
import type { DataSource } from "../../data/source.ts";
import { conformalRadius } from "../../metrics/conformal.ts";
import { methods } from "../../models/methods/index.ts";
import type { Calibration } from "../../train/calibration.ts";
import { readEpochs } from "../../train/metrics-file.ts";
import { type EvaluationReport, evaluate } from "../evaluate.ts";
import { DEFAULT_INTERVAL } from "../predict.ts";
import { type Run, runOf, type TaskOptions } from "../run.ts";
import { fittedMixture } from "../samplers.ts";
import { cardOf } from "./card.ts";
import { exampleRows } from "./example-rows.ts";
import { type Part, partOf } from "./part.ts";
import { partGraphs, partsOf } from "./parts.ts";
import { programs } from "./programs.ts";
import { isRefusal, type PartName, partNames, refusal, requireSize } from "./refusals.ts";

export interface ExportOptions extends TaskOptions {
  /** Default: all that the run has. */
  parts?: readonly PartName[];
  /** Rows that the card's figures and baselines are of. Default: those of training alone. */
  data?: string | DataSource;
  /** What the card says of the model's licence. Default: that none is stated. */
  license?: string;
  /** Replaces an export that is there. */
  force?: boolean;
}

export interface Exported {
  folder: string;
  /** Names of the files, with their sizes in bytes. */
  files: { name: string; bytes: number }[];
  parts: PartName[];
  /** Parts that were not asked for by name and cannot be written. */
  leftOut: { part: PartName; reason: string }[];
}

const CARD = "README.md";
const EXAMPLE = "example.json";
const fileOf = (part: PartName) => `${part}.onnx`;

/** Everything that an export may hold. */
const known = (name: string) =>
  name === CARD ||
  name === EXAMPLE ||
  Object.hasOwn(programs, name) ||
  partNames.some((part) => fileOf(part) === name);

/** Refuses an output that exists, unless it is an export and `force` allows to replace it. */
export function refuseExport(folder: string, force = false): void {
  if (!existsSync(folder)) return;
  const isExport = statSync(folder).isDirectory() && readdirSync(folder).every(known);
  if (force && isExport) return;
  throw new ElboError({
    code: "output-exists",
    kind: "usage",
    message: `${folder} exists already${isExport ? "" : " and holds what no export does"}`,
    hint: isExport ? "Give --force to replace it, or choose another name." : "Choose another name.",
    where: { file: folder },
  });
}

/** What latents of new rows are drawn of where the method has no prior. */
async function mixtureFor(run: Run, part: PartName, { device, threads }: ExportOptions) {
  const { method } = run.config.model;
  if (part !== "sample" || methods[method].prior) return null;
  try {
    const compute = { ...(device ? { device } : {}), ...(threads ? { threads } : {}) };
    return await fittedMixture(run, 0, compute);
  } catch (cause) {
    if (!(cause instanceof ElboError)) throw cause;
    throw refusal(
      part,
      `${method} has no prior, and a density of its latents is fitted to the run's data: ${cause.message}`,
      "Put the data where it was when the run was trained, or leave the part out.",
    );
  }
}

const nothingHeldOut: Calibration = { temperatures: new Map(), errors: new Map() };

/** How far predictions of numbers are off, as `elbo predict` has it. */
export function radiiOf(errors: Calibration["errors"]): Map<string, number> {
  const known = [...errors].map(([name, own]) => [name, conformalRadius(own, DEFAULT_INTERVAL)]);
  return new Map(known.filter((each): each is [string, number] => each[1] !== null));
}

async function builtParts(run: Run, options: ExportOptions) {
  const asked = options.parts;
  const parts = new Map<PartName, Part>();
  const leftOut: Exported["leftOut"] = [];
  const { temperatures, errors } = (await run.calibration()) ?? nothingHeldOut;
  const radii = radiiOf(errors);
  for (const name of asked ?? partsOf(run.config)) {
    try {
      const context = { mixture: await mixtureFor(run, name, options), temperatures, radii };
      const graph = partGraphs[name](run.config, context);
      const part = partOf(run.config.schema, run.weights, graph);
      requireSize(name, part.bytes.length);
      parts.set(name, part);
    } catch (cause) {
      if (asked !== undefined || !isRefusal(cause)) throw cause;
      leftOut.push({ part: name, reason: cause.message });
    }
  }
  return { parts, leftOut };
}

/** What the best epoch reached on held-out rows; null of a run that is in memory alone. */
async function validationOf(run: Run) {
  if (!existsSync(run.folder)) return null;
  const epochs = await readEpochs(run.folder);
  return epochs.find(({ epoch }) => epoch === run.epoch)?.validation ?? null;
}

async function filesOf(run: Run, options: ExportOptions) {
  const { parts, leftOut } = await builtParts(run, options);
  let evaluation: EvaluationReport | null = null;
  if (options.data !== undefined) evaluation = await evaluate(run, options.data, options);
  const names = [...parts.keys()];
  const rows = exampleRows(run.config.schema, [...parts.values()]);
  const card = cardOf(run, parts, {
    leftOut,
    evaluation,
    validation: await validationOf(run),
    license: options.license ?? null,
  });
  const files = new Map<string, Chunk>();
  for (const [name, { bytes }] of parts) files.set(fileOf(name), bytes);
  files.set(CARD, card).set(EXAMPLE, `${JSON.stringify(rows, null, 1)}\n`);
  for (const [name, program] of Object.entries(programs)) files.set(name, program(names));
  return { files, parts: names, leftOut };
}

/**
 * Writes the folder `out`, whole or not at all: `encoder.onnx`, `decoder.onnx`, `score.onnx`,
 * `sample.onnx`, and `predict.onnx` where the run has targets; a card, `README.md`; and programs
 * that use them, with two rows in `example.json`. The same run gives the same bytes.
 * @throws ElboError `output-exists`; `option-value` of an unknown part; `export-part` of a part that
 * was asked for and cannot be written: the run does not have it, or ONNX cannot hold it.
 */
export async function exportRun(
  run: string | Run,
  out: string,
  options: ExportOptions = {},
): Promise<Exported> {
  for (const part of options.parts ?? []) checkChoice("--part", part, partNames);
  refuseExport(out, options.force);
  const opened = await runOf(run);
  let written: Omit<Exported, "folder"> | undefined;
  await writeFolder(out, async () => {
    const { files, parts, leftOut } = await filesOf(opened, options);
    const sizes = [...files].map(([name, content]) => ({
      name,
      bytes: Buffer.byteLength(content),
    }));
    written = { files: sizes, parts, leftOut };
    return files;
  });
  const { leftOut } = written!;
  options.onNotes?.(
    leftOut.map(({ reason }) => ({ code: "part-left-out", message: `left out: ${reason}` })),
  );
  return { folder: out, ...written! };
}
