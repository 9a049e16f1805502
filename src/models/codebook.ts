// A codebook: vectors of which pieces of codes become the nearest, and which follow those by moving averages
// (van den Oord et al. 2017, Neural Discrete Representation Learning, appendix A.1). A vector that too few
// codes choose is moved to where a code of the batch was approximated worst, one a batch.
import type { Tensor } from "../graph/index.ts";
import type { Parameters } from "../nn/parameters.ts";
import type { Assignment } from "./model.ts";

export interface CodebookOptions {
  codes: number;
  /** Numbers of a vector. */
  width: number;
  /** Of the moving averages. */
  decay: number;
  /** Share of an even use below which a vector is moved. */
  revival: number;
}

export interface Codebook {
  vectors: Tensor;
  /** Share of the pieces that chose each, a moving average. */
  use: Tensor;
}

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

export function codebookOf(
  parameters: Parameters,
  { codes, width }: Pick<CodebookOptions, "codes" | "width">,
): Codebook {
  return {
    vectors: parameters.define("encoder.codebook", [codes, width], { uniform: 1 }),
    use: parameters.define("encoder.codebook.use", [codes], { value: 1 / codes }),
  };
}

/** Of each piece `(n, width)` a 1 at the vector that is nearest to it, `(n, codes)`. */
export function nearestOf({ vectors }: Codebook, pieces: Tensor): Tensor {
  // ‖z − e‖² less ‖z‖², which is the same for every vector.
  const distances = vectors.square().sum(1).sub(pieces.matmul(vectors.transpose()).mul(2));
  return distances.neg().argmax(1).oneHot(vectors.shape[0]!);
}

/**
 * New values of the codebook after a batch.
 * @param chosen see `nearestOf`.
 * @param counts share of the pieces that chose each vector, `(codes,)`.
 * @param distances squared, of each piece from its vector, `(n, width)`.
 */
export function followed(
  { vectors, use }: Codebook,
  {
    pieces,
    chosen,
    counts,
    distances,
  }: Record<"pieces" | "chosen" | "counts" | "distances", Tensor>,
  { codes, width, decay, revival }: CodebookOptions,
): Assignment[] {
  const sums = chosen.transpose().matmul(pieces.stopGradient());
  const total = chosen.sum(0);
  const means = sums.div(total.maximum(LEAST).reshape([codes, 1]));
  // Vectors move by the share of their use that is new.
  const nextUse = use.mul(decay).add(counts.mul(1 - decay));
  const fresh = counts.mul(1 - decay).div(nextUse.maximum(LEAST));
  const moved = vectors.add(means.sub(vectors).mul(fresh.reshape([codes, 1])));
  const least = peak(nextUse.neg());
  const worst = picked(pieces.stopGradient(), peak(distances.sum(1).stopGradient()));
  const starved = nextUse
    .min()
    .less(revival / codes)
    .cast("float32");
  const revived = least.greater(0).cast("float32").mul(starved).reshape([codes, 1]);
  const keep = revived.neg().add(1);
  return [
    {
      parameter: vectors,
      value: moved.mul(keep).add(worst.reshape([1, width]).mul(revived)),
    },
    {
      parameter: use,
      value: nextUse.mul(keep.reshape([codes])).add(revived.reshape([codes]).mul(1 / codes)),
    },
  ];
}
