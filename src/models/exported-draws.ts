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

/** Inputs: standard normal numbers, and numbers even in [0, 1), `(batch, n)` each. */
export const NORMALS = "normals";
export const UNIFORMS = "uniforms";

/** What is drawn of a group: its values, or what they would be drawn by. */
export type GroupDraw =
  | GroupValues
  | { group: Group; parameters: readonly { name: string; tensor: Tensor }[] };

/** Where values from 0 to 1 have a Bernoulli, its mean says more than bits that no row has. */
export const showsMean = ({ layout: { fields } }: Pick<Group, "layout">) =>
  fields[0]!.kind !== "binary" && fields[0]!.likelihood === "bernoulli";

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

/** Noise that a group's draws take, of all its values. */
function countOf(group: Group): NoiseCount {
  if (group.written) return { normal: 0, uniform: group.written.places };
  const { normal, uniform } = group.likelihood?.fixedDraw?.noise ?? { normal: 0, uniform: 0 };
  if (showsMean(group)) return { normal: 0, uniform: 0 };
  return { normal: normal * group.values, uniform: uniform * group.values };
}

/** @param mixture that latents are drawn of; null for the prior's, which the method then has. */
export function drawingGraph(
  schema: FieldSchema,
  config: ModelConfig,
  mixture: FittedMixture | null,
): GroupDraw[] {
  const body = Body.of(schema, config, new Parameters(), USE);
  const method = methods[config.method];
  const found = mixture === null ? method.prior!(body, config.options) : null;
  const sampler = found ? found.prior.fixedDraw : mixtureDraw(mixture!);
  const counts = body.decoded.map(({ group }) => countOf(group));
  const noise = new NoiseColumns([sampler.noise, ...counts]);
  const drawn = sampler.draw(found?.parameters ?? [], noise.take(sampler.noise));
  const latent = found && method.fromPrior ? method.fromPrior(body, drawn, config.options) : drawn;
  const outputs = decoded(body, latent);
  return body.decoded.map(({ group }, i): GroupDraw => {
    const output = outputs[i]!;
    const { likelihood } = group;
    if (likelihood === null) {
      return { group, values: group.expected(body.parameters, output, null) };
    }
    const all = group.drawn(body.parameters, output, null);
    if (group.written) {
      return { group, values: all[0]!, uniforms: noise.take(counts[i]!).uniform! };
    }
    const parameters = all.map((given, k) => {
      const { size } = likelihood.parameters[k]!;
      return given.reshape([BATCH, group.values, ...(size > 1 ? [size] : [])]);
    });
    if (showsMean(group)) return { group, values: parameters[0]!.sigmoid() };
    if (likelihood.fixedDraw) {
      const values = likelihood.fixedDraw.draw(parameters, noise.take(counts[i]!));
      return { group, values };
    }
    return {
      group,
      parameters: likelihood.parameters.map(({ name }, k) => ({ name, tensor: parameters[k]! })),
    };
  });
}
