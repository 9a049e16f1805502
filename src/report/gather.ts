// Gathers what a report tells, from the run's folder and, where it is still there, its data. Everything
// is of a bounded number of rows.

import { ElboError } from "../base/errors.ts";
import { grouped } from "../base/words.ts";
import { isModelled } from "../fields/field.ts";
import { evaluate } from "../tasks/evaluate.ts";
import { unpacked } from "../tasks/kept-rows.ts";
import { proposedSampler } from "../tasks/proposed-sampler.ts";
import { evenly, pickRows, sourceOfRows } from "../tasks/raw-rows.ts";
import { decodedFields } from "../tasks/rows.ts";
import type { Run, TaskOptions } from "../tasks/run.ts";
import type { Course, SeenEpoch } from "../train/doctor/course.ts";
import { diagnose } from "../train/doctor/index.ts";
import { inputScales } from "../train/doctor/input-scales.ts";
import type { EpochEvent } from "../train/events.ts";
import { readEpochs } from "../train/metrics-file.ts";
import { type DataRecord, loadRecord } from "../train/record.ts";
import type { Reference } from "../train/reference.ts";
import type { LatentMap, NamedRows, ReportFacts } from "./facts.ts";
import { fitsOf } from "./fit.ts";
import { mapAxes, traversalsOf } from "./latents.ts";
import { mapFields } from "./map-fields.ts";
import { meansOf, reconstructed } from "./model-rows.ts";
import { atlasOf, pixelBytes } from "./pictures.ts";
import { exampleConditions, generated } from "./samples.ts";
import { rowsOfData, some, together, within } from "./shown-rows.ts";
import { worstToBest } from "./worst-to-best.ts";

/** Rows of the map, their numbers in all, and those of the map of images. */
const [MAP_ROWS, MAP_NUMBERS, MAP_IMAGES] = [5000, 4e6, 2000];
/** Values that the page holds of the map's points. */
const MAP_CELLS = 400_000;
/** Rows that are evaluated, and their numbers in all. */
const [JUDGED_ROWS, JUDGED_NUMBERS] = [2000, 2e6];
const RECONSTRUCTIONS = { images: 20, rows: 9 };

/** What training told of the run: its diagnoses at each epoch, as they came. */
function toldOf(
  { config }: Run,
  record: DataRecord | null,
  epochs: readonly EpochEvent[],
  reference: Reference | null,
) {
  const seen = epochs.filter((epoch): epoch is SeenEpoch => epoch.figures !== null);
  const told = new Set<string>();
  return seen.flatMap((_, i) => {
    const course: Course = {
      config,
      rows: record?.rows ?? { training: config.data.rows, validation: 0 },
      epochs: seen.slice(0, i + 1),
      ended: i === seen.length - 1,
      inputs: reference ? inputScales(config.schema, reference.heldOut) : [],
    };
    const found = diagnose(course, told);
    for (const { code } of found) told.add(code);
    return found;
  });
}

/** What a run keeps of its rows; null where that is gone. */
async function keptBy(run: Run): Promise<Reference | null> {
  try {
    return await run.reference();
  } catch (cause) {
    if (cause instanceof ElboError && cause.code === "file-missing") return null;
    throw cause;
  }
}

/** Rows that training has not seen, where there are any. */
function judgedRows(run: Run, { heldOut, training }: Reference): NamedRows & { heldOut: boolean } {
  const unseen = heldOut.rows > 0;
  const rows = unpacked(run.config, unseen ? heldOut : training);
  const judged = some(rows, within(run.config, JUDGED_NUMBERS, JUDGED_ROWS));
  const count = grouped(judged.rows);
  const called = `${count} ${unseen ? "rows held out of training" : "rows that it was trained on"}`;
  return { ...judged, called, heldOut: unseen };
}

async function mapOf(
  run: Run,
  shown: NamedRows,
  instead: string | null,
  kl: number[] | null,
  options: TaskOptions,
) {
  const means = await meansOf(run, shown, options);
  const { config } = run;
  const fields = mapFields(config, shown);
  const place = shown.columns.findIndex(({ type }) => type === "image");
  const info = shown.columns[place];
  const field = config.schema.fields.find(({ name }) => name === info?.name);
  let atlas: LatentMap["atlas"] = null;
  if (info?.type === "image" && field?.kind === "image" && "low" in field) {
    const bytes = pixelBytes(shown.values[place]!, field);
    atlas = await atlasOf(info, bytes, shown.rows);
  }
  const map: LatentMap = {
    ...{ called: `${grouped(shown.rows)} ${shown.called}`, fields, atlas, instead },
    axes: mapAxes(means, config.model.latent, kl),
  };
  return { map, means };
}

/** Rows for the map: of the data where it is there, else those that the run kept. */
async function shownRows(run: Run, kept: Reference | null) {
  const { config } = run;
  const columns = config.schema.fields.length;
  const images = config.schema.fields.some((field) => isModelled(field) && field.kind === "image");
  const most = Math.min(
    within(config, MAP_NUMBERS, images ? MAP_IMAGES : MAP_ROWS),
    Math.max(500, Math.floor(MAP_CELLS / columns)),
  );
  const found = await rowsOfData(config, most);
  if (typeof found !== "string") return { rows: found, instead: null };
  if (!kept) return { rows: null, instead: found };
  const all = together(unpacked(config, kept.training), unpacked(config, kept.heldOut));
  const rows = { ...some(all, most), called: "rows that the run kept" };
  return { rows, instead: `${found} These are rows that the run kept, without their id columns.` };
}

export async function gather(run: Run, options: TaskOptions = {}): Promise<ReportFacts> {
  const { folder, config } = run;
  const [record, epochs, kept] = await Promise.all([
    loadRecord(folder),
    readEpochs(folder),
    keptBy(run),
  ]);
  const diagnoses = toldOf(run, record, epochs, kept);
  const judged = kept ? judgedRows(run, kept) : null;
  const report = judged && (await evaluate(run, sourceOfRows(judged.called, judged), options));
  const kl = report?.klPerLatent ?? null;
  const { rows: shown, instead } = await shownRows(run, kept);
  const mapped = shown && (await mapOf(run, shown, instead, kl, options));
  const where = exampleConditions(config, shown);
  const sampler = proposedSampler(
    epochs.findLast(({ figures }) => figures !== null) ?? null,
    record?.rows.training ?? config.data.rows,
  );
  const made = await generated(run, kept, sampler, options);
  const images = decodedFields(config.schema).some(({ kind }) => kind === "image");
  const count = images ? RECONSTRUCTIONS.images : RECONSTRUCTIONS.rows;
  return {
    ...{ run, record, epochs, diagnoses },
    evaluation: judged && report && { called: judged.called, heldOut: judged.heldOut, report },
    map: mapped?.map ?? null,
    reconstructions: judged && {
      called: judged.called,
      rows: worstToBest(config, judged, await reconstructed(run, judged, options), count),
    },
    proposedSampler: sampler,
    samples: made && {
      ...made,
      rows: pickRows(made.rows, evenly(made.rows.rows, images ? 64 : 8)),
    },
    traversals: mapped && where ? await traversalsOf(run, mapped.means, kl, where, options) : [],
    fits:
      made && shown
        ? {
            called: `${grouped(made.rows.rows)} new rows beside ${grouped(shown.rows)} ${shown.called}`,
            fits: await fitsOf(config, shown, made.rows),
          }
        : null,
  };
}
