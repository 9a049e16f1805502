// Networks between a row and a hidden vector, both ways: multilayer, with convolutions before it for
// images. What goes before it for texts stands in ./texts/network.ts.
import { ElboError } from "../base/errors.ts";
import { nearest } from "../base/suggest.ts";
import { concat, type Tensor } from "../graph/index.ts";
import { HEAD } from "./attention.ts";
import { type Activation, activate, convolution, linear, transposedConvolution } from "./layers.ts";
import type { Parameters } from "./parameters.ts";
import type { TextNetwork } from "./texts/network.ts";

/** `mlp:512,256`: hidden sizes from the data inwards; the decoder mirrors them. `linear`: none. */
export interface MlpSpec {
  kind: "mlp";
  hidden: readonly number[];
}

/**
 * `conv:32,64/256`: channels of each halving convolution of images and texts, then sizes of dense
 * layers. `resnet:32,64/256`: the same of images, with residual blocks after each.
 */
export interface ConvNetSpec {
  kind: "conv";
  channels: readonly number[];
  dense: readonly number[];
  /** Residual blocks of each size; left out: none. */
  blocks?: number;
}

/** `transformer:64x2/256`: width and number of the blocks of texts, then sizes of dense layers. */
export interface TransformerSpec {
  kind: "transformer";
  width: number;
  layers: number;
  dense: readonly number[];
}

export type NetworkSpec = MlpSpec | ConvNetSpec | TransformerSpec;

const DEFAULT_DENSE = [256];
/** Residual blocks of each size, where their number is left out. */
const DEFAULT_BLOCKS = 2;
/** Kernel 4 with stride 2 and padding 1 halves an even side, and every tap is used equally. */
const HALVING = { kernel: 4, stride: 2, padding: 1 };

const kinds = ["linear", "mlp", "conv", "resnet", "transformer"];

function badSpec(text: string): ElboError {
  const [word, ...rest] = text.split(":") as [string, ...string[]];
  const close = kinds.includes(word) ? undefined : nearest(word, kinds);
  return new ElboError({
    code: "network-spec",
    kind: "usage",
    message: `a network is linear, mlp:SIZE,…, conv:CHANNELS,…[/DENSE,…], resnet:CHANNELS,…[xBLOCKS][/DENSE,…] or transformer:WIDTHxLAYERS[/DENSE,…] with a WIDTH up to ${HEAD} or in steps of it, received "${text}"`,
    hint: close
      ? `Did you mean ${[close, ...rest].join(":")}?`
      : "For example --network mlp:512,256 for tables, --network conv:32,64 for images and texts, --network resnet:32,64 for images, --network transformer:64x2 for texts.",
  });
}

export function parseNetwork(text: string): NetworkSpec {
  if (text === "linear") return { kind: "mlp", hidden: [] };
  const [, kind, first, second] =
    /^(mlp|conv|resnet|transformer):([\d,x]+)(?:\/([\d,]+))?$/.exec(text) ?? [];
  if (!kind || (kind === "mlp" && second !== undefined)) throw badSpec(text);
  const sizes = (list: string, separator = ",") => {
    const numbers = list.split(separator).map(Number);
    if (numbers.some((n) => !Number.isInteger(n) || n < 1)) throw badSpec(text);
    return numbers;
  };
  if (kind === "mlp") return { kind, hidden: sizes(first!) };
  const dense = second ? sizes(second) : DEFAULT_DENSE;
  if (kind === "conv") return { kind, channels: sizes(first!), dense };
  if (kind === "resnet") {
    const [channels, count, ...more] = first!.split("x") as [string, ...string[]];
    if (more.length > 0) throw badSpec(text);
    const [blocks] = count === undefined ? [DEFAULT_BLOCKS] : sizes(count);
    return { kind: "conv", channels: sizes(channels), dense, blocks: blocks! };
  }
  const [width, layers, ...more] = sizes(first!, "x");
  if (layers === undefined || more.length > 0 || (width! > HEAD && width! % HEAD !== 0))
    throw badSpec(text);
  return { kind: "transformer", width: width!, layers, dense };
}

export function formatNetwork(spec: NetworkSpec): string {
  if (spec.kind === "mlp") return spec.hidden.length ? `mlp:${spec.hidden.join(",")}` : "linear";
  const dense = spec.dense.join(",");
  if (spec.kind === "conv") {
    const channels = spec.channels.join(",");
    return spec.blocks ? `resnet:${channels}x${spec.blocks}/${dense}` : `conv:${channels}/${dense}`;
  }
  return `transformer:${spec.width}x${spec.layers}/${dense}`;
}

/** What texts go through beside other networks than those of texts. */
const DEFAULT_TEXTS: TextNetwork = { kind: "conv", channels: [64, 64, 64] };

