// Raw values to the network's scale and back, in the graph, so that an exported model keeps it.
import { BATCH, constant, input, type Tensor } from "../graph/index.ts";
import { rowLength, type Schema } from "./schema.ts";

/** Raw rows as the network sees them, and what the change of scale does to densities. */
export interface Encoded {
  /** `(batch, size)`; images channel by channel, from 0 to 1. */
  x: Tensor;
  /** Σ log |d network value / d raw value| of a row, in nats: added to log-densities of `x`. */
  logJacobian: number;
}

/** The name under which graphs take raw rows. */
export const ROWS = "rows";
/** Name of the input that holds drawn bits in the place of grey pixels. */
export const BITS = "bits";
/** Name of the input that holds the posterior's standard normal noise, `(batch, latent)`. */
export const NOISE = "noise";

function statistics(schema: Extract<Schema, { kind: "table" }>): [Tensor, Tensor] {
  return [
    constant(schema.fields.map((field) => field.mean)),
    constant(schema.fields.map((field) => field.standardDeviation)),
  ];
}

/** `(batch, H·W·C)` to `(batch, C·H·W)`, or back. */
function swapChannels(
  x: Tensor,
  schema: Extract<Schema, { kind: "image" }>,
  to: "first" | "last",
): Tensor {
  const [{ height, width, channels }] = schema.fields;
  if (channels === 1) return x;
  const pixels = height * width;
  const shape = to === "first" ? [BATCH, pixels, channels] : [BATCH, channels, pixels];
  return x
    .reshape(shape)
    .transpose([0, 2, 1])
    .reshape([BATCH, pixels * channels]);
}

/**
 * The raw rows as an input of the graph, encoded. With `drawn` the rows of a dynamically
 * binarised image come in as bits; without, such an image enters with its brightness.
 */
export function encodeRows(schema: Schema, drawn: boolean): Encoded {
  const size = rowLength(schema);
  if (schema.kind === "table") {
    const [mean, deviation] = statistics(schema);
    const x = input(ROWS, [BATCH, size]).sub(mean).div(deviation);
    const logs = schema.fields.map((field) => -Math.log(field.standardDeviation));
    return { x, logJacobian: logs.reduce((sum, log) => sum + log, 0) };
  }
  const [{ binarize }] = schema.fields;
  if (drawn && binarize === "dynamic") {
    const bits = input(BITS, [BATCH, size], "uint8").cast("float32");
    return { x: swapChannels(bits, schema, "first"), logJacobian: 0 };
  }
  const pixels = swapChannels(input(ROWS, [BATCH, size], "uint8").cast("float32"), schema, "first");
  if (binarize === "threshold") {
    return { x: pixels.greater(127.5).cast("float32"), logJacobian: 0 };
  }
  return { x: pixels.mul(1 / 255), logJacobian: -size * Math.log(255) };
}

/** Network values to raw ones: columns in their units, pixels from 0 to 255 (not rounded). */
export function decodeRows(schema: Schema, x: Tensor): Tensor {
  if (schema.kind === "table") {
    const [mean, deviation] = statistics(schema);
    return x.mul(deviation).add(mean);
  }
  return swapChannels(x.mul(255), schema, "last");
}
