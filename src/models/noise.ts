// The random numbers of a model as inputs of its graph: what reads them, ../data/store/feeder.ts
// fills, by the row's place alone. A model takes as many as it needs, each the next of its sort.
import { type NoiseSort, noiseInput } from "../fields/layout.ts";
import { BATCH, input, type Tensor } from "../graph/index.ts";

export class NoiseSource {
  readonly #taken = new Map<NoiseSort, number>();

  #next(sort: NoiseSort): string {
    const index = this.#taken.get(sort) ?? 0;
    this.#taken.set(sort, index + 1);
    return noiseInput(sort, index);
  }

  /** Standard normal numbers, `(batch, size)`. */
  normal(size: number): Tensor {
    return input(this.#next("normal"), [BATCH, size]);
  }

  /** Numbers even in [0, 1), `(batch, size)`. */
  uniform(size: number): Tensor {
    return input(this.#next("uniform"), [BATCH, size]);
  }

  /**
   * Each column of `x (batch, size)` with its rows in an order of its own. The gradient goes
   * nowhere: what is shuffled is taken as it is.
   */
  permuted(x: Tensor): Tensor {
    const size = x.shape[1]!;
    const places = input(this.#next("permutation"), [BATCH, size], "int32");
    return x.stopGradient().reshape([-size]).gather(0, places);
  }
}
