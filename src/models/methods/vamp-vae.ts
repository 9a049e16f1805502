// The VAE with a VampPrior (Tomczak and Welling 2018, VAE with a VampPrior): p(z) = 1/K Σₖ q(z | uₖ)
// (equation 9), the posterior at K pseudo-inputs, learned with everything else. They stand on the
// network's own scale: pixels in [0, 1], columns as they enter the encoder.
import type { ImageField } from "../../fields/field.ts";
import { logitOfMean, meanImage } from "../../fields/mean-image.ts";
import { constant, type Tensor } from "../../graph/index.ts";
import { diagonalGaussian } from "../../prob/posteriors/index.ts";
import { vampPrior } from "../../prob/priors/index.ts";
import { type Body, roleOf } from "../body.ts";
import { elboLoss } from "../kl.ts";
import { number } from "../method-options.ts";
import { method } from "../model.ts";
import { posteriorOf, variational } from "../variational.ts";

/** Where pseudo-images stand when all is 0: logits of the training rows' mean pixels, 0 where unknown. */
function middle({ parts }: Body): Tensor {
  const part = parts.find(({ group }) => group.picture !== null && roleOf(group) === "data")!;
  const mean = meanImage(part.group.layout.fields[0] as ImageField);
  return mean ? constant(mean.map(logitOfMean)) : constant(0);
}

/** How much faster than weights the logits of pixels move: they have far to go, from grey to black. */
const PACE = 3;

/** Nearer to black or white pseudo-images do not begin: from there logits move them no more. */
const EDGE = 0.05;

/** What the parameters of pixels are where a pseudo-image is a row's. */
function logitsOf(pixels: Tensor, middle: Tensor): Tensor {
  const inside = pixels.maximum(EDGE).minimum(1 - EDGE);
  return inside
    .log()
    .sub(inside.neg().add(1).log())
    .sub(middle)
    .mul(1 / PACE);
}

/**
 * What the encoder sees of pseudo-inputs. They begin as training rows, as the paper's own code may: others
 * are like no row, and their posteriors tell nothing of where rows lie.
 */
function pseudoInputs(body: Body, features: ReturnType<Body["features"]>, count: number) {
  const define = (name: string, bound: number, rows: Tensor) =>
    body.parameters.define(`prior.pseudo.${name}`, [count, rows.shape[1]!], {
      uniform: bound,
      rows,
    });
  const { flat, image } = features;
  // Logits of pixels, which are never outside 0 and 1.
  const pixels = (x: Tensor) =>
    define("pixels", 1 / PACE, logitsOf(x, middle(body)))
      .mul(PACE)
      .add(middle(body))
      .sigmoid();
  return {
    flat: flat && define("flat", 1, flat),
    image: image && { x: pixels(image.x), shape: image.shape },
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
