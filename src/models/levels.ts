// Levels of latents of which each is drawn given the one above it: their sizes, the way down from the prior,
// and what is said to each by a row and the level drawn before.
import { counted } from "../base/words.ts";
import type { Tensor } from "../graph/index.ts";
import { linearHeads } from "../nn/layers.ts";
import { beside, mlp } from "../nn/network.ts";
import { bounded } from "../prob/bounds.ts";
import { reparameterize } from "../prob/gaussian.ts";
import { LOG_VARIANCE_BOUNDS } from "../prob/posteriors/diagonal-gaussian.ts";
import type { Body } from "./body.ts";
import type { Refusal } from "./model.ts";

export interface Levels {
  /** Latents of each level, the lowest first. */
  sizes: readonly number[];
  /** Hidden units between levels. */
  width: number;
}

/**
 * Latents of each level from the lowest, which sum to all; each level has half of the one above, where
 * that leaves every level one. What a row is, more than how it is drawn, takes latents: docs/decisions/0031.
 * @param levels as many as there are latents at most.
 */
export function levelSizes(latent: number, levels: number): number[] {
  const shares = Array.from({ length: levels }, (_, l) => 2 ** (l + 1 - levels));
  const whole = shares.reduce((sum, share) => sum + share, 0);
  let left = latent;
  return shares.map((share, l) => {
    const even = Math.floor(left / (levels - l));
    const size = Math.max(1, Math.min(even, Math.floor((latent * share) / whole)));
    left -= size;
    return l < levels - 1 ? size : size + left;
  });
}

/** The same of levels that are alike, the lowest with what is left over. */
export function evenSizes(latent: number, levels: number): number[] {
  const above = Array.from({ length: levels - 1 }, () => Math.floor(latent / levels));
  return [latent - above.reduce((sum, size) => sum + size, 0), ...above];
}

/** Why latents cannot be shared by so many levels of a method; null where they can. */
export function levelsRefused(method: string, levels: number, latent: number): Refusal | null {
  if (levels <= latent) return null;
  return {
    message: `each of the levels of ${method} has a latent at least, received ${levels} levels for ${counted(latent, "latent")}`,
    hint: `Give --latent ${levels} or more, or --method-option levels=${latent}.`,
  };
}

/** LeCun's uniform weights that keep a signal's size (1998, section 4.6): the way is long. */
const GAIN = Math.sqrt(3);

function hiddenOf({ parameters, config }: Body, name: string, x: Tensor, width: number): Tensor {
  return mlp(parameters, name, x, [width], config.activation, GAIN);
}

/** Gaussians of latents of rows, `(batch, size)` each. */
export interface Gaussian {
  mean: Tensor;
  logVariance: Tensor;
}

/** What a level expects of latents, given those of the level above; at first nearly N(0, 1). */
export function expected(body: Body, l: number, above: Tensor, { sizes, width }: Levels): Gaussian {
  const size = sizes[l]!;
  const hidden = hiddenOf(body, `decoder.level${l}`, above, width);
  const name = `decoder.level${l}.prior`;
  const [mean, raw] = linearHeads(body.parameters, name, hidden, [size, size], 0);
  return { mean: mean!, logVariance: bounded(raw!, LOG_VARIANCE_BOUNDS) };
}

/** The latents of a level that stand at u, counted from their prior's mean in its deviations. */
export const placed = ({ mean, logVariance }: Gaussian, u: Tensor) =>
  reparameterize(mean, logVariance, u);

/** The latents of levels from `first` up, by where they stand in their priors; lowest level first. */
export function wayDown(body: Body, u: readonly Tensor[], first: number, levels: Levels): Tensor[] {
  const z: Tensor[] = [];
  for (let l = first + u.length - 1; l >= first; l--) {
    const [above, here] = [z[0], u[l - first]!];
    z.unshift(above ? placed(expected(body, l, above, levels), here) : here);
  }
  return z;
}

/**
 * Parameters of the posterior of a level, a `diagonalGaussian`.
 * @param hidden the encoder's hidden vector of the row; null where the level does not see it.
 * @param drawn the draw of the level that was drawn before; nothing of the first one.
 */
export function posteriorAt(
  body: Body,
  l: number,
  hidden: Tensor | null,
  drawn: Tensor | undefined,
  { sizes, width }: Levels,
): Tensor[] {
  const size = sizes[l]!;
  const seen = drawn ? hiddenOf(body, `encoder.level${l}`, beside(hidden, drawn), width) : hidden!;
  return linearHeads(body.parameters, `encoder.posterior${l}`, seen, [size, size]);
}
