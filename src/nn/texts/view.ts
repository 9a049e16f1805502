// What a layer over texts sees of other places than the ones at hand: those before, those around, or,
// when a text is written symbol by symbol, what was kept of those written.
import { BATCH, concat, constant, input, type Tensor } from "../../graph/index.ts";
import type { Memory } from "../attention.ts";

export interface View {
  /** Of `(length, width)` or `(batch, length, width)` the places at hand. */
  rows(table: Tensor): Tensor;
  /**
   * `(batch, places, width)` at the three places of a kernel with this dilation, side by side.
   * @param name of the layer, unique in the network.
   */
  taps(name: string, x: Tensor, dilation: number): Tensor;
  /** What all places offer that may be looked at, of what the ones at hand offer. */
  memory(name: string, offer: Omit<Memory, "seen">): Memory;
}

const range = (n: number) =>
  constant(
    Array.from({ length: n }, (_, i) => i),
    [n],
    "int32",
  );

function threeTaps(wide: Tensor, dilation: number, places: number): Tensor {
  const starts = [0, dilation, 2 * dilation];
  return concat(
    starts.map((start) => wide.slice(1, start, start + places)),
    2,
  );
}

/** All places at once, each seeing itself and those before. */
export function causal(places: number): View {
  const order = range(places);
  return {
    rows: (table) => table.slice(table.rank - 2, 0, places),
    taps: (_, x, dilation) => threeTaps(x.pad(1, 2 * dilation, 0), dilation, places),
    memory: (_, offer) => ({
      ...offer,
      seen: order.lessOrEqual(order.reshape([places, 1])),
    }),
  };
}

/**
 * All places at once, each seeing all.
 * @param open bool `(batch, places)`, false at places that nothing is at; null: all are.
 */
export function around(places: number, open: Tensor | null): View {
  return {
    rows: (table) => table.slice(table.rank - 2, 0, places),
    taps: (_, x, dilation) => threeTaps(x.pad(1, dilation, dilation), dilation, places),
    memory: (_, offer) => ({
      ...offer,
      seen: open?.reshape([open.shape[0]!, 1, 1, places]) ?? null,
    }),
  };
}

/** What the layers keep of the places written, from one to the next. */
export interface Kept {
  /** An input that is zeros at the first place, … */
  before: Tensor;
  /** … and its value at the next. */
  after: Tensor;
}

/** One place after those written: what `causal` sees of them, each seen once and kept. */
export class Writing implements View {
  readonly kept: Kept[] = [];
  readonly #place: Tensor;
  readonly #length: number;
  readonly #name: (i: number) => string;

  /**
   * @param place how many symbols are written, int32 `(batch,)`.
   * @param length places of a whole text.
   * @param name of the input that holds what is kept i-th.
   */
  constructor(place: Tensor, length: number, name: (i: number) => string) {
    this.#place = place;
    this.#length = length;
    this.#name = name;
  }

  #keep(shape: readonly number[], next: (before: Tensor) => Tensor): Kept {
    const before = input(this.#name(this.kept.length), [BATCH, ...shape]);
    const kept = { before, after: next(before) };
    this.kept.push(kept);
    return kept;
  }

  rows(table: Tensor): Tensor {
    if (table.rank === 2) return table.gather(0, this.#place).reshape([BATCH, 1, table.shape[1]!]);
    const here = this.#place.oneHot(this.#length).reshape([BATCH, 1, this.#length]);
    return here.matmul(table);
  }

  taps(_: string, x: Tensor, dilation: number): Tensor {
    const window = 2 * dilation;
    let wide = x;
    this.#keep([window, x.shape[2]!], (before) => {
      wide = concat([before, x], 1);
      return wide.slice(1, 1, window + 1);
    });
    return threeTaps(wide, dilation, 1);
  }

  memory(_: string, { keys, values }: Omit<Memory, "seen">): Memory {
    const length = this.#length;
    const [, heads, size] = keys.shape as [number, number, number];
    const here = range(length).equal(this.#place.reshape([BATCH, 1]));
    const at = (shape: readonly number[]) => here.reshape([BATCH, ...shape]);
    return {
      keys: this.#keep([heads, size, length], (before) => at([1, 1, length]).where(keys, before))
        .after,
      values: this.#keep([heads, length, size], (before) =>
        at([1, length, 1]).where(values, before),
      ).after,
      seen: range(length)
        .lessOrEqual(this.#place.reshape([BATCH, 1]))
        .reshape([BATCH, 1, 1, length]),
    };
  }
}
