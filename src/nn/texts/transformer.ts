// Texts through a transformer whose blocks normalise what they take (Xiong et al. 2020, On Layer
// Normalization in the Transformer Architecture, table 1, Pre-LN).
import type { Tensor } from "../../graph/index.ts";
import { attend, offered } from "../attention.ts";
import { type Activation, activate, layerNorm, linear } from "../layers.ts";
import type { Parameters } from "../parameters.ts";
import type { View } from "./view.ts";

/** Hidden numbers of a block's dense part, as a multiple of the width (Vaswani et al. 2017, §3.3). */
const WIDER = 4;
/** Queries that gather a text into a vector. */
const QUERIES = 4;

/**
 * Blocks over `(batch, places, width)`.
 * @param told of each block: what is added to its input, `(batch, width)`; null: nothing.
 */
export function transformed(
  parameters: Parameters,
  name: string,
  x: Tensor,
  told: readonly (Tensor | null)[],
  view: View,
  activation: Activation,
): Tensor {
  const width = x.shape[2]!;
  const blocks = told.reduce((input: Tensor, each, i) => {
    const block = `${name}.block${i}`;
    const h = each ? input.add(each.reshape([each.shape[0]!, 1, width])) : input;
    const normal = layerNorm(parameters, `${block}.norm`, h);
    const memory = view.memory(block, offered(parameters, block, normal));
    const mixed = h.add(attend(parameters, block, normal, memory));
    const inner = layerNorm(parameters, `${block}.innerNorm`, mixed);
    const wide = activate(linear(parameters, `${block}.wide`, inner, WIDER * width), activation);
    return mixed.add(linear(parameters, `${block}.narrow`, wide, width));
  }, x);
  return layerNorm(parameters, `${name}.norm`, blocks);
}

/** A learned place for each of `length`, added to symbols. */
export function placed(
  parameters: Parameters,
  name: string,
  view: View,
  length: number,
  width: number,
): Tensor {
  return view.rows(parameters.define(`${name}.place`, [length, width], { uniform: 0.1 }));
}

/**
 * `(batch, places, width)` as one vector: what a few learned queries see of it (Lee et al. 2019, Set
 * Transformer, equation 11).
 */
export function gathered(parameters: Parameters, name: string, x: Tensor, view: View): Tensor {
  const [rows, , width] = x.shape as [number, number, number];
  const queries = parameters.define(`${name}.queries`, [1, QUERIES, width], { uniform: 1 });
  const each = queries.broadcastTo([rows, QUERIES, width]);
  const memory = view.memory(`${name}.gather`, offered(parameters, `${name}.gather`, x));
  const seen = attend(parameters, `${name}.gather`, each, memory);
  return layerNorm(parameters, `${name}.gather.norm`, seen).reshape([rows, QUERIES * width]);
}
