// A model's networks in exact arithmetic: what they say of a row's latents, and of the row by its latents.
import type { FieldSchema } from "../fields/field.ts";
import type { Group } from "../fields/groups/index.ts";
import type { Tensor } from "../graph/index.ts";
import { type Built, build, decodedFrom, LATENT, USE } from "../models/graphs.ts";
import type { ModelConfig } from "../models/model.ts";
import { type ExactProgram, exactProgram } from "./exact/program.ts";

/** Packed rows by the names of the graph's inputs. */
export type Inputs = Readonly<Record<string, Float32Array | Int32Array | Uint8Array>>;

export interface Posterior {
  mean: Float32Array;
  deviation: Float32Array | null;
}

export interface Networks {
  latent: number;
  /** Gaussians of the latents of rows, `(batch, latent)`; without deviations the method's own codes. */
  posterior(rows: Inputs, batch: number): Posterior;
  /** Of each coded group its distribution's parameters, at latents `(batch, latent)`. */
  parameters(latents: Float32Array, given: Inputs, batch: number): Float32Array[][];
}

const PARAMETER = "parameter";

/** What a group's values are distributed by; of squared errors what they are expected to be. */
function emitted(group: Group, body: Built["body"], outputs: Tensor, raw: Raw): Tensor[] {
  if (!group.likelihood) return [group.expected(body.parameters, outputs, null)];
  return group.drawn(body.parameters, outputs, raw);
}
type Raw = Parameters<Group["drawn"]>[2];

/**
 * @param groups those that are coded, in their order, and whether their parameters ask for the row's sum.
 */
export function networksOf(
  schema: FieldSchema,
  config: ModelConfig,
  weights: ReadonlyMap<string, Float32Array>,
  groups: readonly { name: string; bySum: boolean }[],
): Networks {
  const { mean, standardDeviation } = build(schema, config, USE);
  const encoder = exactProgram(
    { mean, ...(standardDeviation ? { standardDeviation } : {}) },
    weights,
  );
  const { body, outputs } = decodedFrom(schema, config, "latent");
  const decoder: ExactProgram = exactProgram(
    Object.fromEntries(
      groups.flatMap(({ name, bySum }, g) => {
        const place = body.decoded.findIndex(({ group }) => group.layout.name === name);
        const { group, raw } = body.decoded[place]!;
        return emitted(group, body, outputs[place]!, bySum ? raw : null).map(
          (tensor, i): [string, Tensor] => [`${PARAMETER}/${g}/${i}`, tensor],
        );
      }),
    ),
    weights,
  );
  return {
    latent: config.latent,
    posterior(rows, batch) {
      const found = encoder.run(rows, batch) as Record<string, Float32Array>;
      return { mean: found["mean"]!, deviation: found["standardDeviation"] ?? null };
    },
    parameters(latents, given, batch) {
      const found = decoder.run({ ...given, [LATENT]: latents }, batch);
      return groups.map((_, g) => {
        const parts: Float32Array[] = [];
        for (let i = 0; `${PARAMETER}/${g}/${i}` in found; i++) {
          parts.push(found[`${PARAMETER}/${g}/${i}`] as Float32Array);
        }
        return parts;
      });
    },
  };
}
