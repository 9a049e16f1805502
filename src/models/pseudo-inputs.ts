// Pseudo-inputs, and the prior that is the posterior at them (Tomczak and Welling 2018, VAE with a
// VampPrior, equation 9), for the methods that may have it. They stand on the network's own scale: pixels
// in [0, 1], columns as they enter the encoder.
import type { ImageField } from "../fields/field.ts";
import { logitOfMean, meanImage } from "../fields/mean-image.ts";
import { constant, type Tensor } from "../graph/index.ts";
import type { Posterior } from "../prob/posteriors/index.ts";
import { type Prior, vampPrior } from "../prob/priors/index.ts";
import { type Body, roleOf } from "./body.ts";

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

/**
 * 1/K Σₖ q(z | uₖ) of K pseudo-inputs, with its parameters.
 * @param posterior what the family takes of the encoder's hidden vector, of rows and pseudo-inputs alike.
 */
export function priorAtPseudoInputs(
  body: Body,
  family: Posterior,
  components: number,
  posterior: (hidden: Tensor) => readonly Tensor[],
): { prior: Prior; parameters: readonly Tensor[] } {
  const hidden = body.encode(pseudoInputs(body, body.features(), components));
  return { prior: vampPrior(family, components), parameters: posterior(hidden) };
}
