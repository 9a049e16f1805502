// What a sweep tries: ranges and choices of options, and each trial's values, drawn by the seed.
import { ElboError } from "../base/errors.ts";
import { Random, streams } from "../runtime/random.ts";

export type Axis = { name: string } & (
  | { kind: "range"; low: number; high: number; whole: boolean; log: boolean }
  | { kind: "choice"; choices: string[] }
);

/** Options that count something: of a range the whole numbers. */
const counts = ["latent", "epochs", "batch", "accumulate", "cycles", "patience", "seed", "window"];

/** A range over this factor is drawn evenly in its logarithm. */
const DECADE = 10;

function refused(part: string, why: string): ElboError {
  return new ElboError({
    code: "option-value",
    kind: "usage",
    message: `--search is OPTION=LOW..HIGH or OPTION=CHOICE|CHOICE, several with commas; ${why} in "${part}"`,
    hint: "For example --search 'latent=2..32,lr=1e-4..1e-2,network=mlp:64|mlp:256,128'.",
  });
}

/** `latent=2..32,beta=0.1..4,network=mlp:64|mlp:256`. A comma within a choice is the choice's. */
export function parseSearch(text: string): Axis[] {
  const axes = text.split(/,(?=[a-z][a-z-]*=)/).map(axisOf);
  const names = axes.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw refused(text, `${twice} comes twice`);
  return axes;
}

function axisOf(part: string): Axis {
  const [, name, values] = /^([a-z][a-z-]*)=(.+)$/.exec(part) ?? [];
  if (name === undefined || values === undefined) throw refused(part, "an option has no values");
  const [, from, to] = /^(\S+?)\.\.(\S+)$/.exec(values) ?? [];
  if (from === undefined || to === undefined) {
    const choices = values.split("|");
    if (choices.length < 2 || choices.includes("")) throw refused(part, "there is one choice");
    return { kind: "choice", name, choices };
  }
  const [low, high] = [Number(from), Number(to)];
  if (!Number.isFinite(low) || !Number.isFinite(high) || low >= high) {
    throw refused(part, "the numbers do not rise");
  }
  const whole = counts.includes(name);
  if (whole && !(Number.isInteger(low) && Number.isInteger(high))) {
    throw refused(part, `${name} takes whole numbers`);
  }
  return { kind: "range", name, low, high, whole, log: low > 0 && high / low >= DECADE };
}

/** A range's ends, or all choices: where none of them is refused, no draw is for its value alone. */
export function outermost(axis: Axis): string[] {
  return axis.kind === "choice" ? axis.choices : [String(axis.low), String(axis.high)];
}

/** The values of trial `trial`, counted from 0, as they would stand on the command line. */
export function drawTrial(
  axes: readonly Axis[],
  seed: number,
  trial: number,
): Record<string, string> {
  const draws = new Random(seed).uniform(streams.search, trial, axes.length);
  return Object.fromEntries(axes.map((axis, i) => [axis.name, drawnValue(axis, draws[i]!)]));
}

/** @param u uniform in (0, 1). */
function drawnValue(axis: Axis, u: number): string {
  if (axis.kind === "choice") {
    const { choices } = axis;
    return choices[Math.min(choices.length - 1, Math.floor(u * choices.length))]!;
  }
  const { low, high, whole, log } = axis;
  // Each whole number has its own stretch, the ends' as long as the others'.
  const [from, to] = whole ? [low - 0.5, high + 0.5] : [low, high];
  const value = log ? from * (to / from) ** u : from + (to - from) * u;
  if (!whole) return String(Math.min(high, Math.max(low, Number(value.toPrecision(4)))));
  return String(Math.min(high, Math.max(low, Math.round(value))));
}

/** Of the trials of a rung one in so many goes on, for so many times the epochs. */
const HALVING = 3;

/**
 * Successive halving (Jamieson and Talwalkar 2016, Non-stochastic Best Arm Identification and
 * Hyperparameter Optimization): how many trials each rung trains, and for what share of their epochs.
 * All begin, the best third of each rung goes on to the next, and the last one to its end.
 */
export function rungsOf(trials: number): { trials: number; share: number }[] {
  const counts = [trials];
  while (counts.at(-1)! > 1) counts.push(Math.ceil(counts.at(-1)! / HALVING));
  return counts.map((count, rung) => ({
    trials: count,
    share: HALVING ** (rung - counts.length + 1),
  }));
}
