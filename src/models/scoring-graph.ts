// What rows are scored by: their log-likelihood part by part, and the coordinates that they are
// compared with other rows in.
import type { FieldSchema } from "../fields/field.ts";
import type { Group } from "../fields/groups/index.ts";
import { concat, constant, type Tensor } from "../graph/index.ts";
import { beside } from "../nn/network.ts";
import type { Body, Part } from "./body.ts";
import { type Built, build, decoded, USE } from "./graphs.ts";
import type { ModelConfig } from "./model.ts";

/** Coordinates of one field, side by side. */
export interface Block {
  field: string;
  size: number;
  /** Whether they are the field's numbers, on the network's scale; others have none of their own. */
  numbers: boolean;
}

interface Coordinates {
  values: Tensor;
  blocks: Block[];
}

/** A row's numbers on the network's scale: its own, and in the place of missing ones those decoded. */
function numbersAs(body: Body, { group, raw }: Part, outputs: Tensor): Coordinates | null {
  const own = group.target(raw);
  const expected = group.prediction(body.parameters, outputs, { ...raw, mask: null });
  if (!own || !expected) return null;
  const values = raw.mask ? own.add(raw.mask.neg().add(1).mul(expected)) : own;
  const { fields } = group.layout;
  const size = group.values / fields.length;
  return { values, blocks: fields.map(({ name }) => ({ field: name, size, numbers: true })) };
}

/** Levels that are numbers or in an order as one number each, of mean 0 and deviation 1; null of others. */
function levelNumbers(field: Group["layout"]["fields"][number], depth: number): number[] | null {
  if (field.kind !== "ordinal" && field.kind !== "categorical") return null;
  const { kind, of, levels, shares } = field;
  if (kind === "categorical" && of !== "number") return null;
  const numbers = levels.map((level, code) => (of === "number" ? Number(level) : code));
  const total = shares.reduce((sum, share) => sum + share, 0) || 1;
  const mean = numbers.reduce((sum, value, k) => sum + (value * (shares[k] ?? 0)) / total, 0);
  const variance = numbers.reduce(
    (sum, value, k) => sum + ((value - mean) ** 2 * (shares[k] ?? 0)) / total,
    0,
  );
  const deviation = Math.sqrt(variance) || 1;
  return Array.from({ length: depth }, (_, k) =>
    k < numbers.length ? (numbers[k]! - mean) / deviation : 0,
  );
}

/** What the encoder sees of fields without numbers, field by field. */
function featuresAs(body: Body, { group, raw }: Part): Coordinates {
  const features = group.features(body.parameters, raw);
  const { fields } = group.layout;
  const width = features.shape[1] as number;
  const size = width / fields.length;
  const numbers = fields.map((field) => levelNumbers(field, size));
  if (numbers.every((values) => values === null)) {
    const blocks = fields.map(({ name }) => ({ field: name, size, numbers: false }));
    return { values: features, blocks };
  }
  const parts = features.split(1, new Array<number>(fields.length).fill(size));
  return {
    values: concat(
      parts.map((part, j) => {
        const values = numbers[j];
        return values ? part.matmul(constant(values, [size, 1])) : part;
      }),
      1,
    ),
    blocks: fields.map(({ name }, j) => ({
      field: name,
      size: numbers[j] ? 1 : size,
      numbers: numbers[j] !== null,
    })),
  };
}

/** The data's parts at the posterior mean: what each decodes to, and log p of its fields. */
export function dataAtMean({ body, mean }: Built) {
  const outputs = decoded(body, mean);
  const logProbs = body.logProbs(outputs);
  return body.of("data").map((part) => {
    const place = body.decoded.findIndex(({ group }) => group === part.group);
    return { part, place, outputs: outputs[place]!, logProb: logProbs[place]! };
  });
}

/**
 * Of each row: log p of each data field at the posterior mean, `(batch, fields)`; the KL, `(batch,)`,
 * where there is one; latents; coordinates. With `drawn`, log p of the fields at a draw of the posterior
 * and the logarithm of its importance weight instead.
 */
export function scoringGraph(
  schema: FieldSchema,
  config: ModelConfig,
  drawn = false,
): { outputs: Record<string, Tensor>; fields: string[]; blocks: Block[] } {
  const built = build(schema, config, USE);
  const { body, mean, totalKl, logProbs, logWeight } = built;
  const data = dataAtMean(built);
  const fields = data.flatMap(({ part }) => part.group.layout.fields.map(({ name }) => name));
  if (drawn && logWeight) {
    const ofDraws = data.map(({ place }) => logProbs[place]!);
    return { outputs: { logProbs: concat(ofDraws, 1), logWeight }, fields, blocks: [] };
  }
  const coordinates = data.map(
    ({ part, outputs }) => numbersAs(body, part, outputs) ?? featuresAs(body, part),
  );
  const ofMean = data.map(({ logProb }) => logProb);
  return {
    outputs: {
      logProbs: concat(ofMean, 1),
      ...(totalKl ? { kl: totalKl } : {}),
      latents: mean,
      coordinates: beside(...coordinates.map(({ values }) => values)),
    },
    fields,
    blocks: coordinates.flatMap(({ blocks }) => blocks),
  };
}
