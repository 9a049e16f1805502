// The vector-quantised autoencoder (van den Oord et al. 2017, Neural Discrete Representation
// Learning): the code is cut in pieces, and each becomes the nearest vector of a codebook, through
// which the gradient passes straight:
//   ‖x − x̂‖² / size + β·‖z − sg[e]‖²  (equation 3),
// the codebook following the codes by moving averages (appendix A.1).
import { BATCH, type Tensor } from "../../graph/index.ts";
import { codebookOf, followed, nearestOf } from "../codebook.ts";
import { codeOf, codeTerms } from "../codes.ts";
import { number } from "../method-options.ts";
import { method } from "../model.ts";

export const vqVae = method({
  title: "VQ-VAE",
  summary: "codes whose pieces are vectors of a learned codebook",
  paper: "van den Oord et al. 2017, Neural Discrete Representation Learning",
  probabilistic: false,
  hasKl: false,
  options: {
    codes: number("vectors in the codebook", 256, { min: 2, integer: true, max: 65_536 }),
    width: number("numbers of a vector, of which a whole number makes up the latents", 2, {
      min: 1,
      integer: true,
      max: 4096,
    }),
    beta: number("β, the commitment: the weight of codes' distance from their vectors", 0.25),
    decay: number("of the codebook's moving averages", 0.99, { max: 0.9999 }),
    revival: number("share of an even use below which a vector is moved", 0.03, { max: 1 }),
  },
  refuses({ width }, { latent }) {
    const pieces = latent / width;
    if (Number.isInteger(pieces)) return null;
    return {
      message: `width of vq-vae divides the latents into pieces, received ${width} for ${latent} latents`,
      hint: `Give --latent ${Math.ceil(pieces) * width}, or --method-option width=1.`,
    };
  },
  terms({ body, options, training, average }) {
    const { latent } = body.config;
    const { width } = options;
    const pieces = latent / width;
    const book = codebookOf(body.parameters, options);
    const code = codeOf(body, body.encode());
    const z = code.reshape([-pieces, width]);
    const chosen = nearestOf(book, z);
    const nearest = chosen.matmul(book.vectors);
    const quantized = nearest.reshape([BATCH, latent]).straightThrough(code);
    const terms = codeTerms(body, quantized);
    if (!training) return terms;
    const commitment = z.sub(nearest.stopGradient()).square();
    const perRow = commitment
      .reshape([BATCH, latent])
      .sum(1)
      .mul(1 / latent);
    const ofRows = (x: Tensor) =>
      average(
        x
          .reshape([BATCH, pieces, x.shape[1]!])
          .sum(1)
          .mul(1 / pieces),
      );
    const counts = ofRows(chosen);
    const entropy = counts.mul(counts.maximum(1e-10).log()).sum().neg();
    return {
      ...terms,
      loss: terms.loss.add(perRow.mul(options.beta)),
      metrics: { codesInUse: terms.loss.mul(0).add(entropy.exp()) },
      assignments: followed(book, { pieces: z, chosen, counts, distances: commitment }, options),
    };
  },
});
