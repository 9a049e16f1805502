// The normaliser of the von Mises-Fisher distribution in d dimensions, in float32 without overflow
// or cancellation, for concentrations κ from 0 to 1e4. With ν = d/2 − 1 and Iᵥ the modified Bessel
// function,
//   F(κ) = E exp(κ·x₁), x uniform on the sphere, = Γ(ν + 1) (2/κ)^ν Iᵥ(κ);
//   A(κ) = F′/F = Iᵥ₊₁(κ) / Iᵥ(κ), the mean resultant length.
// Debye's expansion, uniform in κ (Abramowitz and Stegun 9.7.7; DLMF 10.41.3, 10.41.9), gives them
// at order n = ν + N >= 8, within 6e-7 of their size, and 6e-6 of the information's. The
// recurrence A at k − 1 = 1 / (2k/κ + A at k), which is stable in this direction (Amos 1974,
// "Computation of modified Bessel functions and their ratios"), leads down to ν.
import {
  apply,
  type CompositeOperator,
  graphError,
  polynomial,
  type Tensor,
} from "../graph/index.ts";

/** The least order at which the expansion is used. */
const LEAST_ORDER = 8;
/** Terms of the expansion after the first. */
const TERMS = 5;

const timesPower = (c: readonly number[], power: number) => [...new Array(power).fill(0), ...c];
const sumOf = (a: readonly number[], b: readonly number[]): number[] =>
  Array.from({ length: Math.max(a.length, b.length) }, (_, i) => (a[i] ?? 0) + (b[i] ?? 0));
const scaledBy = (c: readonly number[], s: number) => c.map((x) => x * s);
const derivative = (c: readonly number[]) => c.slice(1).map((x, i) => x * (i + 1));

/** Σ Uₖ(p) / nᵏ, k = 0 … 5, as coefficients of p, from U₀ = 1 by DLMF 10.41.9. */
function debyePolynomial(order: number): number[] {
  let u = [1];
  let total = [1];
  for (let k = 1; k <= TERMS; k++) {
    const slope = derivative(u);
    const bent = sumOf(timesPower(slope, 2), timesPower(scaledBy(slope, -1), 4));
    const inner = sumOf(u, timesPower(scaledBy(u, -5), 2));
    const integral = [0, ...inner.map((x, i) => x / (i + 1))];
    u = sumOf(scaledBy(bent, 1 / 2), scaledBy(integral, 1 / 8));
    total = sumOf(total, scaledBy(u, order ** -k));
  }
  return total;
}

/** (c(p) − c(1)) / (p − 1), by Horner's rule at 1. */
function withoutValueAtOne(c: readonly number[]): number[] {
  const quotient: number[] = [];
  let sum = 0;
  for (const x of c.slice(1).toReversed()) {
    sum += x;
    quotient.unshift(sum);
  }
  return quotient;
}

interface Parts {
  /** κ − log F(κ). */
  rest: Tensor;
  /** κA(κ). */
  pull: Tensor;
  /** κ(1 − A(κ)). */
  complement: Tensor;
  /** κA(κ) − log F(κ). */
  divergence: Tensor;
  /** κ²A′(κ). */
  information: Tensor;
}

