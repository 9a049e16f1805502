// The vector-quantised autoencoder (van den Oord et al. 2017, Neural Discrete Representation
// Learning): the code is cut in pieces, and each becomes the nearest vector of a codebook, through
// which the gradient passes straight:
//   ‖x − x̂‖² / size + β·‖z − sg[e]‖²  (equation 3),
// the codebook following the codes by moving averages (appendix A.1). A vector that too few codes
// choose is moved to where a code of the batch was approximated worst, one a batch.
import { ElboError } from "../../base/errors.ts";
import { BATCH, type Tensor } from "../../graph/index.ts";
import { codeOf, codeTerms } from "../codes.ts";
import { number } from "../method-options.ts";
import { method } from "../model.ts";

/** Counts are held above this, where they divide. */
const LEAST = 1e-5;

/** The rows of a matrix where a column of weights says, `(n, d) · (n,) → (d,)`. */
const picked = (x: Tensor, weights: Tensor) =>
  weights.reshape([1, weights.shape[0]!]).matmul(x).reshape([x.shape[1]!]);

/** 1 at the largest of a vector, the share of each where several are. */
function peak(x: Tensor): Tensor {
  const top = x.equal(x.max()).cast("float32");
  return top.div(top.sum());
}

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
  terms({ body, options, training, average }) {
    const { latent } = body.config;
    const { codes, width, decay } = options;
    const pieces = latent / width;
    if (!Number.isInteger(pieces)) {
      throw new ElboError({
        code: "method-option",
        kind: "usage",
        message: `width of vq-vae divides the latents into pieces, received ${width} for ${latent} latents`,
        hint: `Give --latent ${Math.ceil(pieces) * width}, or --method-option width=1.`,
      });
    }
    const { parameters } = body;
    const book = parameters.define("encoder.codebook", [codes, width], { uniform: 1 });
    const use = parameters.define("encoder.codebook.use", [codes], { value: 1 / codes });
    const code = codeOf(body, body.encode());
    const z = code.reshape([-pieces, width]);
    // ‖z − e‖² less ‖z‖², which is the same for every vector.
    const distances = book.square().sum(1).sub(z.matmul(book.transpose()).mul(2));
    const chosen = distances.neg().argmax(1).oneHot(codes);
    const nearest = chosen.matmul(book);
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
    const sums = chosen.transpose().matmul(z.stopGradient());
    const total = chosen.sum(0);
    const means = sums.div(total.maximum(LEAST).reshape([codes, 1]));
    // Vectors move by the share of their use that is new.
    const nextUse = use.mul(decay).add(counts.mul(1 - decay));
    const fresh = counts.mul(1 - decay).div(nextUse.maximum(LEAST));
    const moved = book.add(means.sub(book).mul(fresh.reshape([codes, 1])));
    const least = peak(nextUse.neg());
    const worst = picked(z.stopGradient(), peak(commitment.sum(1).stopGradient()));
    const starved = nextUse
      .min()
      .less(options.revival / codes)
      .cast("float32");
    const revived = least.greater(0).cast("float32").mul(starved).reshape([codes, 1]);
    const keep = revived.neg().add(1);
    const entropy = counts.mul(counts.maximum(1e-10).log()).sum().neg();
    return {
      ...terms,
      loss: terms.loss.add(perRow.mul(options.beta)),
      metrics: { codesInUse: terms.loss.mul(0).add(entropy.exp()) },
      assignments: [
        { parameter: book, value: moved.mul(keep).add(worst.reshape([1, width]).mul(revived)) },
        {
          parameter: use,
          value: nextUse.mul(keep.reshape([codes])).add(revived.reshape([codes]).mul(1 / codes)),
        },
      ],
    };
  },
});
