// The losses of the first models and the gradients of all their parameters against PyTorch.
import { describe, test } from "vitest";
import { constant, gradients, input, parameter, type Tensor } from "#elbo/graph/index.js";
import { expectLayer, expectPyTorch, inputsOf, type Numbers, readFixture } from "./pytorch.ts";

interface Term {
  x: Numbers;
  upstream: Numbers;
  gradients: Record<string, Numbers>;
  logProb: Numbers;
  kl: Numbers;
  [name: string]: Numbers | Record<string, Numbers>;
}

interface Vae {
  parameters: Record<string, Numbers>;
  x: Numbers;
  epsilon: Numbers;
  mean: Numbers;
  logVariance: Numbers;
  z: Numbers;
  decoded: Numbers;
  nll: Numbers;
  kl: Numbers;
  beta: Record<string, { loss: number; gradients: Record<string, Numbers> }>;
}

interface Losses {
  autoencoder: {
    parameters: Record<string, Numbers>;
    x: Numbers;
    hidden: Numbers;
    output: Numbers;
    loss: number;
    gradients: Record<string, Numbers>;
  };
  bernoulli: Term;
  gaussian: { scalePerDimension: Term; oneScale: Term };
  kl: Term;
  mlpVaeBernoulli: Vae;
  mlpVaeGaussian: Vae;
  convVaeBernoulli: Vae;
}

const losses = readFixture<Losses>("losses");

type Weights = Readonly<Record<string, Tensor>>;

/** The sum of each row's elements. */
const rows = (x: Tensor) => x.sum(x.shape.map((_, i) => i).slice(1));

const bernoulliRows = (x: Tensor, logits: Tensor) => rows(x.mul(logits).sub(logits.softplus()));

function gaussianRows(x: Tensor, mean: Tensor, logScale: Tensor): Tensor {
  const z = x.sub(mean).mul(logScale.neg().exp());
  return rows(
    z
      .square()
      .mul(-0.5)
      .sub(logScale)
      .sub(0.5 * Math.log(2 * Math.PI)),
  );
}

const klRows = (mean: Tensor, logVariance: Tensor) =>
  rows(mean.square().add(logVariance.exp()).sub(logVariance).sub(1).mul(0.5));

const dense = (w: Weights, name: string, x: Tensor) =>
  x.matmul(w[`${name}.weight`]!.transpose()).add(w[`${name}.bias`]!);

const channels = (bias: Tensor) => bias.reshape([bias.shape[0]!, 1, 1]);
const window = { stride: 2, padding: 1 };
const conv = (w: Weights, name: string, x: Tensor) =>
  x.conv(w[`${name}.weight`]!, window).add(channels(w[`${name}.bias`]!));
const convTranspose = (w: Weights, name: string, x: Tensor) =>
  x.convTranspose(w[`${name}.weight`]!, window).add(channels(w[`${name}.bias`]!));

const parametersOf = (arrays: Record<string, Numbers>): Weights =>
  Object.fromEntries(
    Object.entries(arrays).map(([name, { shape }]) => [name, parameter(name, shape)]),
  );

test("autoencoder: mean squared error", async () => {
  const { parameters, x, hidden, output, loss, gradients: expected } = losses.autoencoder;
  const w = parametersOf(parameters);
  const data = input("x", x.shape);
  const h = dense(w, "encoder.hidden", data).relu();
  const y = dense(w, "decoder.output", h).sigmoid();
  const error = y.sub(data).square().mean();
  const names = Object.keys(expected);
  const parts = gradients(
    error,
    names.map((name) => w[name]!),
  );
  await expectPyTorch([h, y, error, ...parts], { ...parameters, x }, [
    hidden,
    output,
    loss,
    ...names.map((name) => expected[name]!),
  ]);
});

describe("terms of the loss, a value for each row", () => {
  const check = (term: Term, output: Numbers, names: string[], f: (...x: Tensor[]) => Tensor) => {
    const feeds = Object.fromEntries(names.map((name) => [name, term[name] as Numbers]));
    const inputs = inputsOf(feeds);
    return expectLayer({ ...term, output }, inputs, f(...Object.values(inputs)), feeds);
  };
  const { bernoulli, gaussian, kl } = losses;
  test("Bernoulli", () => check(bernoulli, bernoulli.logProb, ["x", "logits"], bernoulliRows));
  for (const [name, term] of Object.entries(gaussian)) {
    test(`Gaussian, ${name}`, () =>
      check(term, term.logProb, ["x", "mean", "logScale"], gaussianRows));
  }
  test("KL", () => check(kl, kl.kl, ["mean", "logVariance"], klRows));
});

interface Networks {
  encode(w: Weights, x: Tensor): Tensor;
  decode(w: Weights, z: Tensor): Tensor;
}

const mlp: Networks = {
  encode: (w, x) => dense(w, "encoder.hidden", x).relu(),
  decode: (w, z) => dense(w, "decoder.output", dense(w, "decoder.hidden", z).relu()),
};

const convolutional: Networks = {
  encode(w, x) {
    const h = conv(w, "encoder.conv2", conv(w, "encoder.conv1", x).relu()).relu();
    return dense(w, "encoder.dense", h.reshape([h.shape[0]!, 12])).relu();
  },
  decode(w, z) {
    const h = dense(w, "decoder.dense2", dense(w, "decoder.dense1", z).relu()).relu();
    const picture = convTranspose(w, "decoder.conv1", h.reshape([h.shape[0]!, 3, 2, 2])).relu();
    return convTranspose(w, "decoder.conv2", picture);
  },
};

type LogProb = (x: Tensor, decoded: Tensor, w: Weights) => Tensor;
const gaussianOf: LogProb = (x, mean, w) => gaussianRows(x, mean, w["decoder.logScale"]!);

const models: [keyof Losses, Networks, LogProb][] = [
  ["mlpVaeBernoulli", mlp, bernoulliRows],
  ["mlpVaeGaussian", mlp, gaussianOf],
  ["convVaeBernoulli", convolutional, bernoulliRows],
];

for (const [name, { encode, decode }, logProb] of models) {
  const fixture = losses[name] as Vae;
  for (const [beta, expected] of Object.entries(fixture.beta)) {
    test(`${name}, beta ${beta}`, async () => {
      const w = parametersOf(fixture.parameters);
      const x = input("x", fixture.x.shape);
      const hidden = encode(w, x);
      const mean = dense(w, "encoder.mean", hidden);
      const logVariance = dense(w, "encoder.logVariance", hidden);
      const epsilon = input("epsilon", fixture.epsilon.shape);
      const z = mean.add(logVariance.mul(0.5).exp().mul(epsilon));
      const decoded = decode(w, z);
      const nll = logProb(x, decoded, w).neg();
      const kl = klRows(mean, logVariance);
      const loss = nll.add(kl.mul(constant(Number(beta)))).mean();
      const names = Object.keys(expected.gradients);
      const parts = gradients(
        loss,
        names.map((parameter) => w[parameter]!),
      );
      const outputs = [mean, logVariance, z, decoded, nll, kl, loss, ...parts];
      const feeds = { ...fixture.parameters, x: fixture.x, epsilon: fixture.epsilon };
      await expectPyTorch(outputs, feeds, [
        fixture.mean,
        fixture.logVariance,
        fixture.z,
        fixture.decoded,
        fixture.nll,
        fixture.kl,
        expected.loss,
        ...names.map((parameter) => expected.gradients[parameter]!),
      ]);
    });
  }
}
