// What the fields of one group are to a model: features in, log-probabilities and values out.
import type { Tensor } from "../../graph/index.ts";
import type { Activation } from "../../nn/layers.ts";
import type { Parameters } from "../../nn/parameters.ts";
import type { Decoding, TextNetwork } from "../../nn/texts/network.ts";
import type { Kept } from "../../nn/texts/view.ts";
import type { Likelihood } from "../../prob/likelihood.ts";
import type { ColumnValues } from "../columns.ts";
import type { GroupLayout } from "../layout.ts";

/** Packed rows as inputs of the graph. */
export interface Raw {
  /** `(batch, elements)`, 0 where missing. */
  rows: Tensor;
  /** 1 where a cell is there, `(batch, maskSize)`; null where all are. */
  mask: Tensor | null;
}

/** An image's channels × height × width. */
export type Picture = readonly [channels: number, height: number, width: number];

/** What holds for all groups of a model. */
export interface GroupOptions {
  /** What the decoder's location passes through for Gaussians and squared errors. */
  output: "linear" | "sigmoid";
  /** Whether dynamically binarised images come in as bits; if not, with their brightness. */
  drawn: boolean;
  activation: Activation;
  /** How texts are read, and how they are given. */
  texts: { network: TextNetwork; decoding: Decoding };
  /** Which of their cuts the texts of all rows fit in; null for whole ones. See `TextField`. */
  cut: number | null;
}

/** A text to be written. */
export interface Written {
  places: number;
  /** Codes that each place may have. */
  depth: number;
  /** Numbers that it takes of a row: what `drawn` and `expected` give. */
  outputs: number;
  /**
   * Logits of the next place's code, `(batch, depth)`, from those and the inputs `placeInput` and
   * `writtenInput`; and what is to be kept until the place after.
   */
  step(parameters: Parameters, outputs: Tensor): { logits: Tensor; kept: readonly Kept[] };
}

export interface Group {
  layout: GroupLayout;
  /** Values that a row gives the likelihood. */
  values: number;
  /** Whether `logProb` is of a probability mass on raw values. */
  mass: boolean;
  /** Whether its rows come as bits, drawn anew by their brightness. Left out: as they are. */
  bits?: boolean;
  /** The shape of `features`, where they are an image. */
  picture: Picture | null;
  /** Numbers that the decoder emits for a row; images channel by channel. */
  outputs: number;
  /** Where outputs are an image: its shape. */
  outputPicture: Picture | null;
  /** What the encoder sees: `(batch, n)`, 0 where missing. Gaps add the mask. */
  features(parameters: Parameters, raw: Raw): Tensor;
  /**
   * log p(raw | outputs) of each field in nats, `(batch, fields)`, 0 where missing; of squared
   * errors their negative sum, on the network's scale.
   */
  logProb(parameters: Parameters, raw: Raw, outputs: Tensor): Tensor;
  /** Raw values on the network's scale, `(batch, values)`; null where they have none (levels). */
  target(raw: Raw): Tensor | null;
  /**
   * log |d target / d raw| summed over a row's values, `(batch,)`: what makes a density of targets
   * one of raw values; null where raw values have a probability mass, or no likelihood.
   */
  logSlope(raw: Raw): Tensor | null;
  /** The least scale that a density may claim of each value, on the scale of targets. */
  leastScales: readonly number[];
  /** What the outputs say of them, on the same scale. */
  prediction(parameters: Parameters, outputs: Tensor, raw: Raw): Tensor | null;
  /**
   * Of texts whose places are given one after the other, each from those before it; `drawn` and
   * `expected` are then what writing takes. Null or missing of all else.
   */
  written?: Written | null;
  /**
   * Of texts: how many symbols are the most probable ones, of how many: `(batch,)`; of those given
   * in turn, each after the true ones before it.
   */
  hits?(parameters: Parameters, raw: Raw, outputs: Tensor): { right: Tensor; of: Tensor };
  /** The family of the likelihood; null for squared errors. */
  likelihood: Likelihood | null;
  /**
   * The likelihood's parameters, each with the batch first: what draws on the host take.
   * @param raw the row that outputs are of, or null for a new one.
   */
  drawn(parameters: Parameters, outputs: Tensor, raw: Raw | null): Tensor[];
  /** The expected values, or the most probable levels, `(batch, values)`, as `columns` takes them. */
  expected(parameters: Parameters, outputs: Tensor, raw: Raw | null): Tensor;
  /**
   * Raw values of each field, from the likelihood's own scale: `expected`'s, or draws of it.
   * @param values `(rows, values)`, row-major.
   */
  columns(values: Float32Array, rows: number): ColumnValues[];
}

/** Times the mask, where there is one. */
export function masked(x: Tensor, { mask }: Raw): Tensor {
  return mask ? x.mul(mask) : x;
}
