// Networks between a field's values and a hidden vector, both ways: multilayer and convolutional.
import { ElboError } from "../base/errors.ts";
import type { Tensor } from "../graph/index.ts";
import { type Activation, activate, convolution, linear, transposedConvolution } from "./layers.ts";
import type { Parameters } from "./parameters.ts";

/** `mlp:512,256`: hidden sizes from the data inwards; the decoder mirrors them. `linear`: none. */
export interface MlpSpec {
  kind: "mlp";
  hidden: readonly number[];
}

/** `conv:32,64/256`: channels of each halving convolution, then sizes of dense layers. */
export interface ConvNetSpec {
  kind: "conv";
  channels: readonly number[];
  dense: readonly number[];
}

export type NetworkSpec = MlpSpec | ConvNetSpec;

const DEFAULT_DENSE = [256];
/** Kernel 4 with stride 2 and padding 1 halves an even side, and every tap is used equally. */
const HALVING = { kernel: 4, stride: 2, padding: 1 };

function badSpec(text: string): ElboError {
  return new ElboError({
    code: "network-spec",
    kind: "usage",
    message: `a network is linear, mlp:SIZE,… or conv:CHANNELS,…[/DENSE,…], received "${text}"`,
    hint: "For example --network mlp:512,256 for tables, --network conv:32,64 for images.",
  });
}

export function parseNetwork(text: string): NetworkSpec {
  if (text === "linear") return { kind: "mlp", hidden: [] };
  const [, kind, first, second] = /^(mlp|conv):([\d,]+)(?:\/([\d,]+))?$/.exec(text) ?? [];
  if (!kind || (kind === "mlp" && second !== undefined)) throw badSpec(text);
  const sizes = (list: string) => {
    const numbers = list.split(",").map(Number);
    if (numbers.some((n) => !Number.isInteger(n) || n < 1)) throw badSpec(text);
    return numbers;
  };
  if (kind === "mlp") return { kind, hidden: sizes(first!) };
  return { kind: "conv", channels: sizes(first!), dense: second ? sizes(second) : DEFAULT_DENSE };
}

export function formatNetwork(spec: NetworkSpec): string {
  if (spec.kind === "mlp") return spec.hidden.length ? `mlp:${spec.hidden.join(",")}` : "linear";
  return `conv:${spec.channels.join(",")}/${spec.dense.join(",")}`;
}

/** What a network sees: a vector of `size` values, or an image of channels × height × width. */
export type DataShape = readonly [size: number] | readonly [number, number, number];

function mlp(
  parameters: Parameters,
  name: string,
  x: Tensor,
  sizes: readonly number[],
  activation: Activation,
): Tensor {
  return sizes.reduce(
    (h, size, i) => activate(linear(parameters, `${name}.dense${i}`, h, size), activation),
    x,
  );
}

/** Heights (or widths) from the image inwards, after each halving. */
function halvings(size: number, times: number): number[] {
  const sizes = [size];
  for (let i = 0; i < times; i++) sizes.push(Math.floor((sizes.at(-1)! - 2) / 2) + 1);
  if (sizes.at(-1)! < 1) {
    throw new ElboError({
      code: "network-spec",
      kind: "usage",
      message: `${times} halving convolutions need a side of at least ${2 ** times} pixels, received ${size}`,
      hint: "Give the network fewer convolutions.",
    });
  }
  return sizes;
}

function imageShape(shape: DataShape): readonly [number, number, number] {
  if (shape.length === 3) return shape;
  throw new ElboError({
    code: "network-spec",
    kind: "usage",
    message: `a conv network needs images, received rows of ${shape[0]} numbers`,
    hint: "Use --network mlp:SIZE,… for tables.",
  });
}

/** `(batch, size)` or `(batch, channels, height, width)` to a hidden vector `(batch, hidden)`. */
export function encoderNetwork(
  parameters: Parameters,
  x: Tensor,
  spec: NetworkSpec,
  shape: DataShape,
  activation: Activation,
): Tensor {
  const size = shape.reduce((product, d) => product * d, 1);
  if (spec.kind === "mlp") {
    return mlp(parameters, "encoder", x.reshape([-1, size]), spec.hidden, activation);
  }
  const [, ...sides] = imageShape(shape);
  for (const side of sides) halvings(side, spec.channels.length);
  const features = spec.channels.reduce(
    (h, channels, i) =>
      activate(
        convolution(parameters, `encoder.conv${i}`, h, { channels, ...HALVING }),
        activation,
      ),
    x.reshape([-1, ...shape]),
  );
  const flat = features.shape.slice(1).reduce((product, d) => product * d, 1);
  return mlp(parameters, "encoder", features.reshape([-1, flat]), spec.dense, activation);
}

/** A latent `(batch, latent)` to one output a value, `(batch, size)`: mirrors the encoder. */
export function decoderNetwork(
  parameters: Parameters,
  z: Tensor,
  spec: NetworkSpec,
  shape: DataShape,
  activation: Activation,
): Tensor {
  const size = shape.reduce((product, d) => product * d, 1);
  if (spec.kind === "mlp") {
    const hidden = mlp(parameters, "decoder", z, spec.hidden.toReversed(), activation);
    return linear(parameters, "decoder.output", hidden, size);
  }
  const [channels, height, width] = imageShape(shape);
  const depth = spec.channels.length;
  const [heights, widths] = [halvings(height, depth), halvings(width, depth)];
  const inner = [spec.channels.at(-1)!, heights.at(-1)!, widths.at(-1)!] as const;
  const hidden = mlp(parameters, "decoder", z, spec.dense.toReversed(), activation);
  const unfolded = linear(parameters, "decoder.unfold", hidden, inner[0] * inner[1] * inner[2]);
  let h = activate(unfolded, activation).reshape([-1, ...inner]);
  for (let i = depth - 1; i >= 0; i--) {
    const layer = {
      channels: i === 0 ? channels : spec.channels[i - 1]!,
      ...HALVING,
      outputPadding: [heights[i]! - 2 * heights[i + 1]!, widths[i]! - 2 * widths[i + 1]!],
    };
    h = transposedConvolution(parameters, `decoder.conv${i}`, h, layer);
    if (i > 0) h = activate(h, activation);
  }
  return h.reshape([-1, size]);
}
