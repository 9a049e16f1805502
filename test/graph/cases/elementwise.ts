// Examples of operators that treat each element by itself.
import type { Tensor } from "#elbo/graph/index.js";
import type { Case, Draw } from "../draw.ts";

type Method = (x: Tensor) => Tensor;

const over =
  (f: Method, range = {}): Case =>
  (d) =>
    f(d.real(d.shape(d.int(0, 3)), range));
const overPositive = (f: Method): Case => over(f, { low: 0.25 });

/** A number now and then, else a tensor that broadcasts. */
const pair =
  (f: (a: Tensor, b: Tensor | number) => Tensor, range = {}): Case =>
  (d) => {
    const [s, t] = d.twoShapes();
    const a = d.real(s, range);
    return f(a, d.int(0, 4) === 0 ? 1.5 : d.real(t, range));
  };

/** Positive in both arguments, so that quotients and powers stay tame. */
const positivePair = (f: (a: Tensor, b: Tensor | number) => Tensor) =>
  pair(f, { low: 0.5, scale: 0.5 });

const difference = (f: (k: Tensor, r: Tensor) => Tensor) => (d: Draw) => {
  const [s, t] = d.twoShapes();
  return f(d.positive(s), d.real(t, { low: 0.125, scale: 2 }));
};

export const elementwise: Record<string, Case> = {
  add: pair((a, b) => a.add(b)),
  sub: pair((a, b) => a.sub(b)),
  mul: pair((a, b) => a.mul(b)),
  div: positivePair((a, b) => a.div(b)),
  pow: positivePair((a, b) => a.pow(b)),
  maximum: pair((a, b) => a.maximum(b)),
  minimum: pair((a, b) => a.minimum(b)),
  clip: over((x) => x.clip(-0.75, 1.25)),
  neg: over((x) => x.neg()),
  abs: over((x) => x.abs()),
  exp: over((x) => x.exp()),
  log: overPositive((x) => x.log()),
  sqrt: overPositive((x) => x.sqrt()),
  reciprocal: overPositive((x) => x.reciprocal()),
  square: over((x) => x.square()),
  sin: over((x) => x.sin()),
  cos: over((x) => x.cos()),
  tanh: over((x) => x.tanh()),
  sigmoid: over((x) => x.sigmoid()),
  relu: over((x) => x.relu()),
  erf: over((x) => x.erf()),
  log1p: over((x) => x.log1p(), { low: -0.75 }),
  expm1: over((x) => x.expm1()),
  softplus: over((x) => x.softplus()),
  logSigmoid: over((x) => x.logSigmoid()),
  gelu: over((x) => x.gelu()),
  silu: over((x) => x.silu()),
  leakyRelu: (d) => d.real().leakyRelu(d.pick([0.01, 0.5, 2])),
  elu: over((x) => x.elu()),
  lgamma: overPositive((x) => x.lgamma()),
  digamma: overPositive((x) => x.digamma()),
  trigamma: overPositive((x) => x.trigamma()),
  lgammaDifference: difference((k, r) => k.lgammaDifference(r)),
  digammaDifference: difference((k, r) => k.digammaDifference(r)),
  where(d) {
    const [s, t] = d.twoShapes();
    const [a, b] = [d.real(s), d.real(t)];
    return a.greater(b).where(a, d.bool() ? b : 0.5);
  },
};
