// A prior of latents in several parts that are independent of one another: p(z) = Πᵢ pᵢ(zᵢ).
import { concat, type Tensor } from "../../graph/index.ts";
import type { FixedNoise, NoiseCount } from "../fixed-noise.ts";
import type { Prior } from "./prior.ts";

/** What belongs to each part of a list that has that many for each; null where a part has none. */
function shared(all: Tensor | null, counts: readonly number[]): (Tensor | null)[] {
  if (!all) return counts.map(() => null);
  const pieces = all.split(
    -1,
    counts.filter((count) => count > 0),
  );
  return counts.map((count) => (count > 0 ? pieces.shift()! : null));
}

/** @param parts priors of latents side by side, all in one space; their parameters likewise. */
export function productPrior(parts: readonly Prior[]): Prior {
  const sizes = parts.map(({ latent }) => latent);
  const noises = parts.map(({ fixedDraw }) => fixedDraw.noise);
  const total = (counts: readonly number[]) => counts.reduce((sum, count) => sum + count, 0);
  const noise: NoiseCount = {
    normal: total(noises.map(({ normal }) => normal)),
    uniform: total(noises.map(({ uniform }) => uniform)),
  };
  const own = (parameters: readonly Tensor[]) => {
    const rest = [...parameters];
    return parts.map((part) => rest.splice(0, part.parameters.length));
  };
  return {
    name: "product",
    space: parts[0]!.space,
    latent: total(sizes),
    parameters: parts.flatMap((part, i) =>
      part.parameters.map(({ name, ...rest }) => ({ name: `${i}.${name}`, ...rest })),
    ),
    logProb(z, parameters) {
      const given = own(parameters);
      const pieces = z.split(-1, sizes);
      return parts
        .map((part, i) => part.logProb(pieces[i]!, given[i]!))
        .reduce((sum, each) => sum.add(each));
    },
    fixedDraw: {
      noise,
      draw(parameters, { normal, uniform }: FixedNoise) {
        const given = own(parameters);
        const normals = shared(
          normal,
          noises.map((count) => count.normal),
        );
        const uniforms = shared(
          uniform,
          noises.map((count) => count.uniform),
        );
        const draws = parts.map(({ fixedDraw }, i) =>
          fixedDraw.draw(given[i]!, { normal: normals[i]!, uniform: uniforms[i]! }),
        );
        return concat(draws, -1);
      },
    },
  };
}
