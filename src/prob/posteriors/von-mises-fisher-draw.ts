// Draws of w = μᵀz of the von Mises-Fisher distribution: rejection by proposals that are all made at
// once (Ulrich 1984, "Computer generation of distributions on the m-sphere"; Wood 1994, "Simulation
// of the von Mises Fisher distribution", algorithm VM*), in d dimensions, with n = d − 1:
//   x₀ = (1 − β)/(1 + β), β = n / (2κ + √(4κ² + n²)); x one coordinate of a uniform point on the
//   sphere; w = (x₀ + x)/(1 + x₀x); accepted with probability exp(n·[y/(1 + y) − log(1 + y)]), y = x₀x,
// which is Wood's rule in fewer terms, as κ(1 − x₀²) = n·x₀. One proposal in 0.65 or more is accepted.
import { constant, polynomial, type Tensor } from "../../graph/index.ts";
import { complementOf } from "../bessel.ts";
import { gaussLegendre } from "../quadrature.ts";

/**
 * Proposals for each draw. All are refused, and the first is taken, with a probability of at most
 * 0.3424¹⁶ = 3.6e-8, less than float32 resolves; see `acceptance`.
 */
export const PROPOSALS = 16;

/** The smallest uniform number other than 0, halved: 0 counts as this where a logarithm is taken. */
const LEAST_UNIFORM = 2 ** -25;

/** √(1 − x)⁻¹ arccos x on [0, 1]: arccos within 2e-8 (Abramowitz and Stegun 4.4.46). */
const ARC_COSINE = [
  1.570796305, -0.2145988016, 0.0889789874, -0.0501743046, 0.030891881, -0.0170881256, 0.0066700901,
  -0.0012624911,
];

/** Points of the integral in the draw's derivative, and the standard deviations that it spans. */
const POINTS = 20;
const SPAN = 8;

interface Envelope {
  /** x₀. */
  center: Tensor;
  /** 1 − x₀. */
  gap: Tensor;
}

function envelopeOf(kappa: Tensor, dimension: number): Envelope {
  const n = dimension - 1;
  const beta = kappa
    .square()
    .mul(4)
    .add(n * n)
    .sqrt()
    .add(kappa.mul(2))
    .reciprocal()
    .mul(n);
  const total = beta.add(1);
  return { center: beta.neg().add(1).div(total), gap: beta.mul(2).div(total) };
}

/** 1 + x₀x, which keeps its digits where x is near −1 and x₀ near 1. */
function denominator({ gap }: Envelope, x: Tensor): Tensor {
  return x.add(1).sub(gap.mul(x));
}

/** y/(1 + y) − log(1 + y), of 1 + y. */
function logWeight(onePlusY: Tensor): Tensor {
  return onePlusY.reciprocal().neg().add(1).sub(onePlusY.log());
}

/** t = 1 − w. */
function distanceOf(envelope: Envelope, x: Tensor): Tensor {
  return envelope.gap.mul(x.neg().add(1)).div(denominator(envelope, x));
}

/** The first accepted x of each row, `(batch, 1)`. */
function accepted(envelope: Envelope, uniform: Tensor, dimension: number): Tensor {
  const [radius, turn, level] = uniform.split(1, [PROPOSALS, PROPOSALS, PROPOSALS]) as [
    Tensor,
    Tensor,
    Tensor,
  ];
  const cosine = turn.mul(2 * Math.PI).cos();
  // Ulrich's polar method: u^(2/(d − 2)) is 1 less the squared radius of a uniform point's two
  // coordinates, of which x is one.
  const logRadius = radius.maximum(LEAST_UNIFORM).log();
  const x =
    dimension === 2
      ? cosine
      : logRadius
          .mul(2 / (dimension - 2))
          .expm1()
          .neg()
          .sqrt()
          .mul(cosine);
  const chance = logWeight(denominator(envelope, x))
    .mul(dimension - 1)
    .exp();
  const first = level.less(chance).cast("float32").argmax(1);
  return x.gatherElements(1, first.reshape([...first.shape, 1]));
}

/** arccos x of x in [−1, 1]. */
function arcCosine(x: Tensor): Tensor {
  const size = x.abs();
  const angle = size.neg().add(1).sqrt().mul(polynomial(size, ARC_COSINE));
  return x.less(0).where(angle.neg().add(Math.PI), angle);
}

