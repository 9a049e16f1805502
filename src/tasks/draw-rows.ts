// Values of a group's fields drawn from the likelihood, row by row.
import type { Group } from "../fields/groups/index.ts";
import { showsMean } from "../models/row-draws.ts";
import type { Draws } from "../runtime/sequence.ts";

/**
 * Draws of one group, one row after the other; each row has its own random numbers.
 * @param parameters what the likelihood takes; the expected values where there is none.
 */
export function drawRows(
  group: Group,
  parameters: readonly Float32Array[],
  rows: number,
  draws: readonly Draws[],
): Float32Array {
  const { values, likelihood } = group;
  if (likelihood === null) return parameters[0]!.slice();
  if (showsMean(group)) return parameters[0]!.map((logit) => 1 / (1 + Math.exp(-logit)));
  const out = new Float32Array(rows * values);
  for (let row = 0; row < rows; row++) {
    const own = parameters.map((all) => {
      const width = all.length / rows;
      return all.subarray(row * width, (row + 1) * width);
    });
    likelihood.sample(own, out.subarray(row * values, (row + 1) * values), draws[row]!);
  }
  return out;
}
