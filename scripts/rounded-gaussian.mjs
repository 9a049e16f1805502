// A Gaussian VAE of log(1 + count) as a model of counts: what it says of the range of logarithms
// that are nearest to each count's, which is a probability. Its density, with the Jacobian, has no
// bound: a gene that is 0 in nearly all cells is worth any number of nats.
import { encode, evaluate, Random, streams } from "elbojs";

const LOG_TWO_PI = Math.log(2 * Math.PI);

/** log of the standard normal's distribution function; below −4 by its asymptotic series. */
function logCdf(x) {
  if (x < -4) {
    const square = 1 / (x * x);
    const series = 1 - square * (1 - 3 * square * (1 - 5 * square * (1 - 7 * square)));
    return -0.5 * x * x - 0.5 * LOG_TWO_PI - Math.log(-x) + Math.log(series);
  }
  // log(1 − q) is −q; between them by the series of Abramowitz and Stegun 26.2.10.
  if (x > 4) return -Math.exp(logCdf(-x));
  let [term, sum] = [x, x];
  for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
    term *= (-x * x) / (2 * n);
    sum += term / (2 * n + 1);
    if (n > 500) break;
  }
  return Math.log(Math.max(1e-300, 0.5 + sum / Math.sqrt(2 * Math.PI)));
}

/** log of its mass between a and b, by the tail that is the smaller. */
function logMass(a, b) {
  if (a > 0) return logMass(-b, -a);
  const upper = logCdf(b);
  return upper + Math.log1p(-Math.exp(Math.min(-1e-12, logCdf(a) - upper)));
}

/**
 * The negative ELBO of counts, nats per cell, with one draw of the posterior as `evaluate` has it.
 * @param run a vae with one hidden layer of the vectors log(1 + count).
 * @param logs the cells as those vectors; `rows` as counts.
 */
export async function roundedNats(run, logs, rows) {
  const { kl, reconstruction } = await evaluate(run, logs);
  const { mean, standardDeviation: std, latent } = await encode(run, logs, { std: true });
  const [field] = run.config.schema.fields;
  const weight = (name) => run.weights.get(`decoder.${name}`);
  const [w0, b0] = [weight("dense0.weight"), weight("dense0.bias")];
  const [w, b] = [weight("output.weight"), weight("output.bias")];
  const scales = weight(`data-vector-gaussian-${field.name}.logScale`);
  const noise = new Random(0).normal(streams.evaluation, 0, rows.length * latent);
  let [density, mass] = [0, 0];
  for (const [i, row] of rows.entries()) {
    const hidden = Float64Array.from(b0);
    for (let l = 0; l < latent; l++) {
      const z = mean[i * latent + l] + std[i * latent + l] * noise[i * latent + l];
      for (let h = 0; h < hidden.length; h++) hidden[h] += z * w0[l * hidden.length + h];
    }
    const location = Float64Array.from(b);
    for (let h = 0; h < hidden.length; h++) {
      if (hidden[h] <= 0) continue;
      for (let j = 0; j < location.length; j++) {
        location[j] += hidden[h] * w[h * location.length + j];
      }
    }
    for (const [j, count] of row.entries()) {
      const mu = location[j] * field.deviation[j] + field.mean[j];
      const sigma = Math.exp(scales[j]) * field.deviation[j];
      const at = (value) => (value - mu) / sigma;
      density -= 0.5 * at(Math.log1p(count)) ** 2 + Math.log(sigma) + 0.5 * LOG_TWO_PI;
      const upper = at(Math.log(count + 1.5));
      mass += count === 0 ? logCdf(upper) : logMass(at(Math.log(count + 0.5)), upper);
    }
  }
  const drift = Math.abs(-density / rows.length - reconstruction);
  if (!(drift < 0.01 * Math.abs(reconstruction))) {
    throw new Error(`the decoder computed here is ${drift} nats from evaluate's`);
  }
  return kl - mass / rows.length;
}
