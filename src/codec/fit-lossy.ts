// The steps that latents of images are told in: fine enough for what a bit is worth.
import { ImageNetworks, type LossyParameters, quantized, restored } from "./lossy.ts";
import type { CodedModel } from "./model-part.ts";

/** Steps are these times the posterior's mean deviation. */
const FACTORS = Array.from({ length: 17 }, (_, i) => 2 ** (i / 2 - 2));
/** Of codes without a posterior: a step of this share of their deviation counts as one of it. */
const SHARE = 1 / 8;
const NARROWEST = 1e-4;
/** Steps to either side of the mean, at most; and deviations, beyond which values are cut. */
const [MOST_STEPS, FARTHEST] = [32_000, 12];

function momentsOf(mean: Float32Array, deviation: Float32Array | null, latent: number) {
  const rows = mean.length / latent;
  const sum = (values: ArrayLike<number>, j: number, of: (value: number) => number) => {
    let total = 0;
    for (let row = 0; row < rows; row++) total += of(values[row * latent + j]!);
    return total / rows;
  };
  const all = (of: (j: number) => number) => Float32Array.from({ length: latent }, (_, j) => of(j));
  const middle = all((j) => sum(mean, j, (value) => value));
  const spread = all((j) => {
    const variance = sum(mean, j, (value) => (value - middle[j]!) ** 2);
    return Math.max(Math.sqrt(variance), NARROWEST);
  });
  const own = all((j) =>
    deviation ? Math.sqrt(sum(deviation, j, (value) => value * value)) : SHARE * spread[j]!,
  );
  return { middle, spread, own };
}

/** Bits that codes take by the Gaussian of each latent: what the coder will need, to a per mille. */
function bitsOf(latents: Float32Array, { mean, logDeviation, step }: LossyParameters): number {
  const latent = mean.length;
  let nats = 0;
  for (let i = 0; i < latents.length; i++) {
    const j = i % latent;
    const sigma = Math.exp(logDeviation[j]!);
    const z = (latents[i]! - mean[j]!) / sigma;
    const width = step[j]! / sigma;
    // Of steps wider than the distribution, what the density times the step says too much.
    const mass = (width * Math.exp(-0.5 * z * z)) / Math.sqrt(2 * Math.PI);
    nats -= Math.log(Math.min(0.999, Math.max(mass, 1e-9)));
  }
  return nats / Math.LN2;
}

export interface LossyFit {
  parameters: LossyParameters;
  /** Bits a pixel value and mean squared error, of 0 … 255, of the images that it was measured on. */
  bitsPerDim: number;
  squaredError: number;
}

/**
 * @param pixels of images that stand for all.
 * @param lambda what a bit a value may cost in squared error of pixels from 0 to 255; null: steps of the
 * posterior's deviation, beyond which the model itself tells nothing.
 */
export function fitLossy(model: CodedModel, pixels: Uint8Array, lambda: number | null): LossyFit {
  const networks = new ImageNetworks(model);
  const { mean, deviation } = networks.encode(pixels);
  const { middle, spread, own } = momentsOf(mean, deviation, networks.latent);
  const fits = (lambda === null ? [1] : FACTORS).map((factor): LossyFit => {
    const step = own.map((s) => Math.max(factor * s, NARROWEST));
    const parameters: LossyParameters = {
      mean: middle,
      logDeviation: spread.map((s) => Math.log(s)),
      step,
      reach: step.map((each, j) =>
        Math.max(1, Math.min(MOST_STEPS, Math.ceil((FARTHEST * spread[j]!) / each))),
      ),
    };
    const latents = restored(quantized(mean, parameters), parameters);
    const decoded = networks.decode(latents);
    let error = 0;
    for (let i = 0; i < pixels.length; i++) error += (pixels[i]! - decoded[i]!) ** 2;
    return {
      parameters,
      bitsPerDim: bitsOf(latents, parameters) / pixels.length,
      squaredError: error / pixels.length,
    };
  });
  const cost = ({ bitsPerDim, squaredError }: LossyFit) =>
    squaredError + (lambda ?? 0) * bitsPerDim;
  return fits.reduce((best, fit) => (cost(fit) < cost(best) ? fit : best));
}
