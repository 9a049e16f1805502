// The fields of a source as training would measure them, every row among them.
import type { DataSource } from "#elbo/data/source.js";
import { type Declarations, declareFields } from "#elbo/fields/declare.js";
import type { FieldSchema } from "#elbo/fields/field.js";
import { type PackedRows, Packer } from "#elbo/fields/pack.js";
import { profileColumns } from "#elbo/fields/profile.js";
import { learnVocabularies } from "#elbo/fields/vocabulary.js";
import { parametersOf } from "#elbo/models/graphs.js";
import { openDevice } from "#elbo/runtime/open.js";
import type { Run } from "#elbo/tasks/run.js";
import type { RunConfig } from "#elbo/train/config.js";
import { fitLinear } from "#elbo/train/linear.js";
import { measuredBy } from "../fields/measured-by.ts";

async function packedBy(schema: FieldSchema, source: DataSource): Promise<PackedRows[]> {
  const packer = new Packer(schema, source, "training");
  const pieces: PackedRows[] = [];
  for await (const chunk of source.chunks(packer.names)) pieces.push(packer.pack(chunk));
  return pieces;
}

async function* each<T>(items: readonly T[]) {
  yield* items;
}

export async function schemaOf(
  source: DataSource,
  declarations: Declarations = {},
): Promise<FieldSchema> {
  const declared = declareFields(source, await profileColumns(source), declarations);
  const fields = await learnVocabularies(source, declared.fields, "characters");
  return measuredBy({ fields }, each(await packedBy({ fields }, source)));
}

/** A run that has learned nothing but what baselines know of the rows of `source`, in one chunk. */
export async function fitted(config: RunConfig, source: DataSource): Promise<Run> {
  const [packed] = (await packedBy(config.schema, source)) as [PackedRows];
  const { device } = await openDevice("cpu");
  const linear = fitLinear(device, config, { in: "memory", ...packed });
  const weights = zeroWeights(config);
  const reference = async () => ({ training: packed, heldOut: packed, anomalies: packed });
  const kept = { linear: () => linear, calibration: async () => null, reference };
  return { folder: "a run in memory", epoch: 1, config, weights, ...kept };
}

/** Every weight 0: nothing that is decoded depends on what was encoded. */
export function zeroWeights({ schema, model }: RunConfig): Map<string, Float32Array> {
  const sizes = parametersOf(schema, model).specs.map(({ name, shape }) => {
    const size = shape.reduce((product, length) => product * length, 1);
    return [name, new Float32Array(size)] as const;
  });
  return new Map(sizes);
}
