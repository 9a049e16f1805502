// PyTorch's reference losses in the names and layouts of this project's models.
import type { FieldSchema } from "#elbo/fields/field.js";
import type { ModelConfig } from "#elbo/models/model.js";
import { image, real, schemaOf } from "../fields/schemas.ts";
import { type Numbers, readFixture } from "../graph/pytorch.ts";
import { modelConfig } from "./config.ts";

export interface VaeFixture {
  parameters: Record<string, Numbers>;
  x: Numbers;
  epsilon: Numbers;
  mean: Numbers;
  logVariance: Numbers;
  nll: Numbers;
  kl: Numbers;
  beta: Record<string, { loss: number; gradients: Record<string, Numbers> }>;
}

export interface TermFixture {
  upstream: Numbers;
  gradients: Record<string, Numbers>;
  logProb: Numbers;
  kl: Numbers;
  [name: string]: Numbers | Record<string, Numbers>;
}

export const losses = readFixture<{
  autoencoder: {
    parameters: Record<string, Numbers>;
    x: Numbers;
    hidden: Numbers;
    output: Numbers;
    loss: number;
    gradients: Record<string, Numbers>;
  };
  bernoulli: TermFixture;
  gaussian: { scalePerDimension: TermFixture; oneScale: TermFixture };
  kl: TermFixture;
  mlpVaeBernoulli: VaeFixture;
  mlpVaeGaussian: VaeFixture;
  convVaeBernoulli: VaeFixture;
}>("losses");

const ofAutoencoder = { "encoder.hidden": "encoder.code", "decoder.output": "decoder.output" };
const ofMlp = {
  "encoder.hidden": "encoder.dense0",
  "decoder.hidden": "decoder.dense0",
  "decoder.output": "decoder.output",
};
const ofConv = {
  "encoder.conv1": "encoder.conv0",
  "encoder.conv2": "encoder.conv1",
  "encoder.dense": "encoder.dense0",
  "decoder.dense1": "decoder.dense0",
  "decoder.dense2": "decoder.unfold",
  "decoder.conv1": "decoder.conv1",
  "decoder.conv2": "decoder.conv0",
};

function transposed({ shape: [rows, columns], data }: Numbers): Numbers {
  const values = data.map((_, i) => data[(i % rows!) * columns! + Math.floor(i / rows!)]!);
  return { shape: [columns!, rows!], data: values };
}

/** Two tensors with the same rows, side by side; vectors end to end. */
function beside(a: Numbers, b: Numbers): Numbers {
  const [left, right] = [a.shape.at(-1)!, b.shape.at(-1)!];
  const rows = a.data.length / left;
  const data = Array.from({ length: rows }, (_, i) => [
    ...a.data.slice(i * left, (i + 1) * left),
    ...b.data.slice(i * right, (i + 1) * right),
  ]);
  return { shape: [...a.shape.slice(0, -1), left + right], data: data.flat() };
}

/** Linear weights are (out, in) there and (in, out) here; kernels are laid out alike. */
const layout = (tensor: Numbers) => (tensor.shape.length === 2 ? transposed(tensor) : tensor);

/**
 * PyTorch's parameters, or gradients by them, as this project's: the heads of mean and log-variance
 * are two layers there, and one of columns [mean | logVariance] here.
 */
export function inProductNames(
  network: "autoencoder" | "mlp" | "conv",
  tensors: Readonly<Record<string, Numbers>>,
): Record<string, Numbers> {
  const names = { autoencoder: ofAutoencoder, mlp: ofMlp, conv: ofConv }[network];
  const result: Record<string, Numbers> = {};
  for (const part of ["weight", "bias"]) {
    for (const [theirs, ours] of Object.entries(names)) {
      result[`${ours}.${part}`] = layout(tensors[`${theirs}.${part}`]!);
    }
    const [mean, logVariance] = ["mean", "logVariance"].map(
      (head) => tensors[`encoder.${head}.${part}`],
    );
    if (mean && logVariance) {
      result[`encoder.posterior.${part}`] = beside(layout(mean), layout(logVariance));
    }
  }
  const scale = tensors["decoder.logScale"];
  return scale ? { ...result, "decoder.data-real-gaussian.logScale": scale } : result;
}

const mlp = { kind: "mlp", hidden: [5] } as const;

/** Columns that come to the network as they are, all of them there. */
function columns(count: number, likelihood: "gaussian" | "squared-error"): FieldSchema {
  return schemaOf(
    ...Array.from({ length: count }, (_, i) => real(`x${i}`, { likelihood, gaps: false })),
  );
}

/** Pixels from 0 to 1, one channel of them. */
const picture = (height: number, width: number): FieldSchema =>
  schemaOf(image("x", [height, width, 1], { bytes: false, low: 0, high: 1, gaps: false }));

/** The fixture's models: their fields and configurations. */
export const models = {
  autoencoder: {
    schema: columns(6, "squared-error"),
    config: modelConfig({
      method: "ae",
      latent: 4,
      network: { kind: "mlp", hidden: [] },
      codeActivation: "relu",
      output: "sigmoid",
    }),
  },
  mlpVaeBernoulli: { schema: picture(1, 6), config: modelConfig({ network: mlp }) },
  mlpVaeGaussian: { schema: columns(6, "gaussian"), config: modelConfig({ network: mlp }) },
  convVaeBernoulli: {
    schema: picture(8, 8),
    config: modelConfig({ network: { kind: "conv", channels: [2, 3], dense: [5] } }),
  },
} as const satisfies Record<string, { schema: FieldSchema; config: ModelConfig }>;
