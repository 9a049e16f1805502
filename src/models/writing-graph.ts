// The graph that writes a text, one place at a run.
import type { Group } from "../fields/groups/index.ts";
import { BATCH, input } from "../graph/index.ts";
import { Parameters } from "../nn/parameters.ts";

/** The input of `writingGraph`: what writing takes of a row, see `Written`. */
export const OUTPUTS = "outputs";
/** Its output: logits of the next place's code, `(batch, depth)`. */
export const LOGITS = "logits";
/** The name of what is kept i-th among its outputs: the next run's input `keptInput`. */
export const keptName = (i: number) => `kept/${i}`;

/** One place of a text from those before it. */
export function writingGraph(group: Group) {
  const written = group.written!;
  const outputs = input(OUTPUTS, [BATCH, written.outputs]);
  const { logits, kept } = written.step(new Parameters(), outputs);
  return {
    [LOGITS]: logits,
    ...Object.fromEntries(kept.map(({ after }, i) => [keptName(i), after])),
  };
}
