// The VAE with a VampPrior (Tomczak and Welling 2018, VAE with a VampPrior): p(z) = 1/K Σₖ q(z | uₖ)
// (equation 9), the posterior at K pseudo-inputs, learned with everything else. They stand on the
// network's own scale: pixels in [0, 1], columns as they enter the encoder.
import type { ImageField } from "../../fields/field.ts";
import { logitOfMean, meanImage } from "../../fields/mean-image.ts";
import { constant, type Tensor } from "../../graph/index.ts";
import type { ImageShape } from "../../nn/network.ts";
import { diagonalGaussian } from "../../prob/posteriors/index.ts";
import { vampPrior } from "../../prob/priors/index.ts";
import { type Body, roleOf } from "../body.ts";
import { elboLoss } from "../kl.ts";
import { number } from "../method-options.ts";
import { method } from "../model.ts";
import { posteriorOf, variational } from "../variational.ts";

/** Where pseudo-images begin, as logits of the training rows' mean pixels; 0 where it is not known. */
function middle({ parts }: Body): Tensor {
  const part = parts.find(({ group }) => group.picture !== null && roleOf(group) === "data")!;
  const mean = meanImage(part.group.layout.fields[0] as ImageField);
  return mean ? constant(mean.map(logitOfMean)) : constant(0);
}

/** How much faster than weights the logits of pixels move: they have far to go, from grey to black. */
const PACE = 3;

/** What the encoder sees of pseudo-inputs. */
function pseudoInputs(body: Body, features: ReturnType<Body["features"]>, count: number) {
  const define = (name: string, size: number, bound: number) =>
    body.parameters.define(`prior.pseudo.${name}`, [count, size], { uniform: bound });
  const { flat, image } = features;
  // Logits of pixels, which are never outside 0 and 1: those of the mean image, give or take 1. A grey
  // image is like no row, and its posterior tells nothing of where rows lie.
  const pixels = (shape: ImageShape) =>
    define(
      "pixels",
      shape.reduce((a, b) => a * b, 1),
      1 / PACE,
    )
      .mul(PACE)
      .add(middle(body))
      .sigmoid();
  return {
    flat: flat && define("flat", flat.shape[1]!, 1),
    image: image && { x: pixels(image.shape), shape: image.shape },
  };
}

function priorOf(body: Body, { components }: { components: number }) {
  const family = diagonalGaussian(body.config.latent);
  const hidden = body.encode(pseudoInputs(body, body.features(), components));
  const parameters: Tensor[] = posteriorOf(body, family, hidden);
  return { prior: vampPrior(family, components), parameters };
}

export const vampVae = method({
  title: "VAE with a VampPrior",
  summary: "a prior that is a mixture of posteriors at learned pseudo-inputs",
  paper: "Tomczak and Welling 2018, VAE with a VampPrior",
  probabilistic: true,
  hasKl: true,
  warmup: 0.1,
  options: {
    components: number("K, how many pseudo-inputs", 100, { min: 1, integer: true, max: 10_000 }),
  },
  prior: priorOf,
  terms(input) {
    const { body, options } = input;
    const terms = variational(input, diagonalGaussian(body.config.latent), priorOf(body, options));
    return { ...terms, ...elboLoss(terms, input) };
  },
});
