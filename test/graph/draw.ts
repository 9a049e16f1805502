// Random small graphs with the values to feed them, as fast-check draws them.
import fc from "fast-check";
import { BATCH, type Dim, input, parameter, type Shape, type Tensor } from "#elbo/graph/index.js";
import { concreteShape } from "#elbo/graph/shape.js";
import type { Feeds } from "../oracle/index.ts";
import { count } from "../oracle/value.ts";

type Generator = fc.GeneratorValue;

/** Deterministic whole numbers below `bound`: Marsaglia's xorshift32. */
function stream(seed: number): (bound: number) => number {
  let state = seed | 1;
  return (bound) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % bound;
  };
}

/**
 * Values between `low` and `low + 4 · scale` that float32 holds exactly, that never come near a
 * whole number, and that all differ: among themselves and from those of other tensors.
 */
function lattice(size: number, low: number, scale: number, offset: number, seed: number): number[] {
  const levels = Math.max(64, 2 ** Math.ceil(Math.log2(size)));
  const order = Array.from({ length: levels }, (_, i) => i);
  const below = stream(seed);
  for (let i = levels - 1; i > 0; i--) {
    const j = below(i + 1);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  const place = (level: number) => (level + (2 * (offset % 8) + 1) / 16) / levels;
  return order.slice(0, size).map((level) => low + 4 * scale * place(level));
}

interface Feed {
  shape: Shape;
  values(size: number): number[];
}

export interface Range {
  low?: number;
  scale?: number;
}

/** One example under construction: makes inputs and remembers what they are fed. */
export class Draw {
  readonly batch: number;
  /** The float32 inputs, by which the example is differentiated. */
  readonly reals: Tensor[] = [];
  readonly #generate: Generator;
  readonly #feeds = new Map<string, Feed>();

  constructor(generate: Generator) {
    this.#generate = generate;
    this.batch = this.int(1, 3);
  }

  int(min: number, max: number): number {
    return this.#generate(fc.integer, { min, max });
  }

  bool(): boolean {
    return this.int(0, 1) === 1;
  }

  pick<T>(options: readonly T[]): T {
    return options[this.int(0, options.length - 1)]!;
  }

  /** `rank` sizes of 1 to 3, the first often the batch. */
  shape(rank: number = this.int(1, 3)): Dim[] {
    const shape = Array.from({ length: rank }, () => this.int(1, 3));
    return rank > 0 && this.bool() ? shape.with(0, BATCH) : shape;
  }

  /** Two shapes that broadcast. */
  twoShapes(): [Dim[], Dim[]] {
    const whole = this.shape();
    const part = () => {
      const kept = whole.map((d) => (this.int(0, 3) === 0 ? 1 : d));
      return kept.slice(this.int(0, 3) === 0 ? this.int(0, kept.length) : 0);
    };
    return this.bool() ? [whole, part()] : [part(), whole];
  }

  axis(x: Tensor): number {
    return this.int(-x.rank, x.rank - 1);
  }

  /** Float32 values in [low, low + 4·scale), by default in [−2, 2): a parameter where shapes allow. */
  real(shape: Shape = this.shape(), { low = -2, scale = 1 }: Range = {}): Tensor {
    const [name, offset, seed] = [`x${this.reals.length}`, this.reals.length, this.#seed()];
    const isFixed = shape.every((d) => d >= 0);
    const x = isFixed && this.bool() ? parameter(name, shape) : input(name, shape);
    this.reals.push(x);
    this.#feeds.set(name, { shape, values: (size) => lattice(size, low, scale, offset, seed) });
    return x;
  }

  positive(shape?: Shape): Tensor {
    return this.real(shape, { low: 0.25 });
  }

  /** Whole int32 numbers from `low` up to, but not including, `end`. */
  whole(shape: Shape, low: number, end: number): Tensor {
    const [name, seed] = [`i${this.#feeds.size}`, this.#seed()];
    const values = (size: number) => {
      const below = stream(seed);
      return Array.from({ length: size }, () => low + below(end - low));
    };
    this.#feeds.set(name, { shape, values });
    return input(name, shape, "int32");
  }

  feeds(batch: number = this.batch): Feeds {
    const entries = [...this.#feeds].map(([name, { shape, values }]) => {
      const concrete = concreteShape(shape, batch);
      return [name, { shape: concrete, data: values(count(concrete)) }] as const;
    });
    return Object.fromEntries(entries);
  }

  #seed(): number {
    return this.int(1, 0x7fffffff);
  }
}

/** Builds a tensor from what `draw` gives. */
export type Case = (draw: Draw) => Tensor;

/** Runs `check` on `runs` examples of a case; the same ones at each call. */
export async function forExamples(
  example: Case,
  runs: number,
  check: (output: Tensor, draw: Draw) => void | Promise<void>,
  seed = 20_261_122,
): Promise<void> {
  const property = fc.asyncProperty(fc.gen(), async (generate) => {
    const draw = new Draw(generate);
    await check(example(draw), draw);
  });
  await fc.assert(property, { seed, numRuns: runs });
}
