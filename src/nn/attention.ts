// Attention of several heads (Vaswani et al. 2017, Attention Is All You Need, §3.2): every place takes
// a mean of all places' values, weighted by how well their keys fit its query.
import type { Tensor } from "../graph/index.ts";
import { linear, linearHeads } from "./layers.ts";
import type { Parameters } from "./parameters.ts";

/** Numbers of a head, at most: published models have 32 to 128. */
export const HEAD = 32;

/** Logits of what is not to be seen: their share is exactly 0 in float32. */
const HIDDEN = -1e9;

/** Keys `(batch, heads, size, n)` and values `(batch, heads, n, size)` of n places. */
export interface Memory {
  keys: Tensor;
  values: Tensor;
  /** Which of them a place may look at, bool, broadcast to `(batch, heads, places, n)`; null: all. */
  seen: Tensor | null;
}

/** `(batch, places, width)` in heads, axes in this order of batch, places, heads, size. */
function heads(x: Tensor, order: readonly number[]): Tensor {
  const [batch, places, width] = x.shape as [number, number, number];
  const count = Math.ceil(width / HEAD);
  return x.reshape([batch, places, count, width / count]).transpose(order);
}

/** What `(batch, places, width)` offers to look at. */
export function offered(parameters: Parameters, name: string, x: Tensor): Omit<Memory, "seen"> {
  const width = x.shape[2]!;
  const [keys, values] = linearHeads(parameters, `${name}.offer`, x, [width, width]) as [
    Tensor,
    Tensor,
  ];
  return { keys: heads(keys, [0, 2, 3, 1]), values: heads(values, [0, 2, 1, 3]) };
}

/** From queries `(batch, places, width)`: softmax(q kᵀ / √size) v of each head, mixed by a layer. */
export function attend(
  parameters: Parameters,
  name: string,
  x: Tensor,
  { keys, values, seen }: Memory,
): Tensor {
  const width = x.shape[2]!;
  const scale = 1 / Math.sqrt(keys.shape[2]!);
  const queries = heads(linear(parameters, `${name}.query`, x, width).mul(scale), [0, 2, 1, 3]);
  const scores = queries.matmul(keys);
  const shares = (seen ? seen.where(scores, HIDDEN) : scores).softmax(-1);
  const mean = shares.matmul(values).transpose([0, 2, 1, 3]);
  return linear(parameters, `${name}.mix`, mean.reshape([x.shape[0]!, x.shape[1]!, width]), width);
}
