// The statistics of a text field: how frequent its symbols are, and how long its texts.
import type { TextField } from "./field.ts";
import { MISSING } from "./layout.ts";
import type { Measure } from "./measure-vector.ts";
import { codesOf, placesOf } from "./tokens.ts";

/** Numbers of places for batches: each is a graph of its own to compile, and a few get most. */
const MOST_CUTS = 5;
/** Lengths are told apart in steps of this many places. */
const STEP = 8;

export function measureText(field: TextField): Measure {
  const { length } = field;
  const codes = new Float64Array(codesOf(field));
  /** How many texts take so many steps. */
  const taken = new Float64Array(Math.ceil(length / STEP) + 1);
  let gaps = false;
  return {
    add(packed, rows) {
      const { values } = packed as { values: Int32Array };
      for (let row = 0; row < rows; row++) {
        const text = values.subarray(row * length, (row + 1) * length);
        if (text[0] === MISSING) {
          gaps = true;
          continue;
        }
        const places = placesOf(text);
        for (let i = 0; i < places; i++) codes[text[i]!]!++;
        taken[Math.ceil(places / STEP)]!++;
      }
    },
    finish() {
      const total = codes.reduce((sum, count) => sum + count, 0);
      const shares = [...codes].map((count) => count / Math.max(1, total));
      return {
        ...field,
        gaps,
        shares,
        cuts: bestCuts(taken).map((n) => Math.min(length, n * STEP)),
      };
    },
  };
}

/** The few sizes, the largest among them, that all texts fit in with the least padding. */
function bestCuts(taken: Float64Array): number[] {
  const last = taken.length - 1;
  /** The least places for texts of up to n steps, the largest size being n, with so many sizes. */
  let best = taken.map((_, n) => n * sum(taken, 0, n));
  const chosen: number[][] = [];
  for (let count = 1; count < MOST_CUTS; count++) {
    const before = best;
    const from = new Array<number>(last + 1).fill(0);
    best = before.map((cost, n) => {
      let least = cost;
      for (let m = 1; m < n; m++) {
        const split = before[m]! + n * sum(taken, m + 1, n);
        if (split < least) [least, from[n]] = [split, m];
      }
      return least;
    });
    chosen.push(from);
  }
  const cuts = [last];
  for (let count = chosen.length - 1; count >= 0; count--) {
    const next = chosen[count]![cuts[0]!]!;
    if (next > 0) cuts.unshift(next);
  }
  return cuts;
}

function sum(values: Float64Array, from: number, to: number): number {
  let total = 0;
  for (let i = from; i <= to; i++) total += values[i]!;
  return total;
}
