// The graph of an exported model that makes rows of noise: latents of the prior, or of a mixture that
// was fitted to some, decoded and drawn from the likelihoods.
import type { FieldSchema } from "../fields/field.ts";
import type { Group } from "../fields/groups/index.ts";
import { BATCH, input, type Tensor } from "../graph/index.ts";
import { Parameters } from "../nn/parameters.ts";
import type { FixedNoise, NoiseCount } from "../prob/fixed-noise.ts";
import { type FittedMixture, mixtureDraw } from "../prob/mixture-fit.ts";
import { Body } from "./body.ts";
import type { GroupValues } from "./exported.ts";
import { decoded, USE } from "./graphs.ts";
import { methods } from "./methods/index.ts";
import type { ModelConfig } from "./model.ts";
import { drawGroup, noiseCount } from "./row-draws.ts";

/** Inputs: standard normal numbers, and numbers even in [0, 1), `(batch, n)` each. */
export const NORMALS = "normals";
export const UNIFORMS = "uniforms";

/** What is drawn of a group: its values, or what they would be drawn by. */
export type ExportedDraw =
  | GroupValues
  | { group: Group; parameters: readonly { name: string; tensor: Tensor }[] };

/** Stretches of the two inputs, each for one who asks, from the left. */
class NoiseColumns {
  readonly #count: NoiseCount = { normal: 0, uniform: 0 };
  readonly #total: NoiseCount;

  constructor(counts: readonly NoiseCount[]) {
    const sum = (sort: keyof NoiseCount) => counts.reduce((all, count) => all + count[sort], 0);
    this.#total = { normal: sum("normal"), uniform: sum("uniform") };
  }

  take(count: NoiseCount): FixedNoise {
    const of = (sort: keyof NoiseCount, name: string) => {
      if (count[sort] === 0) return null;
      const start = this.#count[sort];
      this.#count[sort] += count[sort];
      const all = input(name, [BATCH, this.#total[sort]]);
      return all.slice(1, start, this.#count[sort]);
    };
    return { normal: of("normal", NORMALS), uniform: of("uniform", UNIFORMS) };
  }
}

/** A text takes a number for each place. */
const countOf = (group: Group): NoiseCount =>
  group.written ? { normal: 0, uniform: group.written.places } : noiseCount(group);

/** @param mixture that latents are drawn of; null for the prior's, which the method then has. */
export function drawingGraph(
  schema: FieldSchema,
  config: ModelConfig,
  mixture: FittedMixture | null,
): ExportedDraw[] {
  const body = Body.of(schema, config, new Parameters(), USE);
  const method = methods[config.method];
  const found = mixture === null ? method.prior!(body, config.options) : null;
  const sampler = found ? found.prior.fixedDraw : mixtureDraw(mixture!);
  const counts = body.decoded.map(({ group }) => countOf(group));
  const noise = new NoiseColumns([sampler.noise, ...counts]);
  const drawn = sampler.draw(found?.parameters ?? [], noise.take(sampler.noise));
  const latent = found && method.fromPrior ? method.fromPrior(body, drawn, config.options) : drawn;
  const outputs = decoded(body, latent);
  return body.decoded.map(({ group }, i): ExportedDraw => {
    const output = outputs[i]!;
    const own = noise.take(counts[i]!);
    if (group.written) {
      const values = group.drawn(body.parameters, output, null)[0]!;
      return { group, values, uniforms: own.uniform! };
    }
    return { group, ...drawGroup(body, group, output, own) };
  });
}