/**
 * dt / d log κ at a fixed quantile of t = 1 − w (implicit reparameterisation, Figurnov et al. 2018,
 * equation 5): −κ ∫ (s − A) f(s) ds / f(w), s from w to 1, of w's density f. Unlike the gradient of
 * an accepted proposal (Naesseth et al. 2017) it needs no correction by the loss. The integral is
 * taken over angles α with cos α = x, from w away from the mean, where nothing cancels; within 1e-3.
 * @param x of the draw, `(batch, 1)`.
 */
export function concentrationSlope(x: Tensor, kappa: Tensor, dimension: number): Tensor {
  const n = dimension - 1;
  const envelope = envelopeOf(kappa, dimension);
  const complement = complementOf(kappa, dimension);
  const logDensity = (cosine: Tensor, sine: Tensor) => {
    const weight = logWeight(denominator(envelope, cosine)).mul(n);
    return dimension === 2
      ? weight
      : sine
          .log()
          .mul(dimension - 2)
          .add(weight);
  };
  const angle = arcCosine(x);
  // Held above 0, of which there is no logarithm: nothing is left to integrate there.
  const sine = x.square().neg().add(1).maximum(1e-20).sqrt();
  const isAbove = kappa.mul(distanceOf(envelope, x)).less(complement);
  const span = Math.min(Math.PI, SPAN / Math.sqrt(n));
  const end = isAbove.where(angle.sub(span).maximum(0), angle.add(span).minimum(Math.PI));
  const width = end.sub(angle);
  const points = gaussLegendre(POINTS);
  const angles = angle.add(width.mul(constant(points.nodes, [1, POINTS])));
  const cosines = angles.cos();
  const sines = angles.sin().maximum(1e-10);
  const ratio = logDensity(cosines, sines).sub(logDensity(x, sine)).minimum(20).exp();
  const pull = complement.sub(kappa.mul(distanceOf(envelope, cosines))).abs();
  const weights = constant(points.weights, [1, POINTS]);
  const integral = pull.mul(ratio).mul(weights).sum(-1, true).mul(width.abs());
  const bottom = denominator(envelope, x);
  const speed = sine.mul(envelope.gap).mul(envelope.center.add(1)).div(bottom.square());
  return speed.mul(integral).neg();
}

/**
 * t = 1 − μᵀz, `(batch, 1)`, of a draw with concentration exp(logKappa).
 * @param uniform `(batch, 3 · PROPOSALS)` numbers in [0, 1).
 */
export function drawDistance(logKappa: Tensor, uniform: Tensor, dimension: number): Tensor {
  const kappa = logKappa.exp();
  const envelope = envelopeOf(kappa, dimension);
  const x = accepted(envelope, uniform, dimension);
  const slope = concentrationSlope(x, kappa, dimension);
  return distanceOf(envelope, x).straightThrough(logKappa.mul(slope.stopGradient()));
}

/** β, on the host. */
function betaOf(kappa: number, dimension: number): number {
  const n = dimension - 1;
  return n / (2 * kappa + Math.sqrt(4 * kappa * kappa + n * n));
}

/** The probability with which a proposal with y = x₀x is accepted. */
function chanceOf(y: number, dimension: number): number {
  return Math.exp((dimension - 1) * (y / (1 + y) - Math.log1p(y)));
}

/**
 * The share of proposals that are accepted: 1 at κ = 0, and from 0.658 (d = 2) to 0.707 (d = ∞) as
 * κ goes to infinity. A draw fails with probability (1 − acceptance)^PROPOSALS.
 */
export function acceptance(dimension: number, kappa: number): number {
  const beta = betaOf(kappa, dimension);
  const center = (1 - beta) / (1 + beta);
  const { nodes, weights } = gaussLegendre(200);
  let [part, whole] = [0, 0];
  for (const [i, node] of nodes.entries()) {
    const angle = Math.PI * node;
    const mass = weights[i]! * Math.sin(angle) ** (dimension - 2);
    part += mass * chanceOf(center * Math.cos(angle), dimension);
    whole += mass;
  }
  return part / whole;
}
