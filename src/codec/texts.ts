// Texts symbol by symbol: each by what the decoder makes of those before it, or of the latents alone where it
// gives all at once. A text's end is a symbol, and nothing is written behind it.
import type { Group } from "../fields/groups/index.ts";
import { keptInput, placeInput, writtenInput } from "../fields/layout.ts";
import { END } from "../fields/tokens.ts";
import { sizeOf, type Tensor } from "../graph/index.ts";
import { keptName, LOGITS, OUTPUTS } from "../models/writing-graph.ts";
import type { Coder } from "./ans/coder.ts";
import { type ExactProgram, exactProgram } from "./exact/program.ts";

/** Logits of the next symbol of rows, `(rows, depth)`, given the one before; places one after the other. */
type Next = (place: number, before: Float64Array) => Float32Array;

export class TextCoder {
  readonly #group: Group;
  readonly #program: ExactProgram | null;
  /** Numbers of a row that each layer keeps of the symbols before. */
  readonly #kept: number[];
  readonly #depth: number;

  /** @param writing one symbol from those before; null where the decoder gives all at once. */
  constructor(
    group: Group,
    writing: Readonly<Record<string, Tensor>> | null,
    weights: ReadonlyMap<string, Float32Array>,
  ) {
    this.#group = group;
    this.#depth = group.likelihood!.parameters[0]!.size;
    this.#kept = Object.entries(writing ?? {})
      .filter(([name]) => name !== LOGITS)
      .map(([, { shape }]) => sizeOf(shape.slice(1)));
    this.#program = writing && exactProgram(writing, weights);
  }

  #next(parameter: Float32Array, rows: number): Next {
    const { values, layout } = this.#group;
    const depth = this.#depth;
    const program = this.#program;
    if (!program) {
      return (place) => {
        const logits = new Float32Array(rows * depth);
        for (let row = 0; row < rows; row++) {
          const at = (row * values + place) * depth;
          logits.set(parameter.subarray(at, at + depth), row * depth);
        }
        return logits;
      };
    }
    let kept: Record<string, Float32Array | Int32Array> | null = null;
    return (place, before) => {
      const found = program.run(
        {
          [OUTPUTS]: parameter,
          [placeInput(layout)]: new Int32Array(rows).fill(place),
          [writtenInput(layout)]: Int32Array.from(before),
          ...(kept ?? this.#nothingKept(rows)),
        },
        rows,
      );
      kept = Object.fromEntries(
        this.#kept.map((_, i) => [keptInput(layout, i), found[keptName(i)]!]),
      );
      return found[LOGITS] as Float32Array;
    };
  }

  /** What layers keep before the first symbol: zeros. */
  #nothingKept(rows: number): Record<string, Float32Array> {
    return Object.fromEntries(
      this.#kept.map((size, i) => [
        keptInput(this.#group.layout, i),
        new Float32Array(rows * size),
      ]),
    );
  }

  /** @param codes `(rows, places)`. @param present 1 where a row has a text, at all of its places. */
  push(coder: Coder, parameter: Float32Array, codes: Float64Array, present: Uint8Array): void {
    const { values } = this.#group;
    const rows = codes.length / values;
    const next = this.#next(parameter, rows);
    const steps: { logits: Float32Array; codes: Float64Array; open: Uint8Array }[] = [];
    let open = present.filter((_, i) => i % values === 0);
    let before = new Float64Array(rows).fill(END);
    for (let place = 0; place < values && open.includes(1); place++) {
      const own = Float64Array.from({ length: rows }, (_, row) => codes[row * values + place]!);
      steps.push({ logits: next(place, before), codes: own, open });
      open = open.map((one, row) => (one && own[row] !== END ? 1 : 0));
      before = own;
    }
    for (const step of steps.reverse()) {
      coder.push(this.#distribution(step.logits), step.codes, step.open);
    }
  }

  /** The reverse: codes, ends behind them. */
  pop(coder: Coder, parameter: Float32Array, rows: number, present: Uint8Array): Float64Array {
    const { values } = this.#group;
    const next = this.#next(parameter, rows);
    const codes = new Float64Array(rows * values).fill(END);
    let open = present.filter((_, i) => i % values === 0);
    let before: Float64Array = new Float64Array(rows).fill(END);
    for (let place = 0; place < values && open.includes(1); place++) {
      const own = coder.pop(this.#distribution(next(place, before)), rows, open);
      for (let row = 0; row < rows; row++) if (open[row]) codes[row * values + place] = own[row]!;
      open = open.map((one, row) => (one && own[row] !== END ? 1 : 0));
      before = own;
    }
    return codes;
  }

  #distribution(logits: Float32Array) {
    return { family: "categorical", levels: this.#depth, parameters: [logits] } as const;
  }
}
