// The fields that training takes of a source, by what its columns hold and what a person says.
import type { DataSource } from "../data/source.ts";
import { offsetFor } from "../fields/build-field.ts";
import { type Declarations, declaredNumbers } from "../fields/declarations.ts";
import { declareFields } from "../fields/declare.ts";
import type { Field, FieldSchema } from "../fields/field.ts";
import type { Finding } from "../fields/findings.ts";
import { type ColumnProfile, profileColumns } from "../fields/profile.ts";
import { learnVocabularies } from "../fields/vocabulary.ts";
import { parseMissing, parseVocabulary } from "./option-values.ts";
import type { TrainOptions } from "./options.ts";
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
    ...(options.timeFormat === undefined ? {} : { timeFormat: { ...options.timeFormat } }),
    ...(options.missing === undefined ? {} : { missing: parseMissing(options.missing) }),
    ...(typeof likelihood === "object" ? { likelihood: { ...likelihood } } : {}),
    ...(typeof likelihood === "string" ? { everyLikelihood: likelihood } : {}),
    ...(options.scale === undefined ? {} : { scale: options.scale }),
    ...(options.binarize === undefined ? {} : { binarize: options.binarize }),
  };
}

/** Where the method has taken a hurdle away, zeros need what other zeros before a logarithm do. */
function withOffsets(fields: readonly Field[], profiles: readonly ColumnProfile[]): Field[] {
  const byName = new Map(profiles.map((profile) => [profile.name, profile]));
  return fields.map((field) =>
    "offset" in field
      ? { ...field, offset: offsetFor(byName.get(field.name)!, field.likelihood) }
      : field,
  );
}

/** Reads the source: its columns once, and once more where vocabularies of texts are learned. */
export async function declaredFields(
  source: DataSource,
  options: TrainOptions,
  declarations: Declarations,
): Promise<DeclaredFields> {
  const profiles = await profileColumns(source, declaredNumbers(declarations));
  const { fields, findings } = declareFields(source, profiles, declarations);
  const suited = withOffsets(fieldsFor(options.method ?? "vae", fields), profiles);
  const choice = parseVocabulary(options.vocabulary ?? "characters");
  return {
    schema: { fields: await learnVocabularies(source, suited, choice) },
    findings,
    profiles,
  };
}