function partsOf(kappa: Tensor, dimension: number): Parts {
  const nu = dimension / 2 - 1;
  const steps = Math.max(0, Math.ceil(LEAST_ORDER - nu));
  const order = nu + steps;
  const series = debyePolynomial(order);
  const atOne = series.reduce((sum, c) => sum + c, 0);
  const change = scaledBy(withoutValueAtOne(series), 1 / atOne);

  const z = kappa.mul(1 / order);
  const s = z.square().add(1).sqrt();
  const p = s.reciprocal();
  // s − 1 and s − z without cancellation.
  const w = z.square().div(s.add(1));
  const gap = s.add(z).reciprocal();
  const slope = polynomial(p, derivative(series)).div(polynomial(p, series)).mul(p);
  // a = κA and e = 2κ(1 − A) − (2n + 1): the one exact for small κ, the other for large.
  let a = kappa.mul(z).mul(
    s
      .add(1)
      .reciprocal()
      .sub(p.square().mul(slope.mul(1 / order).add(0.5 / order))),
  );
  let e = z
    .square()
    .mul(p.square())
    .mul(slope)
    .mul(2)
    .sub(p.square())
    .sub(gap.mul(2 * order));
  // log F is one of the leads, for small or for large κ, and this.
  let common = w
    .mul(0.5)
    .log1p()
    .mul(-order)
    .sub(w.log1p().mul(0.5))
    .add(w.mul(p).mul(polynomial(p, change)).neg().log1p());
  let growth: Tensor | null = null;
  for (let k = order; k > order - steps; k--) {
    // log F at k − 1 = log F at k + log(1 + a/2k): a product of them, less 1, is kept.
    const step = a.mul(1 / (2 * k));
    growth = growth ? growth.add(step).add(growth.mul(step)) : step;
    const q = e.mul(-0.5).add(k - 0.5);
    a = kappa.square().div(a.add(2 * k));
    e = q.square().mul(-2).div(q.add(kappa)).sub(e);
  }
  if (growth) common = common.add(growth.log1p());

  const isSmall = kappa.less(dimension);
  const low = w.mul(order);
  const high = gap.sub(1).mul(order);
  const b = e.add(dimension - 1).mul(0.5);
  return {
    rest: isSmall.where(kappa.sub(low), high.neg()).sub(common),
    pull: a,
    complement: isSmall.where(kappa.sub(a), b),
    divergence: isSmall.where(a.sub(low), b.add(high).neg()).sub(common),
    information: isSmall.where(
      kappa.square().sub(a.mul(a.add(dimension - 1))),
      kappa.mul(e).add(b.mul(b.neg().add(dimension - 1))),
    ),
  };
}

function operatorOf(
  name: string,
  part: keyof Parts,
  slope?: (kappa: Tensor, dimension: number, value: Tensor) => Tensor,
): CompositeOperator {
  return {
    name,
    infer([kappa]) {
      if (kappa!.dtype !== "float32") throw graphError(name, "a float32 input", [kappa!]);
      return { shape: [...kappa!.shape], dtype: "float32" };
    },
    expand: ([kappa], { dimension }) => partsOf(kappa!, dimension as number)[part],
    ...(slope && {
      gradient: ({ inputs, attributes, output, upstream }) => [
        upstream.mul(slope(inputs[0]!, attributes["dimension"] as number, output)),
      ],
    }),
  };
}

const informationOperator = operatorOf("vonMisesFisherInformation", "information");
const complementOperator = operatorOf(
  "vonMisesFisherComplement",
  "complement",
  (kappa, d, complement) => complement.sub(information(kappa, d)).div(kappa),
);
const restOperator = operatorOf("vonMisesFisherRest", "rest", (kappa, d) =>
  complementOf(kappa, d).div(kappa),
);
const divergenceOperator = operatorOf("vonMisesFisherKl", "divergence", (kappa, d) =>
  information(kappa, d).div(kappa),
);
const pullOperator = operatorOf("vonMisesFisherPull", "pull", (kappa, d, pull) =>
  pull.add(information(kappa, d)).div(kappa),
);

const applied = (operator: CompositeOperator) => (kappa: Tensor, dimension: number) =>
  apply(operator, [kappa], { dimension });

/** κ − log F(κ), 0 or more, for 0 < κ <= 1e4: within 2e-6 of its size in float32. */
export const restOf = applied(restOperator);
/** κ(1 − A(κ)), within 4e-6 of its size. */
export const complementOf = applied(complementOperator);
/** κA(κ) − log F(κ): the KL of the von Mises-Fisher distribution from the uniform, within 4e-6. */
export const divergenceOf = applied(divergenceOperator);
/** κA(κ), within 1e-6 of its size. */
export const pullOf = applied(pullOperator);
/** κ²A′(κ), Fisher's information of log κ: within 2e-4 of its size. */
export const information = applied(informationOperator);
