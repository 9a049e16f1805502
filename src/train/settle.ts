// From a person's options to a whole configuration, by the rows: opens the data, packs and measures its
// rows, and settles what was left out. Nothing is trained or written here.
import { packageVersion } from "../base/version.ts";
import type { DataSource } from "../data/source.ts";
import { removeStored } from "../data/store/disk.ts";
import { checkDataFields } from "../fields/declare.ts";
import type { FieldSchema } from "../fields/field.ts";
import { measureSchema } from "../fields/measure.ts";
import { trainingGraph } from "../models/graphs.ts";
import type { Parameters } from "../nn/parameters.ts";
import { loadNative } from "../runtime/native.ts";
import { openDevice } from "../runtime/open.ts";
import { spread } from "./compute.ts";
import { RUN_FORMAT, type RunConfig } from "./config.ts";
import type { DeclaredFields } from "./declared-fields.ts";
import type { TrainEvent } from "./events.ts";
import { checkGaps, type StartingRun } from "./from.ts";
import { checkPrunable } from "./latent-size/check.ts";
import { parseSize } from "./option-values.ts";
import type { TrainOptions } from "./options.ts";
import { fieldsOf, type Prepared, prepareRows, rowsFile } from "./prepare.ts";
import { freeRunFolder } from "./run.ts";
import {
  checkTogether,
  DEFAULT_VALIDATION,
  FEWEST_TO_SPLIT,
  resolveModel,
  resolveTraining,
} from "./settings.ts";
import { reopen, sourceOf, windowOf } from "./source.ts";

/** The rows of a training, and how options that leave something out are settled by them. */
export interface ReadyRows {
  /** What was found of the columns; null where a run that training starts from has them. */
  seen: DeclaredFields | null;
  prepared: Prepared;
  /** The configuration of these options, or of others that are of the same rows. */
  settle(
    options: TrainOptions,
    base: StartingRun | null,
  ): Promise<{ config: RunConfig; parameters: Parameters }>;
}

type Emit = (event: TrainEvent) => void;

/** Opens the data, has its rows used, and closes and removes what that took. */
export async function withRows<T>(
  data: string | DataSource,
  options: TrainOptions,
  base: StartingRun | null,
  emit: Emit,
  use: (rows: ReadyRows, source: DataSource) => Promise<T>,
): Promise<T> {
  const { labels = null } = options;
  const opened = (from: string | DataSource, like?: DataSource) =>
    base
      ? reopen({ ...base.config, data: { ...base.config.data, labels } }, from)
      : sourceOf(from, options, like);
  const source = await opened(data);
  let heldOut: DataSource | null = null;
  let rows: ReadyRows | null = null;
  try {
    if (typeof options.validation === "string") heldOut = await opened(options.validation, source);
    rows = await readRows(source, heldOut, base, options, emit);
    return await use(rows, source);
  } finally {
    if (rows) await removeStored(rows.prepared.training);
    await heldOut?.close?.();
    if (typeof data === "string") await source.close?.();
  }
}

async function readRows(
  source: DataSource,
  heldOut: DataSource | null,
  base: StartingRun | null,
  options: TrainOptions,
  emit: Emit,
): Promise<ReadyRows> {
  const warn = (notes: readonly { code: string; message: string; hint?: string }[]) => {
    for (const { code, message, hint = "" } of notes) {
      emit({ event: "warning", code, message, hint });
    }
  };
  warn(source.notes);
  const seen = base ? null : await fieldsOf(source, options);
  const declared = seen ?? { schema: base!.config.schema, findings: [] };
  checkDataFields(source.source, declared.schema.fields);
  warn(declared.findings);
  const seed = options.seed ?? 0;
  const share = options.validation ?? (source.rows < FEWEST_TO_SPLIT ? 0 : DEFAULT_VALIDATION);
  const method = base?.model.method ?? options.method ?? "vae";
  const { windows } = source;
  const ofSource = windows ? `time:${windows.by}` : splitFor(declared.schema);
  const chosen = (given: TrainOptions) => ({
    ...given,
    validation: share,
    ...(given.split === undefined && !heldOut ? { split: ofSource } : {}),
  });
  const { memory, split, anomalyLabel } = resolveTraining(chosen(options), source.rows);
  // Which a device will want: it loads while rows are waited for.
  if (options.device !== "wasm") void loadNative();
  const measure = measureSchema(declared.schema);
  const prepared = await prepareRows(
    source,
    declared.schema,
    { ...{ split, seed, memory, anomalyLabel }, share: typeof share === "string" ? 0 : share },
    rowsFile(options.out ?? freeRunFolder(source.source, method)),
    heldOut,
    measure,
  );
  try {
    warn(prepared.notes);
    const found = measure.finish();
    const settle: ReadyRows["settle"] = (given, from) =>
      settled(source, prepared, found, chosen(given), from, emit);
    return { seen, prepared, settle };
  } catch (error) {
    await removeStored(prepared.training);
    throw error;
  }
}

async function settled(
  source: DataSource,
  prepared: Prepared,
  found: FieldSchema,
  options: TrainOptions,
  base: StartingRun | null,
  emit: Emit,
): Promise<{ config: RunConfig; parameters: Parameters }> {
  if (base) checkGaps(base.folder, base.config.schema, found);
  // The statistics are those that the weights were learned with.
  const schema = base ? base.config.schema : found;
  const model = base ? base.model : resolveModel(options, schema);
  if (options.latent === "auto") checkPrunable(schema, model, prepared.validation.rows);
  const training = resolveTraining(options, prepared.training.rows, schema);
  checkTogether(model, training);
  const { device, warning } = await openDevice(options.device ?? "auto");
  if (warning) emit({ event: "warning", ...warning });
  const { parameters } = trainingGraph(schema, model);
  const convolves = model.network.kind === "conv";
  const block = (convolves && (await device.channelBlock?.())) || null;
  const { batch } = training;
  const cores = options.threads;
  const compute = spread(device.name, block, model, schema, parameters.count, batch, cores);
  const config: RunConfig = {
    format: RUN_FORMAT,
    elbo: packageVersion(),
    data: {
      source: source.source,
      rows: source.rows,
      hash: prepared.hash,
      labels: options.labels ?? null,
      size: base
        ? base.config.data.size
        : options.size === undefined
          ? null
          : parseSize(options.size),
      window: base ? base.config.data.window : windowOf(source, options),
    },
    from: base ? base.folder : null,
    schema,
    model,
    training,
    compute,
  };
  return { config, parameters };
}

/** A target's levels are held out by their shares, where there is one target and it has some. */
function splitFor({ fields }: FieldSchema): string {
  const targets = fields.filter(({ role }) => role === "target");
  const [target] = targets;
  return target && targets.length === 1 && "levels" in target
    ? `stratified:${target.name}`
    : "random";
}
