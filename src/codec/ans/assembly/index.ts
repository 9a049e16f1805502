export {
  failed,
  isSpent,
  open,
  popBits,
  pushBits,
  reopen,
  stateHigh,
  stateLow,
  words,
} from "./stack";
export { mathOf } from "./math";
export {
  latentTableBytes,
  placesOf,
  popConditional,
  popPosterior,
  popPrior,
  prepareLatents,
  pushConditional,
  pushPosterior,
  pushPrior,
} from "./latents";
export {
  codeBernoulli,
  codeBetaBinomial,
  codeCategorical,
  codeOrdinal,
} from "./levels";
export { codeLogistic } from "./logistic";
export { codeEven, codeNumbers } from "./grid";
export { codeCounts } from "./counts";
export { codeImages, describeImages, imagesBytes, openImages } from "./images";
export { featureCount } from "./neighbours";

/** The end of the static data: what is kept in memory begins there. */
export function heapBase(): usize {
  return __heap_base;
}
