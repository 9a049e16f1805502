// Random expressions of many operators, for what simplification shares, folds and fuses.
import { BATCH, constant, type Tensor } from "#elbo/graph/index.js";
import type { Draw } from "../draw.ts";

const WIDTH = 3;

/** Ways to make a further `(batch, WIDTH)` tensor of those at hand, none of them growing values. */
const steps: readonly ((d: Draw, pool: readonly Tensor[]) => Tensor)[] = [
  (d, pool) => d.pick(pool).add(d.pick(pool)).mul(0.5),
  (d, pool) => d.pick(pool).sub(d.pick(pool)).tanh(),
  (d, pool) => d.pick(pool).mul(d.pick(pool)).sigmoid(),
  (d, pool) => d.pick(pool).maximum(d.pick(pool)),
  (d, pool) => d.pick(pool).softplus().neg().exp(),
  (d, pool) => d.pick(pool).softmax(1),
  // What changes nothing, and constants that fold.
  (d, pool) =>
    d
      .pick(pool)
      .add(0)
      .mul(1)
      .div(constant([1]))
      .sub(constant(0).neg()),
  (d, pool) =>
    d
      .pick(pool)
      .mul(constant(2).log().mul(constant(0.5).exp()))
      .neg()
      .neg(),
  (d, pool) => d.pick(pool).transpose().transpose().reshape([WIDTH, BATCH]).reshape([BATCH, WIDTH]),
  // The same expression made again.
  (d, pool) => {
    const [x, y] = [d.pick(pool), d.pick(pool)];
    return x.mul(y).tanh().add(x.mul(y).tanh()).mul(0.5);
  },
  // Broadcasts, written out or not.
  (d, pool) =>
    d
      .pick(pool)
      .add(d.real([WIDTH]).broadcastTo([BATCH, WIDTH]))
      .tanh(),
  (d, pool) =>
    d.pick(pool).mean(1, true).broadcastTo([BATCH, WIDTH]).exp().mul(d.pick(pool)).tanh(),
  (d, pool) =>
    d
      .pick(pool)
      .mul(d.real([]))
      .add(d.real([1, WIDTH]))
      .sigmoid(),
  // Products: transposed or not, with a bias on either side, used once or twice.
  (d, pool) =>
    d
      .pick(pool)
      .matmul(d.real([WIDTH, WIDTH]))
      .add(d.real([WIDTH]))
      .tanh(),
  (d, pool) =>
    d
      .real([1, WIDTH])
      .add(d.pick(pool).matmul(d.real([WIDTH, WIDTH]).transpose()))
      .tanh(),
  (d, pool) => {
    const product = d
      .pick(pool)
      .transpose()
      .transpose()
      .matmul(d.real([WIDTH, WIDTH]));
    return product
      .add(d.real([WIDTH]))
      .mul(product.add(d.pick(pool)))
      .tanh();
  },
  (d, pool) => {
    const across = d.pick(pool).transpose().matmul(d.pick(pool)).mul(0.1).tanh();
    return across.transpose().matmul(d.pick(pool).transpose()).transpose().tanh();
  },
  (d, pool) => {
    const columns = d.pick(pool).matmul(d.real([WIDTH, 1]));
    return columns
      .add(d.real([1]))
      .tanh()
      .mul(d.pick(pool));
  },
  // Products of one row, to which more is added than a bias.
  (d, pool) =>
    d
      .real([1, WIDTH])
      .matmul(d.real([WIDTH, WIDTH]))
      .add(d.pick(pool))
      .tanh(),
  (d, pool) =>
    d
      .pick(pool)
      .matmul(d.real([WIDTH, WIDTH]))
      .add(d.real([2, 1, 1]))
      .tanh()
      .sum(0)
      .mul(0.5),
  // A sum of products.
  (d, pool) => {
    const [v, w] = [d.real([WIDTH, WIDTH]), d.real([WIDTH, WIDTH])];
    return d.pick(pool).matmul(v).add(d.pick(pool).matmul(w)).tanh();
  },
];

/** A `(batch, 3)` tensor of up to six steps. */
export function expression(d: Draw): Tensor {
  const pool: Tensor[] = [d.real([BATCH, WIDTH]), d.real([BATCH, WIDTH])];
  for (let i = d.int(1, 6); i > 0; i--) pool.push(d.pick(steps)(d, pool));
  return pool.at(-1)!.add(pool.at(-2)!);
}
