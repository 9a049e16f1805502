// The fields that training takes of a source, by what its columns hold and what a person says.
import type { DataSource } from "../data/source.ts";
import { type Declarations, declareFields } from "../fields/declare.ts";
import type { FieldSchema } from "../fields/field.ts";
import type { Finding } from "../fields/findings.ts";
import { type ColumnProfile, profileColumns } from "../fields/profile.ts";
import { learnVocabularies } from "../fields/vocabulary.ts";
import { parseVocabulary, type TrainOptions } from "./options.ts";
import { fieldsFor } from "./settings.ts";

export interface DeclaredFields {
  /** Without statistics yet. */
  schema: FieldSchema;
  findings: Finding[];
  profiles: ColumnProfile[];
}

/** @param schema the fields of a schema file, none where there is none. */
export function declarationsIn(
  options: TrainOptions,
  schema: NonNullable<Declarations["schema"]>,
): Declarations {
  const { likelihood } = options;
  return {
    schema,
    target: [...(options.target ?? [])],
    condition: [...(options.condition ?? [])],
    id: [...(options.id ?? [])],
    ignore: [
      ...(options.ignore ?? []),
      ...(options.anomalyLabel === undefined ? [] : [options.anomalyLabel]),
    ],
    ...(options.weight === undefined ? {} : { weight: options.weight }),
    kind: { ...options.kind },
    ...(typeof likelihood === "object" ? { likelihood: { ...likelihood } } : {}),
    ...(typeof likelihood === "string" ? { everyLikelihood: likelihood } : {}),
    ...(options.scale === undefined ? {} : { scale: options.scale }),
    ...(options.binarize === undefined ? {} : { binarize: options.binarize }),
  };
}

/** Reads the source: its columns once, and once more where vocabularies of texts are learned. */
export async function declaredFields(
  source: DataSource,
  options: TrainOptions,
  declarations: Declarations,
): Promise<DeclaredFields> {
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
