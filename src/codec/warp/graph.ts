// What a correction is fitted by: the nats of pixels by its weights, as a graph. What it computes is what
// ../ans/assembly/warp.ts does.
import { BATCH, gradients, input, type Tensor } from "../../graph/index.ts";
import type { ImageShape } from "../ans/distribution.ts";
import { featureCount, tensorNames, tensorShapes, WARPS } from "./weights.ts";

/** The least probability of a value, or so. */
const LEAST = 1e-9;

function parts(outputs: Tensor): [slopes: Tensor, shifts: Tensor, logits: Tensor] {
  const part = (i: number) => outputs.slice(0, i * WARPS, (i + 1) * WARPS);
  return [part(0).clip(-4, 4).exp(), part(1).clip(-40, 40), part(2).clip(-20, 20)];
}

/**
 * Inputs, a column for each pixel, so that kernels have long rows: `features`, `limits` (the logits where the value
 * begins and ends), `counts` (how many pixels each stands for); and the weights by their names.
 * @returns `nats`, of all pixels together, and their derivatives by the weights.
 */
export function warpGraph(shape: ImageShape) {
  const shapes = tensorShapes(shape);
  const features = input("features", [featureCount(shape), BATCH]);
  const limits = input("limits", [2, BATCH]);
  const counts = input("counts", [1, BATCH]);
  const weights = tensorNames.map((name) => input(name, shapes[name]));
  const [hidden, hiddenBias, output, outputBias] = weights.map((each) =>
    each.transpose([1, 0]),
  ) as [Tensor, Tensor, Tensor, Tensor];
  const units = hidden.matmul(features).add(hiddenBias).relu();
  const [slopes, shifts, logits] = parts(output.matmul(units).add(outputBias));
  const low = limits.slice(0, 0, 1).mul(slopes).add(shifts);
  const high = limits.slice(0, 1, 2).mul(slopes).add(shifts);
  // σ(high) - σ(low), without the difference of two numbers near 1.
  const apart = high.sub(low).neg().exp().neg().add(1);
  const masses = high.sigmoid().mul(low.neg().sigmoid()).mul(apart);
  const mass = logits.softmax(0).mul(masses).sum(0, true);
  const nats = mass.add(LEAST).log().neg().mul(counts).sum();
  return { nats, slopes: gradients(nats, weights) };
}
