// Convolutions over one or two spatial axes, and their transposes. Every gradient is itself one
// of the two, so that second derivatives need nothing more.
import { ElboError } from "../../base/errors.ts";
import { graphError } from "../errors.ts";
import type { Shape } from "../shape.ts";
import { type Attributes, apply, type Operator, Tensor } from "../tensor.ts";

export interface ConvolutionOptions {
  /** Step between windows, for each spatial axis or all. Default 1. */
  stride?: number | readonly number[];
  /** Zeros on both sides of each spatial axis. Default 0. */
  padding?: number | readonly number[];
  /** Step between the taps of a kernel. Default 1. */
  dilation?: number | readonly number[];
}

export interface TransposedConvolutionOptions extends ConvolutionOptions {
  /** Rows and columns added at the far end, to choose among output sizes: fewer than the stride. Default 0. */
  outputPadding?: number | readonly number[];
}

declare module "../tensor.ts" {
  interface Tensor {
    /** `(batch, in, …)` with kernel `(out, in, …)`: cross-correlation, `(batch, out, …)`. */
    conv(kernel: Tensor, options?: ConvolutionOptions): Tensor;
    /** `(batch, in, …)` with kernel `(in, out, …)`: the gradient of `conv` by its input. */
    convTranspose(kernel: Tensor, options?: TransposedConvolutionOptions): Tensor;
  }
}

interface Geometry {
  strides: readonly number[];
  padding: readonly number[];
  dilations: readonly number[];
}

function geometry(attributes: Attributes): Geometry {
  return attributes as unknown as Geometry;
}

/** The reach of a dilated kernel of `taps` taps. */
const reach = (taps: number, dilation: number) => dilation * (taps - 1) + 1;

function fits(x: Tensor, kernel: Tensor): boolean {
  const spatial = [...x.shape.slice(2), ...kernel.shape.slice(2)];
  return (
    (x.rank === 3 || x.rank === 4) &&
    kernel.rank === x.rank &&
    x.dtype === "float32" &&
    kernel.dtype === "float32" &&
    spatial.every((d) => d > 0)
  );
}

function outputAttributes(attributes: Attributes) {
  const { strides, padding, dilations } = geometry(attributes);
  return { strides, pads: [...padding, ...padding], dilations };
}

const conv: Operator = {
  name: "conv",
  infer([x, kernel], attributes) {
    const { strides, padding, dilations } = geometry(attributes);
    const spatial = x!.shape.slice(2).map((size, i) => {
      const room = size + 2 * padding[i]! - reach(kernel!.shape[i + 2] ?? 1, dilations[i]!);
      return Math.floor(room / strides[i]!) + 1;
    });
    if (!fits(x!, kernel!) || x!.shape[1] !== kernel!.shape[1] || spatial.some((d) => d < 1)) {
      throw graphError(
        "conv",
        "a float32 input (batch, in, …) and a kernel (out, in, …) no larger than the padded input",
        [x!, kernel!],
      );
    }
    return { shape: [x!.shape[0]!, kernel!.shape[0]!, ...spatial], dtype: "float32" };
  },
  gradient({ inputs, attributes, upstream }) {
    const [x, kernel] = inputs as [Tensor, Tensor];
    const { strides, padding, dilations } = geometry(attributes);
    const outputPadding = x.shape.slice(2).map((size, i) => {
      const covered = (upstream.shape[i + 2]! - 1) * strides[i]! - 2 * padding[i]!;
      return size - covered - reach(kernel.shape[i + 2]!, dilations[i]!);
    });
    return [
      apply(convTranspose, [upstream, kernel], { ...attributes, outputPadding }),
      kernelGradient(x, upstream, kernel.shape, attributes),
    ];
  },
  emit: (emitter, node) =>
    emitter.node("Conv", emitter.names(node), outputAttributes(node.attributes)),
};

/**
 * A convolution of the input with the output's gradient, batch and channels swapped and stride
 * and dilation exchanged; cropped, where the stride left part of the input unused.
 */
