// The Gaussian whose latents may be correlated, by the Cholesky factor of its covariance: N(μ, LLᵀ)
// (Kingma and Welling 2019, "An Introduction to Variational Autoencoders", §2.5.1).
import { concat, type Tensor } from "../../graph/index.ts";
import { bounded, LOG_SCALE_BOUNDS } from "../bounds.ts";
import { standardizedLogProb } from "../gaussian.ts";
import { column, MEAN_BOUNDS, type Posterior } from "./posterior.ts";

/** Factors below the diagonal. */
const FACTOR_BOUNDS = [-1e3, 1e3] as const;

/** Distances in standard deviations are held within this: sums of squares are finite float32. */
const FARTHEST_BOUNDS = [-1e9, 1e9] as const;

/** Where row i, column j of the lower triangle stands, row by row. */
const place = (i: number, j: number) => (i * (i + 1)) / 2 + j;

interface Held {
  mean: Tensor;
  /** log Lᵢᵢ, `(…, latent)`. */
  logDiagonal: Tensor;
  /** L below its diagonal, zero elsewhere, `(…, latent, latent)`. */
  lower: Tensor;
}

function held(parameters: readonly Tensor[], latent: number): Held {
  const [mean, packed] = parameters as [Tensor, Tensor];
  const rows = Array.from({ length: latent }, (_, i) => i);
  const logDiagonal = packed.gather(
    -1,
    rows.map((i) => place(i, i)),
  );
  // One zero more, which every place on and above the diagonal takes.
  const zero = place(latent, 0);
  const places = rows.flatMap((i) => rows.map((j) => (j < i ? place(i, j) : zero)));
  const factors = bounded(packed, FACTOR_BOUNDS).pad(-1, 0, 1).gather(-1, places);
  return {
    mean: bounded(mean, MEAN_BOUNDS),
    logDiagonal: bounded(logDiagonal, LOG_SCALE_BOUNDS),
    lower: factors.reshape([...packed.shape.slice(0, -1), latent, latent]),
  };
}

/** Variances of the latents by themselves, Σⱼ Lᵢⱼ². */
function variances({ logDiagonal, lower }: Held): Tensor {
  return lower.square().sum(-1).add(logDiagonal.mul(2).exp());
}

/** L⁻¹x by forward substitution, a column of L at a time. */
function solved({ logDiagonal, lower }: Held, x: Tensor, latent: number): Tensor {
  const inverses = logDiagonal.neg().exp();
  let rest = x;
  const parts: Tensor[] = [];
  for (let j = 0; j < latent; j++) {
    const y = bounded(column(rest, j).mul(column(inverses, j)), FARTHEST_BOUNDS);
    parts.push(y);
    rest = rest.sub(column(lower, j).reshape(logDiagonal.shape).mul(y));
  }
  return concat(parts, parts[0]!.rank - 1);
}

/**
 * z = μ + Lε. `scale` is L's lower triangle row by row, its diagonal as logarithms within
 * `LOG_SCALE_BOUNDS`, so that 0 everywhere is N(0, I). `logProb` takes `latent` steps, of which the
 * gradient is finite where L's condition allows it; a draw's own takes none.
 */
export function fullGaussian(latent: number): Posterior {
  const size = place(latent, 0);
  return {
    name: "full-gaussian",
    space: "euclidean",
    latent,
    parameters: [
      { name: "mean", size: latent },
      { name: "scale", size },
    ],
    noise: { normal: latent, uniform: 0 },
    draw(parameters, { normal }) {
      const { mean, logDiagonal, lower } = held(parameters, latent);
      const row = normal!.reshape(normal!.shape.toSpliced(-1, 0, 1));
      return {
        z: mean.add(logDiagonal.exp().mul(normal!)).add(lower.mul(row).sum(-1)),
        logProb: standardizedLogProb(normal!, logDiagonal).sum(-1),
      };
    },
    logProb(z, parameters) {
      const given = held(parameters, latent);
      const distance = solved(given, z.sub(given.mean), latent);
      return standardizedLogProb(distance, given.logDiagonal).sum(-1);
    },
    mean: ([mean]) => bounded(mean!, MEAN_BOUNDS),
    standardDeviation: (parameters) => variances(held(parameters, latent)).sqrt(),
    /**
     * ½(Σⱼ Lᵢⱼ² + μᵢ² − 1) − log Lᵢᵢ: of latent i by itself, and what it tells of those before it.
     */
    klFromStandardNormal(parameters) {
      const given = held(parameters, latent);
      const energy = variances(given).add(given.mean.square()).sub(1).mul(0.5);
      return energy.sub(given.logDiagonal);
    },
  };
}
