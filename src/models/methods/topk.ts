// The k-sparse autoencoder (Makhzani and Frey 2014, k-Sparse Autoencoders): of a code's values only
// the k largest stay, after a ReLU. Values that are never among them die; they are brought back as
// Gao et al. 2024 (Scaling and evaluating sparse autoencoders, appendix A.2) do it: a value that no
// row has used for `patience` batches is dead, and a second loss, of weight `revival`, decodes the
// code with the k most excited dead values added to it.
import type { Tensor } from "../../graph/index.ts";
import { linear } from "../../nn/layers.ts";
import { codeTerms } from "../codes.ts";
import { number } from "../method-options.ts";
import { method } from "../model.ts";

const whole = { min: 1, integer: true, max: 1_000_000 } as const;

/** x where it is among the k largest of its row, 0 elsewhere. */
function largest(x: Tensor, k: number): Tensor {
  const least = x
    .topK(k)
    .values.slice(1, k - 1, k)
    .stopGradient();
  return x.mul(x.greaterOrEqual(least).cast("float32"));
}

export const topk = method({
  title: "k-sparse autoencoder",
  summary: "codes of which the k largest values stay; dead ones are brought back",
  paper: "Makhzani and Frey 2014, k-Sparse Autoencoders",
  probabilistic: false,
  hasKl: false,
  options: {
    k: number("values that stay; all of them where there are no more latents", 8, whole),
    patience: number("batches without use after which a value is dead", 200, whole),
    revival: number("the weight of the dead values' own loss", 1 / 32),
  },
  terms({ body, options, training, average }) {
    const { latent } = body.config;
    const { parameters } = body;
    const k = Math.min(options.k, latent);
    const excited = linear(parameters, "encoder.code", body.encode(), latent).relu();
    const code = largest(excited, k);
    const terms = codeTerms(body, code);
    if (!training || k === latent) return terms;
    // How much of the last batches used each value: it fades by e over `patience` of them.
    const use = parameters.define("encoder.use", [latent], { value: 1 });
    const used = average(code.greater(0).cast("float32"));
    const kept = Math.exp(-1 / options.patience);
    const dead = use.less(Math.exp(-1)).cast("float32");
    const woken = codeTerms(body, code.add(largest(excited.mul(dead), k)));
    const anyDead = dead.max();
    return {
      ...terms,
      loss: terms.loss.add(woken.loss.mul(anyDead).mul(options.revival)),
      metrics: { deadUnits: terms.loss.mul(0).add(dead.sum()) },
      assignments: [
        // Any use at all makes it whole again.
        { parameter: use, value: use.mul(kept).maximum(used.greater(0).cast("float32")) },
      ],
    };
  },
});