function kernelGradient(x: Tensor, upstream: Tensor, shape: Shape, attributes: Attributes): Tensor {
  const { strides, padding, dilations } = geometry(attributes);
  const order = x.shape.map((_, i) => (i === 0 ? 1 : i === 1 ? 0 : i));
  const gradient = apply(conv, [x.transpose(order), upstream.transpose(order)], {
    strides: dilations,
    padding,
    dilations: strides,
  });
  return shape
    .slice(2)
    .reduce<Tensor>((part, size, i) => part.slice(i + 2, 0, size), gradient.transpose(order));
}

const convTranspose: Operator = {
  name: "convTranspose",
  infer([x, kernel], attributes) {
    const { strides, padding, dilations } = geometry(attributes);
    const extra = attributes["outputPadding"] as number[];
    const spatial = x!.shape.slice(2).map((size, i) => {
      const covered = (size - 1) * strides[i]! - 2 * padding[i]!;
      return covered + reach(kernel!.shape[i + 2] ?? 1, dilations[i]!) + extra[i]!;
    });
    if (!fits(x!, kernel!) || x!.shape[1] !== kernel!.shape[0] || spatial.some((d) => d < 1)) {
      throw graphError(
        "convTranspose",
        "a float32 input (batch, in, …) and a kernel (in, out, …) larger than its padding",
        [x!, kernel!],
      );
    }
    return { shape: [x!.shape[0]!, kernel!.shape[1]!, ...spatial], dtype: "float32" };
  },
  gradient({ inputs, attributes, upstream }) {
    const [x, kernel] = inputs as [Tensor, Tensor];
    const { strides, padding, dilations } = geometry(attributes);
    return [
      apply(conv, [upstream, kernel], { strides, padding, dilations }),
      kernelGradient(upstream, x, kernel.shape, { strides, padding, dilations }),
    ];
  },
  emit: (emitter, node) =>
    emitter.node("ConvTranspose", emitter.names(node), {
      ...outputAttributes(node.attributes),
      output_padding: node.attributes["outputPadding"] as number[],
    }),
};

/** The two operators; each takes a bias of its output's channels as a third input. */
export const convolutionOperators: ReadonlySet<Operator> = new Set([conv, convTranspose]);

/** An option as one whole number for each spatial axis. */
function perAxis(
  name: string,
  value: number | readonly number[] | undefined,
  fallback: number,
  axes: number,
): number[] {
  const list = typeof value === "object" ? [...value] : new Array(axes).fill(value ?? fallback);
  if (list.length !== axes || list.some((v) => !Number.isInteger(v) || v < fallback)) {
    throw new ElboError({
      code: "shape",
      kind: "usage",
      message: `${name} expects a whole number of at least ${fallback} for each of ${axes} axes, received ${JSON.stringify(value)}`,
      hint: `Give one number, or ${axes}.`,
    });
  }
  return list;
}

function attributesOf(options: ConvolutionOptions, axes: number) {
  return {
    strides: perAxis("stride", options.stride, 1, axes),
    padding: perAxis("padding", options.padding, 0, axes),
    dilations: perAxis("dilation", options.dilation, 1, axes),
  };
}

Tensor.prototype.conv = function (kernel, options = {}) {
  return apply(conv, [this, kernel], attributesOf(options, Math.max(1, this.rank - 2)));
};

Tensor.prototype.convTranspose = function (kernel, options = {}) {
  const axes = Math.max(1, this.rank - 2);
  const attributes = attributesOf(options, axes);
  const outputPadding = perAxis("outputPadding", options.outputPadding, 0, axes);
  // Not of a stride or more: ONNX Runtime refuses it, and `conv` would make more windows of it.
  if (outputPadding.some((v, i) => v >= attributes.strides[i]!)) {
    const expects = `an outputPadding below the stride, not [${outputPadding}]`;
    throw graphError("convTranspose", expects, [this, kernel], "Choose a smaller outputPadding.");
  }
  return apply(convTranspose, [this, kernel], { ...attributes, outputPadding });
};
