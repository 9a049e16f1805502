// Rules of operators that treat each element by itself.
import * as special from "./special.ts";
import { type Call, type Rule, type Value, zip } from "./value.ts";

const truth = (condition: boolean): number => (condition ? 1 : 0);

const functions: Record<string, (...x: number[]) => number> = {
  add: (a, b) => a! + b!,
  sub: (a, b) => a! - b!,
  mul: (a, b) => a! * b!,
  div: (a, b) => a! / b!,
  pow: (a, b) => a! ** b!,
  maximum: (a, b) => Math.max(a!, b!),
  minimum: (a, b) => Math.min(a!, b!),
  less: (a, b) => truth(a! < b!),
  lessOrEqual: (a, b) => truth(a! <= b!),
  greater: (a, b) => truth(a! > b!),
  greaterOrEqual: (a, b) => truth(a! >= b!),
  equal: (a, b) => truth(a === b),
  and: (a, b) => truth(a !== 0 && b !== 0),
  or: (a, b) => truth(a !== 0 || b !== 0),
  not: (a) => truth(a === 0),
  where: (condition, yes, no) => (condition ? yes! : no!),
  neg: (x) => -x!,
  abs: (x) => Math.abs(x!),
  exp: (x) => Math.exp(x!),
  log: (x) => Math.log(x!),
  sqrt: (x) => Math.sqrt(x!),
  reciprocal: (x) => 1 / x!,
  sin: (x) => Math.sin(x!),
  cos: (x) => Math.cos(x!),
  tanh: (x) => Math.tanh(x!),
  sigmoid: (x) => special.sigmoid(x!),
  relu: (x) => Math.max(0, x!),
  unitStep: (x) => (x! > 0 ? 1 : 0),
  floor: (x) => Math.floor(x!),
  erf: (x) => special.erf(x!),
  log1p: (x) => Math.log1p(x!),
  expm1: (x) => Math.expm1(x!),
  softplus: (x) => special.softplus(x!),
  elu: (x) => (x! > 0 ? x! : Math.expm1(x!)),
  lgamma: (x) => special.lgamma(x!),
  digamma: (x) => special.digamma(x!),
  trigamma: (x) => special.trigamma(x!),
  lgammaDifference: (k, r) => special.lgammaDifference(k!, r!),
  digammaDifference: (k, r) => special.digammaDifference(k!, r!),
  stirlingCorrection: (x) => special.stirlingCorrection(x!),
  poissonLogProb: (x, logRate) => special.poissonLogProb(x!, logRate!),
  negativeBinomialLogProb: (x, ...p) => special.negativeBinomialLogProb(x!, p[0]!, p[1]!),
  betaBinomialExcess: (...x) => special.betaBinomialExcess(x[0]!, x[1]!, x[2]!, x[3]!),
  bernoulliLogProb: (x, logit) => special.bernoulliLogProb(x!, logit!),
  continuousBernoulliLogProb: (x, logit) => special.continuousBernoulliLogProb(x!, logit!),
};

/** Whole numbers stay whole: int32 wraps around, uint8 too, bool is 0 or 1. */
function held(x: number, dtype: string): number {
  if (dtype === "int32") return Math.trunc(x) | 0;
  if (dtype === "uint8") return Math.trunc(x) & 255;
  return dtype === "bool" ? truth(x !== 0) : x;
}

const same: Rule = ({ inputs }) => inputs[0]!;

export const elementwise: Record<string, Rule> = {
  ...Object.fromEntries(
    Object.entries(functions).map(([name, f]) => [
      name,
      ({ inputs, shape, dtype }: Call): Value => zip(shape, inputs, (...x) => held(f(...x), dtype)),
    ]),
  ),
  cast: ({ inputs, shape, dtype }) => zip(shape, inputs, (x) => held(x!, dtype)),
  stopGradient: same,
  straightThrough: same,
  standIn: same,
};
