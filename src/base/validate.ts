// Checks of options that people give, each with an error that names the option.
import { ElboError } from "./errors.ts";
import { nearest } from "./suggest.ts";

export interface NumberRule {
  /** Default −∞, and included. */
  min?: number;
  /** Default ∞, and included. */
  max?: number;
  /** Whether `min` itself is refused. */
  above?: boolean;
  integer?: boolean;
  /** What to do instead. Default: another value, or none, which is for options with a default. */
  hint?: string;
}

/** The number, or a usage error `option-value` that says what the option takes. */
export function checkNumber(option: string, value: number, rule: NumberRule): number {
  const { min = -Infinity, max = Infinity, above = false, integer = false, hint } = rule;
  const inside = value <= max && (above ? value > min : value >= min);
  if (Number.isFinite(value) && inside && (!integer || Number.isInteger(value))) return value;
  const bounds = [
    min > -Infinity ? `${above ? "above" : "of at least"} ${min}` : "",
    max < Infinity ? `${min > -Infinity ? "and " : ""}at most ${max}` : "",
  ];
  const kind = integer ? "a whole number" : "a number";
  throw new ElboError({
    code: "option-value",
    kind: "usage",
    message: `${option} takes ${[kind, ...bounds].filter(Boolean).join(" ")}, received ${value}`,
    hint: hint ?? `Give ${option} another value, or leave it out for the default.`,
  });
}

/**
 * The value as one of `choices`, or a usage error with a hint.
 * @param known the hint where the value is known by another name; default: the nearest is suggested.
 */
export function checkChoice<Choice extends string>(
  option: string,
  value: string,
  choices: readonly Choice[],
  known?: string,
): Choice {
  const found = choices.find((choice) => choice === value);
  if (found !== undefined) return found;
  const guess = nearest(value, choices);
  throw new ElboError({
    code: "option-value",
    kind: "usage",
    message: `${option} is one of ${choices.join(", ")}; received "${value}"`,
    hint: known ?? (guess ? `Did you mean ${guess}?` : `Choose one of ${choices.join(", ")}.`),
  });
}
