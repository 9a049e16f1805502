// The families of posteriors and priors to test, with inputs for their graphs.
import { BATCH, input, type Tensor } from "#elbo/graph/index.js";
import {
  diagonalGaussian,
  fullGaussian,
  type Noise,
  type Posterior,
  vonMisesFisher,
} from "#elbo/prob/posteriors/index.js";
import { Random, streams } from "#elbo/runtime/random.js";
import type { Feeds } from "../oracle/index.ts";

export const posteriorsOf = (latent: number): Posterior[] => [
  diagonalGaussian(latent),
  fullGaussian(latent),
  vonMisesFisher(latent),
];

/** Each parameter `(batch, size)`, by its name. */
export function parametersOf({ parameters }: Posterior): Tensor[] {
  return parameters.map(({ name, size }) => input(name, [BATCH, size]));
}

export function noiseOf({ noise }: Posterior): Noise {
  return {
    normal: noise.normal > 0 ? input("normal", [BATCH, noise.normal]) : null,
    uniform: noise.uniform > 0 ? input("uniform", [BATCH, noise.uniform]) : null,
  };
}

/** Random numbers for `rows` draws. */
export function noiseFeeds({ noise }: Posterior, rows: number, seed = 1): Feeds {
  const random = new Random(seed);
  const { normal, uniform } = noise;
  return {
    normal: { shape: [rows, normal], data: random.normal(streams.posterior, 1, rows * normal) },
    uniform: { shape: [rows, uniform], data: random.uniform(streams.posterior, 2, rows * uniform) },
  };
}

/** One row's parameters for every row of a batch. */
export function parameterFeeds(
  { parameters }: Posterior,
  raw: readonly (readonly number[])[],
  rows: number,
): Feeds {
  return Object.fromEntries(
    parameters.map(({ name, size }, p) => {
      const data = Array.from({ length: rows }, () => raw[p]!).flat();
      return [name, { shape: [rows, size], data }];
    }),
  );
}

/** The feeds that graphs of `names` take. */
export function only(feeds: Feeds, ...names: readonly string[]): Feeds {
  return Object.fromEntries(names.map((name) => [name, feeds[name]!]));
}
