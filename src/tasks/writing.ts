// Texts are decoded symbol by symbol: the graph is run once for each place, and gives the next
// symbol's logits from those written so far.
import type { Group } from "../fields/groups/index.ts";
import { writtenInput } from "../fields/layout.ts";
import { END } from "../fields/tokens.ts";
import type { Runner } from "../runtime/runner.ts";

/** Which code follows, by the logits of all. */
export type Choose = (logits: Float32Array, row: number) => number;

/** The most probable code; of equals the first. */
export const mostProbable: Choose = (logits) => {
  let best = 0;
  for (let code = 1; code < logits.length; code++) if (logits[code]! > logits[best]!) best = code;
  return best;
};

/**
 * Runs the graph on the first `rows` rows until all texts of `groups` have ended.
 * @param output the name of a group's logits among the graph's outputs.
 * @returns the codes of each group, `(rows, places)`.
 */
export async function writeTexts(
  runner: Runner,
  groups: readonly Group[],
  rows: number,
  output: (group: Group) => string,
  choose: Choose,
): Promise<Map<Group, Float32Array>> {
  const texts = groups.map((group) => {
    const { places, depth } = group.written!;
    const codes = runner.memory.view(runner.inputs.get(writtenInput(group.layout))!);
    codes.fill(END);
    return { group, places, depth, codes, open: new Uint8Array(rows).fill(1) };
  });
  const longest = Math.max(...texts.map(({ places }) => places));
  for (let place = 0; place < longest; place++) {
    await runner.run(rows);
    for (const { group, places, depth, codes, open } of texts) {
      if (place >= places) continue;
      const logits = runner.output(output(group));
      for (let row = 0; row < rows; row++) {
        if (open[row] === 0) continue;
        const at = row * places + place;
        const code = choose(logits.subarray(at * depth, (at + 1) * depth), row);
        codes[at] = code;
        if (code === END) open[row] = 0;
      }
    }
    if (texts.every(({ open, places }) => place + 1 >= places || !open.includes(1))) break;
  }
  return new Map(
    texts.map(({ group, places, codes }) => [
      group,
      Float32Array.from(codes.subarray(0, rows * places)),
    ]),
  );
}
