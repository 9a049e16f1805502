// Convolutions, normalisations, attention and their like against PyTorch.
import { describe, test } from "vitest";
import { constant, input, resize, type Tensor } from "#elbo/graph/index.js";
import { expectLayer, inputsOf, type LayerFixture, type Numbers, readFixture } from "./pytorch.ts";

/** Where a graph holds no constant that float32 rounds. */
const EXACT = 1e-11;

interface Convolution extends LayerFixture {
  operator: string;
  stride: number[];
  padding: number[];
  dilation: number[];
  outputPadding?: number[];
  input: Numbers;
  weight: Numbers;
  bias?: Numbers;
}

describe("convolutions", () => {
  const { cases } = readFixture<{ cases: Convolution[] }>("conv");
  for (const [i, fixture] of cases.entries()) {
    const { operator, stride, padding, dilation, input: x, weight, bias } = fixture;
    test(`${i}: ${operator}, stride ${stride}, padding ${padding}, dilation ${dilation}`, () => {
      const feeds = { input: x, weight, ...(bias ? { bias } : {}) };
      const inputs = inputsOf(feeds);
      const { input: picture, weight: kernel, bias: b } = inputs as Record<string, Tensor>;
      const { outputPadding } = fixture;
      const options = { stride, padding, dilation, ...(outputPadding ? { outputPadding } : {}) };
      const output = operator.startsWith("convTranspose")
        ? picture!.convTranspose(kernel!, options)
        : picture!.conv(kernel!, options);
      const perChannel = b?.reshape([b.shape[0]!, ...stride.map(() => 1)]);
      return expectLayer(
        fixture,
        inputs,
        perChannel ? output.add(perChannel) : output,
        feeds,
        EXACT,
      );
    });
  }
});

interface Layer extends LayerFixture {
  inputs: Record<string, Numbers>;
  axis: number;
  size: [number, number];
  mode: "nearest" | "bilinear";
  normalizedAxes: number;
  groups: number;
  epsilon: number;
  training: boolean;
  runningBefore: { mean: Numbers; variance: Numbers };
  causal: boolean;
  additiveMask?: Numbers;
}

type Inputs = Readonly<Record<string, Tensor>>;

function normalized(x: Tensor, axes: number[], epsilon: number): Tensor {
  const centred = x.sub(x.mean(axes, true));
  return centred.div(centred.square().mean(axes, true).add(epsilon).sqrt());
}

/** A value for each channel of `(batch, channels, …)`. */
const perChannel = (values: Tensor, x: Tensor) =>
  values.reshape([x.shape[1]!, ...x.shape.slice(2).map(() => 1)]);

const constantOf = ({ shape, data }: Numbers) => constant(data, shape);

function layerNorm({ input: x, weight, bias }: Inputs, { normalizedAxes, epsilon }: Layer) {
  const axes = Array.from({ length: normalizedAxes }, (_, i) => -1 - i);
  return normalized(x!, axes, epsilon).mul(weight!).add(bias!);
}

function groupNorm({ input: x, weight, bias }: Inputs, { groups, epsilon }: Layer) {
  const [batch, channels, ...spatial] = x!.shape as [number, number, ...number[]];
  const grouped = x!.reshape([batch, groups, channels / groups, ...spatial]);
  const axes = grouped.shape.map((_, i) => i).slice(2);
  const whole = normalized(grouped, axes, epsilon).reshape(x!.shape);
  return whole.mul(perChannel(weight!, x!)).add(perChannel(bias!, x!));
}

function batchNorm({ input: x, weight, bias }: Inputs, layer: Layer) {
  const { epsilon, training, runningBefore } = layer;
  const axes = x!.shape.map((_, i) => i).filter((i) => i !== 1);
  const [mean, variance] = [runningBefore.mean, runningBefore.variance].map((v) =>
    perChannel(constantOf(v), x!),
  ) as [Tensor, Tensor];
  const whole = training
    ? normalized(x!, axes, epsilon)
    : x!.sub(mean).div(variance.add(epsilon).sqrt());
  return whole.mul(perChannel(weight!, x!)).add(perChannel(bias!, x!));
}

function attention({ query, key, value }: Inputs, { causal, additiveMask }: Layer) {
  const scores = query!.matmul(key!.transpose([0, 1, 3, 2])).mul(query!.shape[3]! ** -0.5);
  const [queries, keys] = [query!.shape[2]!, key!.shape[2]!];
  const index = (n: number) => constant(Array.from({ length: n }, (_, i) => i));
  const later = index(keys).greater(index(queries).reshape([queries, 1]));
  const masked = causal
    ? later.where(Number.NEGATIVE_INFINITY, scores)
    : additiveMask
      ? scores.add(constantOf(additiveMask))
      : scores;
  return masked.softmax(-1).matmul(value!);
}

const layers: Record<string, (inputs: Inputs, layer: Layer) => Tensor> = {
  layerNorm,
  groupNorm,
  batchNorm,
  attention,
  embedding: ({ indices, weight }) => weight!.gather(0, indices!),
  softmax: ({ input: x }, { axis }) => x!.softmax(axis),
  logSoftmax: ({ input: x }, { axis }) => x!.logSoftmax(axis),
  logSumExp: ({ input: x }, { axis }) => x!.logSumExp(axis),
  cumulativeSum: ({ input: x }, { axis }) => x!.cumulativeSum(axis),
  resize: ({ input: x }, { size, mode }) => resize(x!, size, mode),
};

const exact = ["embedding", "softmax", "logSoftmax", "logSumExp", "cumulativeSum"];
const fixtures = readFixture<Record<string, Layer[]>>("normalization");

for (const [name, layer] of Object.entries(layers)) {
  describe(name, () => {
    for (const [i, fixture] of fixtures[name]!.entries()) {
      test(`case ${i}`, () => {
        const feeds = fixture.inputs;
        const inputs = inputsOf(feeds);
        if (feeds["indices"]) inputs["indices"] = input("indices", feeds["indices"].shape, "int32");
        const output = layer(inputs, fixture);
        return expectLayer(
          fixture,
          inputs,
          output,
          feeds,
          exact.includes(name) ? EXACT : undefined,
        );
      });
    }
  });
}
