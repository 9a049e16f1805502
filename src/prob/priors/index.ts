// The priors of latents.
export { checkPrior, kl } from "./divergence.ts";
export { gaussianMixture, gaussianShares, vampPrior } from "./mixture.ts";
export { type Prior, type PriorName, type PriorParameter, priorTensors } from "./prior.ts";
export { productPrior } from "./product.ts";
export { standardNormal } from "./standard-normal.ts";
export { uniformSphere } from "./uniform-sphere.ts";
