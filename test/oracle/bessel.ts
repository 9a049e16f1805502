// The von Mises-Fisher distribution's normaliser in float64: the recurrence of ratios of Bessel
// functions from so high an order that its start does not matter (Miller's algorithm).
import type { Rule } from "./value.ts";
import { zip } from "./value.ts";

/** log Σ (κ²/4)ʲ / (j! (ν + 1)⁽ʲ⁾) = log F(κ) at order ν, whose terms are all positive. */
function logSeries(kappa: number, nu: number): number {
  let [term, sum] = [1, 0];
  for (let j = 1; j < 200; j++) {
    term *= kappa ** 2 / 4 / (j * (nu + j));
    sum += term;
  }
  return Math.log1p(sum);
}

/** A(κ) and log F(κ) in `dimension` dimensions for κ <= 100, as src/prob/bessel.ts names them. */
export function vonMisesFisher(kappa: number, dimension: number) {
  const nu = dimension / 2 - 1;
  const first = nu + Math.ceil(60 + 2 * kappa);
  let ratio = 0;
  for (let k = first + 60; k > first; k--) ratio = kappa / (2 * k + kappa * ratio);
  let logF = logSeries(kappa, first);
  for (let k = first; k > nu; k--) {
    logF += Math.log1p((kappa * ratio) / (2 * k));
    ratio = kappa / (2 * k + kappa * ratio);
  }
  return { ratio, logF };
}

type Values = ReturnType<typeof vonMisesFisher>;

const rule =
  (value: (kappa: number, dimension: number, values: Values) => number): Rule =>
  ({ inputs, shape, attributes }) => {
    const dimension = attributes["dimension"] as number;
    return zip(shape, inputs, (k) => value(k!, dimension, vonMisesFisher(k!, dimension)));
  };

export const bessel: Record<string, Rule> = {
  vonMisesFisherRest: rule((k, _, { logF }) => k - logF),
  vonMisesFisherComplement: rule((k, _, { ratio }) => k * (1 - ratio)),
  vonMisesFisherPull: rule((k, _, { ratio }) => k * ratio),
  vonMisesFisherKl: rule((k, _, { ratio, logF }) => k * ratio - logF),
  vonMisesFisherInformation: rule(
    (k, d, { ratio }) => k * k * (1 - ratio * ratio) - (d - 1) * k * ratio,
  ),
};
