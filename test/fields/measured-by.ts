// A schema with the statistics of rows that come in pieces.
import type { FieldSchema } from "#elbo/fields/field.js";
import { measureSchema } from "#elbo/fields/measure.js";
import type { PackedRows } from "#elbo/fields/pack.js";

export async function measuredBy(
  schema: FieldSchema,
  pieces: AsyncIterable<PackedRows> | Iterable<PackedRows>,
): Promise<FieldSchema> {
  const measure = measureSchema(schema);
  for await (const piece of pieces) measure.add(piece);
  return measure.finish();
}
