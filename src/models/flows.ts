// Flows: steps that can be undone, of which each scales and shifts latents by what others, and the row, say,
//   z' = σ ⊙ z + (1 − σ) ⊙ m  (Kingma et al. 2016, Improved Variational Inference with Inverse
// Autoregressive Flow, algorithm 1), so that log |∂z'/∂z| = Σⱼ log σⱼ. Between steps the order turns around.
import { constant, type Tensor } from "../graph/index.ts";
import { linear } from "../nn/layers.ts";
import { beside, mlp } from "../nn/network.ts";
import type { Parameters } from "../nn/parameters.ts";

/** At first σ is sigmoid(2): a step begins near the identity (Kingma et al. 2016, §4). */
const OPEN = 2;

/** `(n, m)` of ones where `column` may see `row`. */
function mask(n: number, m: number, sees: (row: number, column: number) => boolean): Tensor {
  const values = Array.from({ length: n * m }, (_, i) => +sees(Math.floor(i / m), i % m));
  return constant(values, [n, m]);
}

/** A layer whose weights are masked; the row's context is added without one. */
function masked(
  parameters: Parameters,
  name: string,
  x: Tensor,
  context: Tensor | null,
  open: Tensor,
): Tensor {
  const [inputs, outputs] = open.shape as [number, number];
  const uniform = { uniform: 1 / Math.sqrt(inputs) };
  const weight = parameters.define(`${name}.weight`, [inputs, outputs], uniform);
  const bias = parameters.define(`${name}.bias`, [outputs], uniform);
  const own = x.matmul(weight.mul(open)).add(bias);
  return context ? own.add(linear(parameters, `${name}.context`, context, outputs)) : own;
}

interface Step {
  parameters: Parameters;
  name: string;
  context: Tensor;
  width: number;
}

/** m and the logit of σ of all latents by a masked network of one hidden layer (Germain et al. 2015, MADE). */
function autoregressive(z: Tensor, { parameters, name, context, width }: Step): [Tensor, Tensor] {
  const latent = z.shape[1]!;
  // Hidden unit h sees the latents up to its degree, an output the units below its own place.
  const degree = (h: number) => h % (latent - 1);
  const into = mask(latent, width, (j, h) => j <= degree(h));
  const outOf = mask(width, latent, (h, j) => degree(h) < j);
  const hidden = masked(parameters, `${name}.hidden`, z, context, into).elu();
  const head = (which: string) => masked(parameters, `${name}.${which}`, hidden, context, outOf);
  return [head("shift"), head("scale")];
}

/** The same of the second half of the latents by the first, which stays as it is. */
function coupled(z: Tensor, { parameters, name, context, width }: Step): [Tensor, Tensor] {
  const latent = z.shape[1]!;
  const half = Math.floor(latent / 2);
  const hidden = mlp(parameters, name, z.slice(1, 0, half), [width], "elu").add(
    linear(parameters, `${name}.context`, context, width),
  );
  const head = (which: string) =>
    linear(parameters, `${name}.${which}`, hidden.elu(), latent - half);
  return [head("shift"), head("scale")];
}

export interface FlowOptions {
  /** Whether each latent sees those before it, or one half the other. */
  flow: "iaf" | "coupling";
  steps: number;
  /** Hidden units of a step. */
  width: number;
}

/** Latents through all steps, with the logarithm of how much volume grows, `(batch,)`. */
export function throughFlow(
  parameters: Parameters,
  start: Tensor,
  context: Tensor,
  { flow, steps, width }: FlowOptions,
): { z: Tensor; logDeterminant: Tensor } {
  const latent = start.shape[1]!;
  let z = start;
  let logDeterminant: Tensor | null = null;
  for (let t = 0; t < steps; t++) {
    const step = { parameters, name: `encoder.flow${t}`, context, width };
    const [shift, logit] = flow === "iaf" ? autoregressive(z, step) : coupled(z, step);
    const fixed = latent - shift.shape[1]!;
    const [kept, rest] = fixed > 0 ? z.split(1, [fixed, shift.shape[1]!]) : [null, z];
    const scale = logit.add(OPEN).sigmoid();
    const next = rest!.mul(scale).add(scale.neg().add(1).mul(shift));
    const change = logit.add(OPEN).logSigmoid().sum(1);
    logDeterminant = logDeterminant ? logDeterminant.add(change) : change;
    // Whoever came last comes first.
    z = kept ? beside(next, kept) : next.reverse(1);
  }
  return { z, logDeterminant: logDeterminant! };
}
