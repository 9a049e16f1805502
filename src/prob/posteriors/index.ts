// The families of approximate posteriors.
export { diagonalGaussian } from "./diagonal-gaussian.ts";
export { fullGaussian } from "./full-gaussian.ts";
export type {
  Drawn,
  Noise,
  NoiseSizes,
  Posterior,
  PosteriorParameter,
  Space,
} from "./posterior.ts";
export { vonMisesFisher } from "./von-mises-fisher.ts";
