// The VAE with a posterior made of flows (Kingma et al. 2016, Improved Variational Inference with
// Inverse Autoregressive Flow; Dinh et al. 2017, Density estimation using Real NVP): a Gaussian draw
// passes through steps of which each scales and shifts latents by what others, and the row, say:
//   z' = σ ⊙ z + (1 − σ) ⊙ m  (algorithm 1),   log q(z' | x) = log q(z | x) − Σⱼ log σⱼ.
// iaf lets each latent see those before it, by masked weights; coupling lets one half see the other.
// Between steps the order turns around. The KL is log q − log p at the draw.
import { constant, type Tensor } from "../../graph/index.ts";
import { linear } from "../../nn/layers.ts";
import { beside, mlp } from "../../nn/network.ts";
import type { Parameters } from "../../nn/parameters.ts";
import { diagonalGaussian } from "../../prob/posteriors/index.ts";
import { standardNormal } from "../../prob/priors/index.ts";
import { elboLoss } from "../kl.ts";
import { choice, number } from "../method-options.ts";
import { method } from "../model.ts";
import { noiseFor, posteriorOf } from "../variational.ts";

/** At first σ is sigmoid(2): a step begins near the identity (the paper, §4). */
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

/** m and the logit of σ by a masked network of one hidden layer (Germain et al. 2015, MADE). */
function autoregressive(z: Tensor, { parameters, name, context, width }: Step): [Tensor, Tensor] {
  const latent = z.shape[1]!;
  // Hidden unit h sees the latents up to its degree, an output the units below its own place.
  const degree = (h: number) => (latent > 1 ? h % (latent - 1) : 0);
  const into = mask(latent, width, (j, h) => latent > 1 && j <= degree(h));
  const outOf = mask(width, latent, (h, j) => degree(h) < j);
  const hidden = masked(parameters, `${name}.hidden`, z, context, into).elu();
  const head = (which: string) => masked(parameters, `${name}.${which}`, hidden, context, outOf);
  return [head("shift"), head("scale")];
}

/** The same by one half of the latents for the other; the first half stays as it is. */
function coupled(z: Tensor, { parameters, name, context, width }: Step): [Tensor, Tensor] {
  const latent = z.shape[1]!;
  const half = Math.floor(latent / 2);
  const seen = half > 0 ? z.slice(1, 0, half) : z.mul(0);
  const hidden = mlp(parameters, name, seen, [width], "elu").add(
    linear(parameters, `${name}.context`, context, width),
  );
  const head = (which: string) =>
    linear(parameters, `${name}.${which}`, hidden.elu(), latent - half);
  return [head("shift"), head("scale")];
}

export const flowVae = method({
  title: "VAE with a flow posterior",
  summary: "a posterior of any shape, made of invertible steps",
  paper: "Kingma et al. 2016, Improved Variational Inference with Inverse Autoregressive Flow",
  probabilistic: true,
  hasKl: true,
  options: {
    flow: choice("which latents a step lets see which", ["iaf", "coupling"]),
    steps: number("T, how many steps", 4, { min: 1, integer: true, max: 100 }),
    width: number("hidden units of a step", 64, { min: 1, integer: true, max: 10_000 }),
  },
  prior: ({ config }) => ({ prior: standardNormal(config.latent), parameters: [] }),
  terms(input) {
    const { body, noise, options } = input;
    const { parameters, config } = body;
    const family = diagonalGaussian(config.latent);
    const prior = standardNormal(config.latent);
    const context = body.encode();
    const posterior = posteriorOf(body, family, context);
    const through = (start: Tensor) => {
      let z = start;
      let logDeterminant: Tensor | null = null;
      for (let t = 0; t < options.steps; t++) {
        const step = { parameters, name: `encoder.flow${t}`, context, width: options.width };
        const iaf = options.flow === "iaf";
        const [shift, logit] = iaf ? autoregressive(z, step) : coupled(z, step);
        const fixed = config.latent - shift.shape[1]!;
        const [kept, rest] = fixed > 0 ? z.split(1, [fixed, shift.shape[1]!]) : [null, z];
        const scale = logit.add(OPEN).sigmoid();
        const next = rest!.mul(scale).add(scale.neg().add(1).mul(shift));
        const change = logit.add(OPEN).logSigmoid().sum(1);
        logDeterminant = logDeterminant ? logDeterminant.add(change) : change;
        // Whoever came last comes first.
        z = kept ? beside(next, kept) : next.reverse(1);
      }
      return { z, logDeterminant: logDeterminant! };
    };
    const drawn = family.draw(posterior, noiseFor(family, noise));
    const { z, logDeterminant } = through(drawn.z);
    const logProb = drawn.logProb.sub(logDeterminant);
    const logProbs = body.logProbs(body.decode(z));
    const likelihood = body.total(logProbs, "data")!;
    const logPrior = prior.logProb(z, []);
    const kl = logProb.sub(logPrior);
    const terms = {
      logProbs,
      reconstruction: likelihood.neg(),
      target: body.total(logProbs, "target")?.neg() ?? null,
      kl: kl.reshape([...kl.shape, 1]),
      // Where the Gaussian's mean ends up, for want of the flow's own.
      mean: through(family.mean(posterior)).z,
      standardDeviation: null,
      latent: z,
      logWeight: likelihood.sub(kl),
    };
    return { ...terms, ...elboLoss(terms, input) };
  },
});
