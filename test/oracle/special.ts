// Special functions in float64, within about 1e-13 · (1 + |value|): arguments are first moved up to
// 16 by the recurrence, where the asymptotic series are exact to rounding.
// Abramowitz and Stegun 1964, 6.1.40, 6.3.18, 6.4.11, 7.1.6.

const FAR = 16;
/** B₂, B₄, … B₁₆. */
const BERNOULLI = [1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510];

const stepsUp = (x: number) => Math.max(0, Math.ceil(FAR - x));

function sumOfSteps(n: number, term: (i: number) => number): number {
  let sum = 0;
  for (let i = n - 1; i >= 0; i--) sum += term(i);
  return sum;
}

/** Σ B₂ₖ · term(k) · x^−power(k), k = 1 … 8, the smallest first. */
function series(x: number, term: (k: number) => number, power: (k: number) => number): number {
  return BERNOULLI.map((b, i) => b * term(i + 1) * x ** -power(i + 1)).reduceRight((s, t) => s + t);
}

const stirling = (x: number) =>
  series(
    x,
    (k) => 1 / (2 * k * (2 * k - 1)),
    (k) => 2 * k - 1,
  );

export function lgamma(x: number): number {
  const n = stepsUp(x);
  const y = x + n;
  const far = (y - 0.5) * Math.log(y) - y + 0.5 * Math.log(2 * Math.PI) + stirling(y);
  return far - sumOfSteps(n, (i) => Math.log(x + i));
}

const digammaSeries = (x: number) =>
  series(
    x,
    (k) => 1 / (2 * k),
    (k) => 2 * k,
  );

export function digamma(x: number): number {
  const n = stepsUp(x);
  const y = x + n;
  return Math.log(y) - 0.5 / y - digammaSeries(y) - sumOfSteps(n, (i) => 1 / (x + i));
}

export function trigamma(x: number): number {
  const n = stepsUp(x);
  const y = x + n;
  const far = series(
    y,
    () => 1,
    (k) => 2 * k + 1,
  );
  return 1 / y + 0.5 / y ** 2 + far + sumOfSteps(n, (i) => (x + i) ** -2);
}

/** log Γ(k + r) − log Γ(r), from differences that are small themselves. */
export function lgammaDifference(k: number, r: number): number {
  const n = stepsUp(r);
  const y = r + n;
  const far = (y + k - 0.5) * Math.log1p(k / y) + k * (Math.log(y) - 1);
  return far + (stirling(y + k) - stirling(y)) - sumOfSteps(n, (i) => Math.log1p(k / (r + i)));
}

/** ψ(k + r) − ψ(r), from differences that are small themselves. */
export function digammaDifference(k: number, r: number): number {
  const n = stepsUp(r);
  const y = r + n;
  const far = Math.log1p(k / y) + (0.5 * k) / (y * (y + k));
  const steps = sumOfSteps(n, (i) => k / ((r + i) * (r + k + i)));
  return far + (digammaSeries(y) - digammaSeries(y + k)) + steps;
}

/** 2/√π · exp(−x²) · Σ 2ⁿ x²ⁿ⁺¹ / (2n + 1)!!, whose terms are all of one sign. */
export function erf(x: number): number {
  if (Math.abs(x) > 6) return Math.sign(x);
  let [term, sum] = [x, x];
  for (let n = 1; Math.abs(term) > 1e-18 * Math.abs(sum); n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

export const sigmoid = (x: number): number => {
  const e = Math.exp(-Math.abs(x));
  return (x < 0 ? e : 1) / (1 + e);
};

export const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

/** log Γ(x) − (x − ½) log x + x − ½ log 2π. */
export const stirlingCorrection = (x: number): number =>
  x >= FAR ? stirling(x) : lgamma(x) - ((x - 0.5) * Math.log(x) - x + 0.5 * Math.log(2 * Math.PI));

export const poissonLogProb = (x: number, logRate: number): number =>
  x * logRate - Math.exp(logRate) - lgamma(x + 1);

export function negativeBinomialLogProb(x: number, logMean: number, logR: number): number {
  const [mean, r] = [Math.exp(logMean), Math.exp(logR)];
  const growth = lgammaDifference(x, r) - lgamma(x + 1);
  return growth - r * Math.log1p(mean / r) + x * (logMean - Math.log(r + mean));
}

export const bernoulliLogProb = (x: number, logit: number): number => x * logit - softplus(logit);

export function continuousBernoulliLogProb(x: number, logit: number): number {
  const size = Math.abs(logit);
  const normalizer = size === 0 ? 0 : Math.log(-Math.expm1(-size) / size);
  return logit * x - Math.max(logit, 0) - normalizer;
}

export function betaBinomialExcess(x: number, y: number, logAlpha: number, logBeta: number) {
  const [a, b] = [Math.exp(logAlpha), Math.exp(logBeta)];
  const xLogX = (n: number) => (n === 0 ? 0 : n * Math.log(n));
  const growth = lgammaDifference(x, a) + lgammaDifference(y, b) - lgammaDifference(x + y, a + b);
  return growth + xLogX(x + y) - xLogX(x) - xLogX(y);
}
