// Whatever inputs a model's graph has, with values: rows of columns, masks, noise of each sort, and
// the scalars of a step.
import { noiseOf } from "#elbo/fields/layout.js";
import type { Tensor } from "#elbo/graph/index.js";
import { topological } from "#elbo/graph/tensor.js";
import { INVERSE_BATCH, KL_CAPACITY, KL_WEIGHT } from "#elbo/models/graphs.js";
import type { Parameters } from "#elbo/nn/parameters.js";
import { Random } from "#elbo/runtime/random.js";
import type { Feeds } from "../oracle/index.ts";

/** Each column's rows in another order: turned by one place more than the column before it. */
function turned(rows: number, width: number): number[] {
  return Array.from({ length: rows * width }, (_, i) => {
    const [row, j] = [Math.floor(i / width), i % width];
    return ((row + j + 1) % rows) * width + j;
  });
}

/**
 * @param outputs what the graph's inputs are those of.
 * @param scale times the parameters' first values, which are small.
 */
export function feedsFor(
  outputs: readonly Tensor[],
  parameters: Parameters,
  rows: number,
  { seed = 1, scale = 2, levels = 3 } = {},
): Feeds {
  const random = new Random(seed);
  const scalars: Record<string, number> = {
    [KL_WEIGHT]: 0.75,
    [KL_CAPACITY]: 0.5,
    [INVERSE_BATCH]: 1 / rows,
  };
  const inputs = topological(outputs).filter(({ operator }) => operator.name === "input");
  const fed = inputs.map(({ attributes, shape, dtype }): [string, Feeds[string]] => {
    const name = attributes["name"] as string;
    const dims = shape.map((d) => (d < 0 ? rows : d));
    const size = dims.reduce((product, d) => product * d, 1);
    // By the name, so that two models are fed alike.
    const stream =
      900 + [...name].reduce((sum, letter) => 31 * (sum % 1e6) + letter.charCodeAt(0), 0);
    const values = (): ArrayLike<number> & Iterable<number> => {
      if (name in scalars) return [scalars[name]!];
      const noise = noiseOf(name);
      if (noise?.sort === "permutation") return turned(rows, dims[1]!);
      if (noise?.sort === "uniform") return random.uniform(stream, 0, size);
      if (noise?.sort === "normal") return random.normal(stream, 0, size);
      if (name.startsWith("mask:")) return new Float64Array(size).fill(1);
      const even = random.uniform(stream, 0, size);
      if (name.startsWith("bits:")) return even.map((u) => Math.round(u));
      if (dtype === "uint8") return even.map((u) => Math.floor(256 * u));
      if (dtype === "int32") return even.map((u) => Math.floor(levels * u));
      return random.normal(stream, 0, size);
    };
    return [name, { shape: dims, data: values() }];
  });
  const begun = [...parameters.initialize(random)].map(
    ([name, values]): [string, Feeds[string]] => [
      name,
      { shape: [], data: Float64Array.from(values, (value) => scale * value) },
    ],
  );
  return Object.fromEntries([...fed, ...begun]);
}
