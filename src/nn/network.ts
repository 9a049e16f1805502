// Networks between a row and a hidden vector, both ways: multilayer and convolutional.
import { ElboError } from "../base/errors.ts";
import { concat, type Tensor } from "../graph/index.ts";
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

/** An image's channels × height × width. */
export type ImageShape = readonly [channels: number, height: number, width: number];

/** What an encoder sees of a row: numbers, and an image. */
export interface NetworkInput {
  /** `(batch, n)`; null for none. */
  flat: Tensor | null;
  /** `(batch, C·H·W)`; null for none. */
  image: { x: Tensor; shape: ImageShape } | null;
}

/** What a decoder emits for a row: so many numbers, and an image. */
export interface NetworkOutput {
  flat: number;
  image: ImageShape | null;
}

const sizeOfImage = ([channels, height, width]: ImageShape) => channels * height * width;

/** Dense layers one after another, `(batch, n)` to the last size. */
export function mlp(
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

function needsImage(): ElboError {
  return new ElboError({
    code: "network-spec",
    kind: "usage",
    message: "a conv network needs images, received numbers alone",
    hint: "Use --network mlp:SIZE,… for tables.",
  });
}

/** Side by side, what there is of both. */
export function beside(...parts: readonly (Tensor | null)[]): Tensor {
  const there = parts.filter((part) => part !== null);
  return there.length === 1 ? there[0]! : concat(there, 1);
}

/** A row to a hidden vector `(batch, hidden)`. */
export function encoderNetwork(
  parameters: Parameters,
  { flat, image }: NetworkInput,
  spec: NetworkSpec,
  activation: Activation,
): Tensor {
  if (spec.kind === "mlp") {
    return mlp(parameters, "encoder", beside(image?.x ?? null, flat), spec.hidden, activation);
  }
  if (!image) throw needsImage();
  for (const side of image.shape.slice(1)) halvings(side, spec.channels.length);
  const features = spec.channels.reduce(
    (h, channels, i) =>
      activate(
        convolution(parameters, `encoder.conv${i}`, h, { channels, ...HALVING }),
        activation,
      ),
    image.x.reshape([image.x.shape[0]!, ...image.shape]),
  );
  const size = features.shape.slice(1).reduce((product, d) => product * d, 1);
  const folded = beside(features.reshape([features.shape[0]!, size]), flat);
  return mlp(parameters, "encoder", folded, spec.dense, activation);
}

/** A latent `(batch, n)` to the numbers asked for; mirrors the encoder. */
export function decoderNetwork(
  parameters: Parameters,
  z: Tensor,
  spec: NetworkSpec,
  output: NetworkOutput,
  activation: Activation,
): { flat: Tensor | null; image: Tensor | null } {
  const inner = spec.kind === "mlp" ? spec.hidden : spec.dense;
  const hidden = mlp(parameters, "decoder", z, inner.toReversed(), activation);
  if (spec.kind === "mlp") {
    const image = output.image ? sizeOfImage(output.image) : 0;
    const all = linear(parameters, "decoder.output", hidden, image + output.flat);
    if (image === 0) return { flat: all, image: null };
    if (output.flat === 0) return { flat: null, image: all };
    const [first, rest] = all.split(1, [image, output.flat]) as [Tensor, Tensor];
    return { flat: rest, image: first };
  }
  const flat = output.flat > 0 ? linear(parameters, "decoder.output", hidden, output.flat) : null;
  if (!output.image) return { flat, image: null };
  const [channels, height, width] = output.image;
  const depth = spec.channels.length;
  const [heights, widths] = [halvings(height, depth), halvings(width, depth)];
  const folded = [spec.channels.at(-1)!, heights.at(-1)!, widths.at(-1)!] as const;
  const unfolded = linear(parameters, "decoder.unfold", hidden, sizeOfImage(folded));
  const rows = z.shape[0]!;
  let h = activate(unfolded, activation).reshape([rows, ...folded]);
  for (let i = depth - 1; i >= 0; i--) {
    const layer = {
      channels: i === 0 ? channels : spec.channels[i - 1]!,
      ...HALVING,
      outputPadding: [heights[i]! - 2 * heights[i + 1]!, widths[i]! - 2 * widths[i + 1]!],
    };
    h = transposedConvolution(parameters, `decoder.conv${i}`, h, layer);
    if (i > 0) h = activate(h, activation);
  }
  return { flat, image: h.reshape([rows, sizeOfImage(output.image)]) };
}
