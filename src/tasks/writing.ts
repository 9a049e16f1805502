// Texts are written symbol by symbol: a graph of one place, run once for each, gives the next symbol's
// logits from what its layers keep of those before.
import { availableParallelism } from "node:os";
import type { Group, Written } from "../fields/groups/index.ts";
import { keptInput, placeInput, writtenInput } from "../fields/layout.ts";
import { END } from "../fields/tokens.ts";
import { toOnnx } from "../graph/index.ts";
import { keptName, LOGITS, OUTPUTS, writingGraph } from "../models/writing-graph.ts";
import { Runner } from "../runtime/runner.ts";
import { deviceOf, type Run, type TaskOptions } from "./run.ts";

/** Which code follows, by the logits of all. */
export type Choose = (logits: Float32Array, row: number) => number;

/** The most probable code; of equals the first. */
export const mostProbable: Choose = (logits) => {
  let best = 0;
  for (let code = 1; code < logits.length; code++) if (logits[code]! > logits[best]!) best = code;
  return best;
};

/** Rows that are written together: what is kept of them should stay in a cache. */
const ROWS = 256;

/** Writes the texts of one group. */
class Writer {
  readonly #group: Group;
  readonly #written: Written;
  readonly #runner: Runner;

  constructor(group: Group, written: Written, runner: Runner) {
    this.#group = group;
    this.#written = written;
    this.#runner = runner;
  }

  /** Codes `(rows, places)` of rows' outputs, `(rows, outputs)`. */
  async write(outputs: Float32Array, rows: number, choose: Choose): Promise<Float32Array> {
    const { places } = this.#written;
    const codes = new Float32Array(rows * places).fill(END);
    for (let first = 0; first < rows; first += ROWS) {
      const count = Math.min(ROWS, rows - first);
      const size = outputs.length / rows;
      const own = outputs.subarray(first * size, (first + count) * size);
      const part = codes.subarray(first * places, (first + count) * places);
      await this.#writeSome(own, part, count, (logits, row) => choose(logits, first + row));
    }
    return codes;
  }

  async #writeSome(outputs: Float32Array, codes: Float32Array, rows: number, choose: Choose) {
    const runner = this.#runner;
    const { places, depth } = this.#written;
    const { layout } = this.#group;
    const view = (name: string) => runner.memory.view(runner.inputs.get(name)!);
    view(OUTPUTS).set(outputs);
    runner.clear();
    const [place, last] = [view(placeInput(layout)), view(writtenInput(layout)).fill(END)];
    const open = new Uint8Array(rows).fill(1);
    for (let at = 0; at < places && open.includes(1); at++) {
      place.fill(at);
      await runner.run(rows);
      const logits = runner.output(LOGITS);
      for (let row = 0; row < rows; row++) {
        if (open[row] === 0) continue;
        const code = choose(logits.subarray(row * depth, (row + 1) * depth), row);
        codes[row * places + at] = code;
        last[row] = code;
        if (code === END) open[row] = 0;
      }
    }
  }

  release(): Promise<void> {
    return this.#runner.release();
  }
}

/** Writes the texts of all groups that have some to be written. */
export class Writers {
  readonly #writers: ReadonlyMap<Group, Writer>;

  constructor(writers: ReadonlyMap<Group, Writer>) {
    this.#writers = writers;
  }

  /**
   * Codes of each group's texts, `(rows, places)`.
   * @param outputs of a group, `(rows, outputs)`: what writing takes.
   */
  async write(
    rows: number,
    outputs: (group: Group) => Float32Array,
    choose: Choose,
  ): Promise<Map<Group, Float32Array>> {
    const codes = new Map<Group, Float32Array>();
    for (const [group, writer] of this.#writers) {
      codes.set(group, await writer.write(outputs(group), rows, choose));
    }
    return codes;
  }

  async release(): Promise<void> {
    for (const writer of this.#writers.values()) await writer.release();
  }
}

/** What writes the texts of these groups of a run, at most so many rows at a time. */
export async function writersFor(
  run: Run,
  groups: readonly Group[],
  rows: number,
  options: TaskOptions,
): Promise<Writers> {
  const writers = new Map<Group, Writer>();
  for (const group of groups) {
    const { written, layout } = group;
    if (!written) continue;
    const graph = writingGraph(group);
    const kept = Object.keys(graph).length - 1;
    const carried = new Map(
      Array.from({ length: kept }, (_, i) => [keptName(i), keptInput(layout, i)]),
    );
    const runner = await Runner.create(await deviceOf(options), toOnnx(graph, run.weights), {
      batch: Math.min(ROWS, rows),
      threads: options.threads ?? availableParallelism(),
      carried,
    });
    writers.set(group, new Writer(group, written, runner));
  }
  return new Writers(writers);
}
