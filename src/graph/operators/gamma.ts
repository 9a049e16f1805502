// The gamma function's logarithm and its derivatives, for positive arguments, from primitives.
// Stirling's series and its derivatives: Abramowitz and Stegun 1964, equations 6.1.41, 6.3.18 and
// 6.4.12; small arguments are first moved up by the recurrence.
import { graphError } from "../errors.ts";
import { broadcastShapes } from "../shape.ts";
import { apply, type CompositeOperator, Tensor } from "../tensor.ts";
import { lift, type Operand } from "./arithmetic.ts";
import { polynomial } from "./polynomial.ts";
import { compositeUnary } from "./special.ts";

declare module "../tensor.ts" {
  interface Tensor {
    /** log Γ(x) for x > 0. */
    lgamma(): Tensor;
    /** ψ(x) = d log Γ / dx for x > 0. */
    digamma(): Tensor;
    /** ψ′(x) for x > 0. */
    trigamma(): Tensor;
    /**
     * log Γ(this + r) − log Γ(r) for this >= 0 and r > 0: the log rising factorial of the
     * negative binomial, without the cancellation of the difference.
     */
    lgammaDifference(r: Operand): Tensor;
    /** ψ(this + r) − ψ(r) for this >= 0 and r > 0, without cancellation. */
    digammaDifference(r: Operand): Tensor;
  }
}

/** Steps by which the recurrence moves an argument up, so that the series below hold to 1e-8. */
const STEPS = [0, 1, 2, 3] as const;
const SHIFT = STEPS.length;

/** Stirling's correction log Γ(x) − (x − ½) log x + x − ½ log 2π, times x, in y = x⁻². */
const STIRLING = [1 / 12, -1 / 360, 1 / 1260, -1 / 1680];

/** log Γ(1.5 + v) / ((v + ½)(v − ½)) for |v| <= ½: a Chebyshev fit, within 4e-9 of log Γ. */
const NEAR_ONE = [
  0.4831289523253833, -0.14595990210090956, 0.06291104803687086, -0.03130799834243983,
  0.01680821499957721, -0.009436389781218687, 0.005325238191264611, -0.003116438575176545,
  0.0024482571284086094, -0.0015254548273135689,
];

const lgamma = compositeUnary(
  "lgamma",
  (x) => {
    // Below 3: log Γ(1 + u) with 0 <= u < 1, and one step of the recurrence either way.
    const low = x.minimum(3);
    const u = low.sub(low.minimum(2).floor());
    const v = u.sub(0.5);
    const near = u.mul(u.sub(1)).mul(polynomial(v, NEAR_ONE));
    const ratio = low.less(1).where(low.reciprocal(), low.less(2).where(1, low.sub(1)));
    const high = x.maximum(3);
    const inverse = high.reciprocal();
    const series = inverse.mul(polynomial(inverse.square(), STIRLING));
    const far = high
      .sub(0.5)
      .mul(high.log().sub(1))
      .add(series)
      .add(0.5 * Math.log(2 * Math.PI) - 0.5);
    return x.less(3).where(near.add(ratio.log()), far);
  },
  (g, x) => g.mul(x.digamma()),
);

const digamma = compositeUnary(
  "digamma",
  (x) => {
    const up = x.add(SHIFT);
    const inverse = up.reciprocal();
    const y = inverse.square();
    const series = y.mul(polynomial(y, [1 / 12, -1 / 120, 1 / 252, -1 / 240, 1 / 132]));
    const steps = STEPS.map((i) => x.add(i).reciprocal()).reduce((sum, term) => sum.add(term));
    return up.log().sub(inverse.mul(0.5)).sub(series).sub(steps);
  },
  (g, x) => g.mul(x.trigamma()),
);

const trigamma: CompositeOperator = {
  name: "trigamma",
  infer: digamma.infer,
  expand([x]) {
    const inverse = x!.add(SHIFT).reciprocal();
    const y = inverse.square();
    const odd = polynomial(y, [1, 1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66]);
    const steps = STEPS.map((i) => x!.add(i).reciprocal().square());
    const series = inverse.mul(odd).add(y.mul(0.5));
    // The smallest terms first: at x = 1e-4 the last is 1e8 times the others.
    return steps.reduceRight((sum, term) => sum.add(term), series);
  },
};

for (const [name, operator] of Object.entries({ lgamma, digamma, trigamma })) {
  Tensor.prototype[name as "lgamma"] = function (this: Tensor) {
    return apply(operator, [this]);
  };
}

function difference(
  name: string,
  expand: (k: Tensor, r: Tensor) => Tensor,
): Omit<CompositeOperator, "gradient"> {
  return {
    name,
    infer([k, r]) {
      const shape = broadcastShapes(k!.shape, r!.shape);
      if (!shape || k!.dtype !== "float32" || r!.dtype !== "float32") {
        throw graphError(name, "two float32 inputs whose shapes broadcast", [k!, r!]);
      }
      return { shape, dtype: "float32" };
    },
    expand: ([k, r]) => expand(k!, r!),
  };
}

const lgammaDifference: CompositeOperator = {
  ...difference("lgammaDifference", (k, r) => {
    const y = r.add(SHIFT);
    // Two products of two, so that neither overflows.
    const growth = STEPS.map((i) => k.div(r.add(i)));
    const [a, b, c, d] = growth as [Tensor, Tensor, Tensor, Tensor];
    // (1 + a)(1 + b) = 1 + (a + b + ab), whose logarithm keeps the digits of small a and b.
    const pair = (p: Tensor, q: Tensor) => p.add(q).add(p.mul(q)).log1p();
    const correction = (x: Tensor) => {
      const inverse = x.reciprocal();
      return inverse.mul(polynomial(inverse.square(), STIRLING));
    };
    return y
      .add(k)
      .sub(0.5)
      .mul(k.div(y).log1p())
      .add(k.mul(y.log().sub(1)))
      .add(correction(y.add(k)).sub(correction(y)))
      .sub(pair(a, b))
      .sub(pair(c, d));
  }),
  gradient({ inputs, upstream }) {
    const [k, r] = inputs as [Tensor, Tensor];
    return [
      upstream.mul(k.add(r).digamma()).sumTo(k.shape),
      upstream.mul(k.digammaDifference(r)).sumTo(r.shape),
    ];
  },
};

const digammaDifference: CompositeOperator = difference("digammaDifference", (k, r) => {
  const y = r.add(SHIFT);
  const p = y.reciprocal();
  const q = y.add(k).reciprocal();
  // Differences of powers of p and q, each with the factor p − q = kpq taken out.
  const apart = k.mul(p).mul(q);
  const [p2, q2] = [p.square(), q.square()];
  const sum = p.add(q);
  const series = sum
    .mul(1 / 12)
    .sub(sum.mul(p2.add(q2)).mul(1 / 120))
    .add(sum.mul(p2.square().add(p2.mul(q2)).add(q2.square())).mul(1 / 252));
  const steps = STEPS.map((i) => k.div(r.add(i).mul(r.add(k).add(i)))).reduce((s, t) => s.add(t));
  return k
    .mul(p)
    .log1p()
    .add(apart.mul(series.add(0.5)))
    .add(steps);
});

for (const [name, operator] of Object.entries({ lgammaDifference, digammaDifference })) {
  Tensor.prototype[name as "lgammaDifference"] = function (this: Tensor, r: Operand) {
    return apply(operator, [this, lift(r, this)]);
  };
}
