// The fields of a source as training would measure them, every row among them.
import type { DataSource } from "#elbo/data/source.js";
import { type Declarations, declareFields } from "#elbo/fields/declare.js";
import type { FieldSchema } from "#elbo/fields/field.js";
import { measureSchema } from "#elbo/fields/measure.js";
import { Packer } from "#elbo/fields/pack.js";
import { profileColumns } from "#elbo/fields/profile.js";
import { parametersOf } from "#elbo/models/graphs.js";
import type { RunConfig } from "#elbo/train/config.js";

export async function schemaOf(
  source: DataSource,
  declarations: Declarations = {},
): Promise<FieldSchema> {
  const { fields } = declareFields(source, await profileColumns(source), declarations);
  const packer = new Packer({ fields }, source, "training");
  async function* packed() {
    for await (const chunk of source.chunks(packer.names)) yield packer.pack(chunk);
  }
  return measureSchema({ fields }, packed());
}

/** Every weight 0: nothing that is decoded depends on what was encoded. */
export function zeroWeights({ schema, model }: RunConfig): Map<string, Float32Array> {
  const sizes = parametersOf(schema, model).specs.map(({ name, shape }) => {
    const size = shape.reduce((product, length) => product * length, 1);
    return [name, new Float32Array(size)] as const;
  });
  return new Map(sizes);
}
