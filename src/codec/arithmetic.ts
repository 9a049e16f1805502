// What a model's networks compute where an archive is coded by it, in few bytes: a version of elbo, or an
// engine, whose graphs or constants are others would decode to something else, and is told so at once.
import type { FieldSchema } from "../fields/field.ts";
import type { ModelConfig } from "../models/model.ts";
import { describeProgram } from "./exact/description.ts";
import type { ArchiveHeader } from "./header.ts";
import { lossyPrograms } from "./lossy.ts";
import { sha256 } from "./model-part.ts";
import { rowPrograms } from "./rows.ts";

/** @param lossy whether images are coded by their latents alone. */
export function describeCodec(schema: FieldSchema, config: ModelConfig, lossy: boolean): string {
  const { levels, decoder, texts } = (lossy ? lossyPrograms : rowPrograms)(schema, config);
  const writing = texts.flatMap((text) => (text.writing ? [text.writing] : []));
  const latents = levels.flatMap(({ posterior, prior }) =>
    prior ? [posterior, prior] : [posterior],
  );
  const programs = [...latents, decoder, ...writing];
  return programs.map(describeProgram).join("\n");
}

/** SHA-256 of that. */
export const programsHash = (
  { schema, config }: { schema: FieldSchema; config: ModelConfig },
  { lossy }: Pick<ArchiveHeader, "lossy">,
): Promise<string> =>
  sha256(new TextEncoder().encode(describeCodec(schema, config, lossy !== null)));