/** The network of a model's texts. */
export function textNetwork(spec: NetworkSpec): TextNetwork {
  return spec.kind === "mlp" ? DEFAULT_TEXTS : spec;
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

/** Dense layers one after another, `(batch, n)` to the last size. @param gain see `linear`. */
export function mlp(
  parameters: Parameters,
  name: string,
  x: Tensor,
  sizes: readonly number[],
  activation: Activation,
  gain = 1,
): Tensor {
  return sizes.reduce((h, size, i) => {
    const layer = `${name}.dense${i}`;
    const output = activate(linear(parameters, layer, h, size, gain), activation);
    return parameters.layer(layer, output);
  }, x);
}

/**
 * Residual blocks x + f(x), f two 3 × 3 convolutions before each of which comes the activation (He et
 * al. 2016, Identity Mappings in Deep Residual Networks). The second begins at 0, so that a block
 * begins as nothing: that trains deep networks without normalisation (Zhang et al. 2019, Fixup).
 */
function residuals(
  parameters: Parameters,
  name: string,
  x: Tensor,
  { blocks = 0 }: ConvNetSpec,
  activation: Activation,
): Tensor {
  const layer = { channels: x.shape[1]!, kernel: 3, padding: 1 };
  let h = x;
  for (let b = 0; b < blocks; b++) {
    const part = `${name}.block${b}`;
    const inner = convolution(parameters, `${part}.first`, activate(h, activation), layer);
    const after = activate(inner, activation);
    h = h.add(convolution(parameters, `${part}.second`, after, { ...layer, zero: true }));
  }
  return h;
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

/** Refuses a network that has a part for what rows do not have. */
export function checkNetwork(spec: NetworkSpec, has: { images: boolean; texts: boolean }): void {
  const residual = spec.kind === "conv" && !!spec.blocks;
  const fits =
    spec.kind === "mlp" || (has.texts && !residual) || (spec.kind === "conv" && has.images);
  if (fits) return;
  const needs = residual ? "images" : spec.kind === "conv" ? "images or texts" : "texts";
  throw new ElboError({
    code: "network-spec",
    kind: "usage",
    message: `a ${residual ? "resnet" : spec.kind} network needs ${needs}, received ${has.images ? "images" : "numbers"} alone`,
    hint: has.images ? "Use --network conv:CHANNELS,…" : "Use --network mlp:SIZE,… for tables.",
  });
}

/** Side by side, what there is of both. */
export function beside(...parts: readonly (Tensor | null)[]): Tensor {
  const there = parts.filter((part) => part !== null);
  return there.length === 1 ? there[0]! : concat(there, 1);
}

const innerSizes = (spec: NetworkSpec) => (spec.kind === "mlp" ? spec.hidden : spec.dense);

/** A row to a hidden vector `(batch, hidden)`. */
export function encoderNetwork(
  parameters: Parameters,
  { flat, image }: NetworkInput,
  spec: NetworkSpec,
  activation: Activation,
): Tensor {
  if (spec.kind !== "conv" || !image) {
    return mlp(parameters, "encoder", beside(image?.x ?? null, flat), innerSizes(spec), activation);
  }
  for (const side of image.shape.slice(1)) halvings(side, spec.channels.length);
  const features = spec.channels.reduce(
    (h, channels, i) => {
      const layer = `encoder.conv${i}`;
      const halved = convolution(parameters, layer, h, { channels, ...HALVING });
      const output = residuals(parameters, layer, activate(halved, activation), spec, activation);
      return parameters.layer(layer, output);
    },
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
  const hidden = mlp(parameters, "decoder", z, innerSizes(spec).toReversed(), activation);
  if (spec.kind !== "conv" || !output.image) {
    const image = output.image ? sizeOfImage(output.image) : 0;
    const all = linear(parameters, "decoder.output", hidden, image + output.flat);
    if (image === 0) return { flat: all, image: null };
    if (output.flat === 0) return { flat: null, image: all };
    const [first, rest] = all.split(1, [image, output.flat]) as [Tensor, Tensor];
    return { flat: rest, image: first };
  }
  const flat = output.flat > 0 ? linear(parameters, "decoder.output", hidden, output.flat) : null;
  const [channels, height, width] = output.image;
  const depth = spec.channels.length;
  const [heights, widths] = [halvings(height, depth), halvings(width, depth)];
  const folded = [spec.channels.at(-1)!, heights.at(-1)!, widths.at(-1)!] as const;
  const unfolded = linear(parameters, "decoder.unfold", hidden, sizeOfImage(folded));
  const rows = z.shape[0]!;
  let h = activate(unfolded, activation).reshape([rows, ...folded]);
  for (let i = depth - 1; i >= 0; i--) {
    h = residuals(parameters, `decoder.conv${i}`, h, spec, activation);
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
