// From a source of rows to what training takes: fields, the rows that train and that are held out,
// packed, and their statistics.
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { fileError } from "../base/file-errors.ts";
import type { DataNote, DataSource } from "../data/source.ts";
import { type Split, splitRows } from "../data/split.ts";
import { readStored, storeRows } from "../data/store/store.ts";
import type { MemoryRows, StoredRows } from "../data/store/stored.ts";
import { type Declarations, declareFields } from "../fields/declare.ts";
import type { FieldSchema } from "../fields/field.ts";
import type { Finding } from "../fields/findings.ts";
import { layoutOf } from "../fields/layout.ts";
import { measureSchema } from "../fields/measure.ts";
import { type ColumnProfile, profileColumns } from "../fields/profile.ts";
import { parseSchema } from "../fields/schema-file.ts";
import { learnVocabularies } from "../fields/vocabulary.ts";
import { parseVocabulary, type TrainOptions } from "./options.ts";
import { fieldsFor, MOST_HELD_OUT } from "./settings.ts";

export interface Prepared {
  training: StoredRows;
  validation: MemoryRows;
  notes: DataNote[];
  /** Of the packed rows and their weights: the same for the same data, fields and split. */
  hash: string;
}

/** What a person says of the columns, from the options of train. */
export async function declarationsOf(options: TrainOptions): Promise<Declarations> {
  const { schema, likelihood } = options;
  let text = "";
  if (schema !== undefined) {
    try {
      text = await readFile(schema, "utf8");
    } catch (cause) {
      throw fileError(cause, schema);
    }
  }
  return {
    ...(schema === undefined ? {} : { schema: parseSchema(text, schema) }),
    target: [...(options.target ?? [])],
    condition: [...(options.condition ?? [])],
    id: [...(options.id ?? [])],
    ignore: [...(options.ignore ?? [])],
    ...(options.weight === undefined ? {} : { weight: options.weight }),
    kind: { ...options.kind },
    ...(typeof likelihood === "object" ? { likelihood: { ...likelihood } } : {}),
    ...(typeof likelihood === "string" ? { everyLikelihood: likelihood } : {}),
    ...(options.scale === undefined ? {} : { scale: options.scale }),
    ...(options.binarize === undefined ? {} : { binarize: options.binarize }),
  };
}

/** The fields of a source, without statistics yet, and what a person should know of them. */
export async function fieldsOf(
  source: DataSource,
  options: TrainOptions,
): Promise<{ schema: FieldSchema; findings: Finding[]; profiles: ColumnProfile[] }> {
  const declarations = await declarationsOf(options);
  const profiles = await profileColumns(source);
  const { fields, findings } = declareFields(source, profiles, declarations);
  const suited = fieldsFor(options.method ?? "vae", fields);
  const choice = parseVocabulary(options.vocabulary ?? "characters");
  return {
    schema: { fields: await learnVocabularies(source, suited, choice) },
    findings,
    profiles,
  };
}

/** Packs the rows and hashes them. */
export async function prepareRows(
  source: DataSource,
  schema: FieldSchema,
  settings: { split: Split; share: number; seed: number; memory: number },
  file: string,
): Promise<Prepared> {
  const { split, share, seed, memory } = settings;
  const parts = await splitRows(source, { split, share, seed, most: MOST_HELD_OUT });
  const stored = await storeRows(source, schema, parts, { memoryBytes: memory, file });
  const hash = createHash("sha256").update(
    JSON.stringify(layoutOf(schema).map(({ name }) => name)),
  );
  for (const part of [stored.training, stored.validation]) {
    for await (const { groups, weights } of readStored(part)) {
      const arrays = [...groups.values()].flatMap((packed) =>
        packed.type === "dense" ? [packed.values] : [packed.offsets, packed.indices, packed.values],
      );
      for (const { buffer, byteOffset, byteLength } of weights ? [...arrays, weights] : arrays) {
        hash.update(new Uint8Array(buffer, byteOffset, byteLength));
      }
    }
  }
  return { ...stored, hash: hash.digest("hex") };
}

/** The schema with the statistics of the training rows. */
export const measured = (schema: FieldSchema, { training }: Prepared): Promise<FieldSchema> =>
  measureSchema(schema, readStored(training));
