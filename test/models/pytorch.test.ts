// The real ae and vae against PyTorch: every row's terms, the loss, and all gradients.
import { describe, expect, test } from "vitest";
import type { FieldSchema } from "#elbo/fields/field.js";
import { layoutOf, noiseInput, rowsInput } from "#elbo/fields/layout.js";
import { gradients, type Tensor } from "#elbo/graph/index.js";
import type { Body } from "#elbo/models/body.js";
import { build as termsOf } from "#elbo/models/graphs.js";
import type { ModelConfig, RowTerms } from "#elbo/models/model.js";
import type { Parameters } from "#elbo/nn/parameters.js";
import { expectPyTorch, type Numbers } from "../graph/pytorch.ts";
import { evaluate } from "../oracle/index.ts";
import { inProductNames, losses, models } from "./losses.ts";

interface Model {
  schema: FieldSchema;
  config: ModelConfig;
}

function build({ schema, config }: Model): { terms: RowTerms; body: Body; parameters: Parameters } {
  const terms = termsOf(schema, config, { drawn: true, training: true, cut: null, gaps: false });
  return { terms, body: terms.body, parameters: terms.body.parameters };
}

/** The name of the one group's rows among the inputs. */
const rowsOf = ({ schema }: Model) => rowsInput(layoutOf(schema)[0]!);

/** The loss's gradients by the parameters in the order of `names`. */
function gradientsBy(loss: Tensor, parameters: Parameters, names: readonly string[]): Tensor[] {
  expect(parameters.specs.map(({ name }) => name).sort()).toEqual(names.toSorted());
  return gradients(
    loss,
    names.map((name) => parameters.tensors(name)[0]!),
  );
}

/** A fixture's images as rows. */
const flat = ({ shape, data }: Numbers): Numbers => ({
  shape: [shape[0]!, data.length / shape[0]!],
  data,
});

test("ae: the loss and every gradient", async () => {
  const { autoencoder } = losses;
  const { x, hidden, output, loss } = autoencoder;
  const { terms, body, parameters } = build(models.autoencoder);
  const weights = inProductNames("autoencoder", autoencoder.parameters);
  const expected = inProductNames("autoencoder", autoencoder.gradients);
  const mean = terms.loss.sum().mul(1 / x.shape[0]!);
  const [{ group, raw }] = body.decoded as [Body["decoded"][number]];
  const decoded = group.expected(parameters, body.decode(terms.mean)[0]!, raw);
  await expectPyTorch(
    [terms.mean, decoded, mean, ...gradientsBy(mean, parameters, Object.keys(expected))],
    { ...weights, [rowsOf(models.autoencoder)]: x },
    [hidden, output, loss, ...Object.values(expected)],
    undefined,
    x.shape[0],
  );
  const absent = [terms.kl, terms.standardDeviation, terms.logWeight, terms.target];
  expect(absent).toEqual([null, null, null, null]);
});

const cases = [
  ["mlpVaeBernoulli", "mlp"],
  ["mlpVaeGaussian", "mlp"],
  ["convVaeBernoulli", "conv"],
] as const;

describe.each(cases)("vae: %s", (name, network) => {
  const fixture = losses[name];
  const feeds = {
    ...inProductNames(network, fixture.parameters),
    [rowsOf(models[name])]: flat(fixture.x),
    [noiseInput("normal")]: fixture.epsilon,
  };

  test.each(Object.entries(fixture.beta))("beta %s", async (beta, expected) => {
    const { terms, parameters } = build(models[name]);
    const reference = inProductNames(network, expected.gradients);
    const loss = terms.loss.sum().mul(1 / fixture.x.shape[0]!);
    await expectPyTorch(
      [
        terms.mean,
        terms.reconstruction,
        terms.kl!.sum(1),
        loss,
        ...gradientsBy(loss, parameters, Object.keys(reference)),
      ],
      { ...feeds, klWeight: { shape: [], data: [Number(beta)] } },
      [fixture.mean, fixture.nll, fixture.kl, expected.loss, ...Object.values(reference)],
      undefined,
      fixture.x.shape[0],
    );
  });

  test("standard deviation and importance weight are those of the posterior", () => {
    const { terms } = build(models[name]);
    const [deviation, logWeight] = evaluate(
      [terms.standardDeviation!, terms.logWeight!],
      feeds,
      fixture.x.shape[0],
    );
    const { mean, logVariance, epsilon, nll } = fixture;
    const deviations = logVariance.data.map((v) => Math.exp(v / 2));
    for (const [i, value] of deviations.entries()) expect(deviation!.data[i]).toBeCloseTo(value, 6);
    // log p(x | z) + log N(z; 0, 1) − log N(z; μ, σ²), by the densities themselves.
    const logNormal = (x: number, m: number, s: number) =>
      -0.5 * ((x - m) / s) ** 2 - Math.log(s) - 0.5 * Math.log(2 * Math.PI);
    const latent = models[name].config.latent;
    for (const [row, negative] of nll.data.entries()) {
      let expected = -negative;
      for (let i = row * latent; i < (row + 1) * latent; i++) {
        const z = mean.data[i]! + deviations[i]! * epsilon.data[i]!;
        expected += logNormal(z, 0, 1) - logNormal(z, mean.data[i]!, deviations[i]!);
      }
      expect(logWeight!.data[row]).toBeCloseTo(expected, 5);
    }
  });
});
