// A model's networks in exact arithmetic: what they say of a row's latents, and of the row by its latents.
import type { FieldSchema } from "../fields/field.ts";
import type { Group } from "../fields/groups/index.ts";
import { BATCH, input, type Tensor } from "../graph/index.ts";
import { Body } from "../models/body.ts";
import { type Built, build, decodedFrom, LATENT, USE } from "../models/graphs.ts";
import { methods } from "../models/methods/index.ts";
import type { ModelConfig } from "../models/model.ts";
import { writingGraph } from "../models/writing-graph.ts";
import { Parameters as NetworkParameters } from "../nn/parameters.ts";
import type { Gaussians } from "./ans/coder.ts";
import { type ExactProgram, exactProgram } from "./exact/program.ts";
import { TextCoder } from "./texts.ts";

/** Packed rows by the names of the graph's inputs. */
export type Inputs = Readonly<Record<string, Float32Array | Int32Array | Uint8Array>>;

/** Gaussians of the latents of rows, `(batch, size)`; without deviations the method's own codes. */
export interface Posterior {
  mean: Float32Array;
  deviation: Float32Array | null;
}

/** Latents that are drawn together, after those of the levels behind it; in a chain, of the level before it. */
export interface Level {
  size: number;
  /** @param drawn those of the levels that were drawn before, the next one first. */
  posterior(rows: Inputs, drawn: readonly Float32Array[], batch: number): Posterior;
  /** In a chain, by the latents of the level behind; null where it is N(0, 1). */
  prior: ((above: Float32Array, batch: number) => Gaussians) | null;
}

export interface Networks {
  latent: number;
  /** Side by side in a row's latents. */
  levels: readonly Level[];
  /** Whether they are a chain: drawn from the first one on, which alone the decoder sees. Else the last is first. */
  upward: boolean;
  /** Of each coded group what writes its texts; null of what is no text. */
  texts: readonly (TextCoder | null)[];
  /** Of each coded group its distribution's parameters, at `(batch, latent)`; in a chain those of the first level. */
  parameters(latents: Float32Array, given: Inputs, batch: number): Float32Array[][];
}

const PARAMETER = "parameter";
const drawnName = (place: number) => `drawn/${place}`;

/** What a group's values are distributed by; of squared errors what they are expected to be. */
function emitted(group: Group, body: Built["body"], outputs: Tensor, raw: Raw): Tensor[] {
  if (!group.likelihood) return [group.expected(body.parameters, outputs, null)];
  return group.drawn(body.parameters, outputs, raw);
}
type Raw = Parameters<Group["drawn"]>[2];

/** A group that is coded, and whether its parameters ask for the row's sum. */
export interface CodedGroup {
  name: string;
  bySum: boolean;
}

type Outputs = Readonly<Record<string, Tensor>>;

/** What networks compute, by name: of each level its latents, and of those the row. */
export interface Programs {
  levels: readonly { size: number; posterior: Outputs; prior: Outputs | null }[];
  upward: boolean;
  decoder: Outputs;
  /** Of each coded group that holds texts, written symbol by symbol: one symbol from those before. */
  texts: readonly { group: Group; writing: Outputs | null }[];
}

type LevelPrograms = Programs["levels"][number];

/** The levels of a method that has a chain. */
function chainOf(schema: FieldSchema, config: ModelConfig) {
  const { chain } = methods[config.method];
  return chain?.(Body.of(schema, config, new NetworkParameters(), USE), config.options) ?? null;
}

/** Of rows the Gaussians of all latents that the decoder sees: without a posterior the codes alone. */
export function encoderOf(schema: FieldSchema, config: ModelConfig): LevelPrograms {
  const [lowest] = chainOf(schema, config) ?? [];
  if (lowest) {
    return { size: lowest.size, posterior: { ...lowest.posterior(undefined) }, prior: null };
  }
  const { mean, standardDeviation } = build(schema, config, USE);
  const posterior = { mean, ...(standardDeviation ? { standardDeviation } : {}) };
  return { size: config.latent, posterior, prior: null };
}

function levelsOf(schema: FieldSchema, config: ModelConfig): LevelPrograms[] {
  const { levels } = methods[config.method];
  const named = (sizes: readonly { size: number }[]) =>
    sizes.map(({ size }, i) => input(drawnName(i), [BATCH, size]));
  const chain = chainOf(schema, config);
  if (chain) {
    return chain.map(({ size, posterior, prior }, l) => {
      const [below] = named(chain.slice(0, l).slice(-1));
      const [above] = named(chain.slice(l + 1, l + 2));
      return {
        size,
        posterior: { ...posterior(below) },
        prior: above ? { ...prior(above) } : null,
      };
    });
  }
  if (!levels) return [encoderOf(schema, config)];
  const body = Body.of(schema, config, new NetworkParameters(), USE);
  const found = levels(body, config.options);
  return found.map(({ size, posterior }, l) => {
    const drawn = named(found.slice(l + 1));
    return { size, posterior: { ...posterior(drawn) }, prior: null };
  });
}

/** @param groups those that are coded, in their order. */
export function programsOf(
  schema: FieldSchema,
  config: ModelConfig,
  groups: readonly CodedGroup[],
): Programs {
  const { levels, chain } = methods[config.method];
  const programs = levelsOf(schema, config);
  const size = chain && programs[0]!.size;
  const { body, outputs } = decodedFrom(schema, config, levels ? "prior" : "latent", size);
  const decoder = Object.fromEntries(
    groups.flatMap(({ name, bySum }, g) => {
      const place = body.decoded.findIndex(({ group }) => group.layout.name === name);
      const { group, raw } = body.decoded[place]!;
      return emitted(group, body, outputs[place]!, bySum ? raw : null).map(
        (tensor, i): [string, Tensor] => [`${PARAMETER}/${g}/${i}`, tensor],
      );
    }),
  );
  const texts = body.decoded
    .map(({ group }) => group)
    .filter(({ layout }) => layout.fields[0]!.kind === "text")
    .map((group) => ({ group, writing: group.written ? writingGraph(group) : null }));
  return { levels: programs, upward: chain !== undefined, decoder, texts };
}

function run(program: ExactProgram, inputs: Inputs, batch: number): Posterior {
  const found = program.run(inputs, batch) as Record<string, Float32Array>;
  return { mean: found["mean"]!, deviation: found["standardDeviation"] ?? null };
}

/** @param groups as `programsOf` takes them. */
export function networksOf(
  schema: FieldSchema,
  config: ModelConfig,
  weights: ReadonlyMap<string, Float32Array>,
  groups: readonly CodedGroup[],
): Networks {
  const programs = programsOf(schema, config, groups);
  const decoder = exactProgram(programs.decoder, weights);
  const levels = programs.levels.map(({ size, posterior, prior }): Level => {
    const program = exactProgram(posterior, weights);
    const own = prior && exactProgram(prior, weights);
    return {
      size,
      posterior(rows, values, batch) {
        const named = Object.fromEntries(values.map((each, i) => [drawnName(i), each]));
        return run(program, { ...rows, ...named }, batch);
      },
      prior: own && ((above, batch) => run(own, { [drawnName(0)]: above }, batch) as Gaussians),
    };
  });
  const texts = groups.map(({ name }) => {
    const text = programs.texts.find(({ group }) => group.layout.name === name);
    return text ? new TextCoder(text.group, text.writing, weights) : null;
  });
  return {
    latent: config.latent,
    levels,
    upward: programs.upward,
    texts,
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
