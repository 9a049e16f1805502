// Latents' information against what is known of Gaussians in closed form.
import { expect, test } from "vitest";
import { latentInformation } from "#elbo/metrics/latent-information.js";
import { Random, streams } from "#elbo/runtime/random.js";
import { Sequence } from "#elbo/runtime/sequence.js";

const draws = () => new Sequence(3, streams.information, 0);

/** Posteriors N(x, σ²) in each of `latent` dimensions, of rows x that are standard normal. */
function linear(rows: number, latent: number, deviation: number) {
  const means = new Random(4).normal(streams.synthetic, 0, rows * latent);
  return { means, deviations: new Float32Array(means.length).fill(deviation) };
}

// z = x + σ·ε: I(x; z) = ½ log(1 + 1/σ²) in each dimension (Cover and Thomas 2006, theorem 9.1.1).
test.each([
  { latent: 1, deviation: 1 },
  { latent: 2, deviation: 1 },
  { latent: 3, deviation: 2 },
  { latent: 1, deviation: 0.2 },
])("of $latent dimensions with noise $deviation, that of a Gaussian channel", (channel) => {
  const { latent, deviation } = channel;
  const rows = 1000;
  const { means, deviations } = linear(rows, latent, deviation);
  const { mutualInformation } = latentInformation(means, deviations, latent, draws());
  const known = 0.5 * latent * Math.log(1 + deviation ** -2);
  // log q(z | x) − log q(z) of one dimension is known + (w² − ε²) / 2 with standard normal w and ε
  // whose correlation is r = σ / √(1 + σ²): its variance is 1 − r² = 1 / (1 + σ²).
  const error = Math.sqrt(latent / (1 + deviation ** 2) / rows);
  // A row's own posterior is one of those that q(z) is the mean of: that adds E[q(z | x) / q(z)] / rows,
  // of which the logarithm's curvature takes half away.
  const bias = (1 + deviation ** -2) ** latent / rows;
  expect(Math.abs(mutualInformation - known)).toBeLessThan(4 * error + bias);
});

test("rows with one posterior are told apart by nothing", () => {
  const { mutualInformation } = latentInformation(
    new Float32Array(300).fill(0.7),
    new Float32Array(300).fill(0.5),
    3,
    draws(),
  );
  expect(mutualInformation).toBeCloseTo(0, 12);
});

test("rows far apart are told apart whole, and no more than that", () => {
  const means = Float32Array.from({ length: 64 }, (_, i) => 100 * i);
  const information = latentInformation(means, new Float32Array(64).fill(0.1), 1, draws());
  expect(information.most).toBeCloseTo(Math.log(64), 12);
  expect(information.mutualInformation).toBeCloseTo(Math.log(64), 12);
});
