// From a source of rows to what training takes: fields, the rows that train and that are held out,
// packed, and their statistics.
import { readFile } from "node:fs/promises";
import { fileError } from "../base/file-errors.ts";
import type { DataNote, DataSource } from "../data/source.ts";
import { type Split, splitRows } from "../data/split.ts";
import { pageFile } from "../data/store/disk.ts";
import { HELD_OUT, readMemory, storeRows } from "../data/store/store.ts";
import type { MemoryRows, StoredRows } from "../data/store/stored.ts";
import type { Declarations } from "../fields/declare.ts";
import type { FieldSchema } from "../fields/field.ts";
import type { SchemaMeasure } from "../fields/measure.ts";
import type { PackedRows } from "../fields/pack.ts";
import { type DeclaredFields, declarationsIn, declaredFields } from "./declared-fields.ts";
import { labelledRows, labelledStored, withoutLabelled } from "./known-anomalies.ts";
import type { TrainOptions } from "./options.ts";
import { RowsHash } from "./rows-hash.ts";
import { MOST_HELD_OUT } from "./settings.ts";

export interface Prepared {
  training: StoredRows;
  validation: MemoryRows;
  /** Rows that are known to be anomalies; null where nobody said which. */
  anomalies: MemoryRows | null;
  notes: DataNote[];
  /** Of the packed rows and their weights: the same for the same data, fields and split. */
  hash: string;
}

/** Where packed rows lie that memory has no room for: beside the run, gone when it ends. */
export const rowsFile = (folder: string) => `${folder.replace(/[\\/]+$/, "")}.rows-${process.pid}`;

/** What a person says of the columns, from the options of train. */
export async function declarationsOf(options: TrainOptions): Promise<Declarations> {
  const { schema } = options;
  if (schema === undefined) return declarationsIn(options, []);
  // What checks a person's file is loaded for one alone.
  const { parseSchema } = await import("../fields/schema-file.ts");
  try {
    return declarationsIn(options, parseSchema(await readFile(schema, "utf8"), schema));
  } catch (cause) {
    throw fileError(cause, schema);
  }
}

/** The fields of a source, without statistics yet, and what a person should know of them. */
export async function fieldsOf(source: DataSource, options: TrainOptions): Promise<DeclaredFields> {
  return declaredFields(source, options, await declarationsOf(options));
}

export interface RowSettings {
  split: Split;
  share: number;
  seed: number;
  memory: number;
  /** The column that says which rows are anomalies. Default: none are known. */
  anomalyLabel?: string | undefined;
}

/** Packs the rows, and hashes those that train and are held out. */
export async function prepareRows(
  source: DataSource,
  schema: FieldSchema,
  settings: RowSettings,
  file: string,
  /** Rows that validate, where none of the source's do. */
  heldOut: DataSource | null,
  /** Is given the rows that train. */
  measure: SchemaMeasure | null = null,
): Promise<Prepared> {
  const { split, share, seed, memory, anomalyLabel } = settings;
  const parts = await splitRows(source, { split, share, seed, most: MOST_HELD_OUT });
  const limits = { memoryBytes: memory, overflow: pageFile(file) };
  const labelled = anomalyLabel === undefined ? null : await labelledRows(source, anomalyLabel);
  if (labelled) withoutLabelled(parts, labelled);
  const validating = heldOut && new Uint8Array(heldOut.rows).fill(HELD_OUT);
  if (heldOut && anomalyLabel !== undefined) {
    const told = heldOut.columns.some(({ name }) => name === anomalyLabel);
    if (told) withoutLabelled(validating!, await labelledRows(heldOut, anomalyLabel));
  }
  const held = heldOut && (await storeRows(heldOut, schema, validating!, limits));
  const anomalies = labelled && (await labelledStored(source, schema, labelled, memory));
  const hash = new RowsHash();
  const onTraining = (piece: PackedRows) => {
    measure?.add(piece);
    hash.add("training", piece);
  };
  const own = await storeRows(source, schema, parts, { ...limits, onTraining });
  const stored = held
    ? { ...own, validation: held.validation, notes: [...own.notes, ...held.notes] }
    : own;
  for await (const piece of readMemory(stored.validation)) hash.add("validation", piece);
  return { ...stored, anomalies, hash: hash.digest() };
}
