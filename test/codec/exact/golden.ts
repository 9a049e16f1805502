// Graphs of fixed weights and inputs, and what is computed of them as SHA-256 of its bytes. Imports
// nothing of Node, so that a page computes the same.
import { exactProgram } from "#elbo/codec/exact/program.js";
import { BATCH, concat, input, parameter, type Tensor } from "#elbo/graph/index.js";
import { Random } from "#elbo/runtime/random.js";

const random = new Random(20_261_126);

/** Weights of ±`bound`, by the parameters' names. */
class Weights {
  readonly values = new Map<string, Float32Array>();

  make(shape: readonly number[], bound: number): Tensor {
    const step = this.values.size;
    const size = shape.reduce((p, d) => p * d, 1);
    const drawn = random.uniform(1, step, size).map((u) => (2 * u - 1) * bound);
    this.values.set(`w${step}`, drawn);
    return parameter(`w${step}`, shape);
  }

  dense(x: Tensor, outputs: number): Tensor {
    const weight = this.make([x.shape[1]!, outputs], 0.25);
    return x.matmul(weight).add(this.make([outputs], 0.125));
  }
}

const x = input("x", [BATCH, 49], "uint8");

/** A VAE's encoder and decoder, and densities of what they give. */
function mlp(weights: Weights): Record<string, Tensor> {
  const h = weights.dense(x.cast("float32").div(255).sub(0.5), 37).gelu();
  const centered = h.sub(h.mean(1, true));
  const normal = centered.mul(centered.square().mean(1, true).add(1e-5).pow(-0.5));
  const [mean, logVariance] = weights.dense(normal, 14).split(1, [7, 7]) as [Tensor, Tensor];
  const z = mean.add(
    logVariance
      .mul(0.5)
      .exp()
      .mul(input("noise", [BATCH, 7])),
  );
  const out = weights.dense(weights.dense(z, 41).tanh(), 49);
  const scale = out.softplus();
  return {
    mean,
    logVariance,
    probabilities: out.sigmoid(),
    levels: out.reshape([BATCH, 7, 7]).softmax(-1),
    density: scale.log().add(scale.lgamma()).sub(out.square().div(scale)).sum(1),
    cumulative: out.mul(Math.SQRT1_2).erf().cumulativeSum(1),
    wave: out.mul(1000).sin().add(out.cos()),
    likeliest: out.argmax(1),
  };
}

function convolutions(weights: Weights): Record<string, Tensor> {
  const picture = x
    .cast("float32")
    .mul(1 / 256)
    .reshape([BATCH, 1, 7, 7]);
  const halved = picture.conv(weights.make([6, 1, 4, 4], 0.5), { stride: 2, padding: 1 });
  const h = halved.add(weights.make([6, 1, 1], 0.5)).relu();
  const deep = h.conv(weights.make([9, 6, 3, 3], 0.25), { padding: 1 }).elu();
  const options = { stride: 2, padding: 1, outputPadding: 1 };
  const whole = deep.convTranspose(weights.make([9, 2, 4, 4], 0.25), options);
  const line = deep.reshape([BATCH, 9, 9]).conv(weights.make([5, 9, 3], 0.25), { dilation: 2 });
  return {
    whole,
    peaks: concat([whole.max([2, 3]), whole.min([1, 3]), line.prod(1)], 1),
    best: line.reshape([BATCH, 25]).topK(5).indices,
  };
}

const graphs = { mlp, convolutions };

/** The SHA-256 of all outputs of each graph, of five rows and of one. */
export async function golden(): Promise<Record<string, string>> {
  const digests: Record<string, string> = {};
  for (const [name, build] of Object.entries(graphs)) {
    const weights = new Weights();
    const program = exactProgram(build(weights), weights.values);
    for (const batch of [5, 1]) {
      const bytes = Uint8Array.from(random.bits(2, 0, 49 * batch), (word) => word & 255);
      const noise = random.normal(3, 0, 7 * batch);
      const results = Object.values(program.run({ x: bytes, noise }, batch));
      const blob = new Blob(results.map(({ buffer }) => buffer as ArrayBuffer));
      const digest = await crypto.subtle.digest("SHA-256", await blob.arrayBuffer());
      const hex = Array.from(new Uint8Array(digest), (b) => b.toString(16).padStart(2, "0"));
      digests[`${name}, batch ${batch}`] = hex.join("");
    }
  }
  return digests;
}
