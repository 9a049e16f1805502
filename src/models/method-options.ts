// The options of methods: what their papers leave to choose, with defaults and limits.
import { ElboError } from "../base/errors.ts";
import { nearest } from "../base/suggest.ts";

export interface NumberOption {
  type: "number";
  default: number;
  min: number;
  max: number;
  integer?: boolean;
  /** Another option's name, and the choices of it that this one belongs to; left out: all. */
  of?: readonly [name: string, choices: readonly string[]];
  about: string;
}

export interface ChoiceOption {
  type: "choice";
  default: string;
  choices: readonly string[];
  about: string;
}

export type OptionSpecs = Readonly<Record<string, NumberOption | ChoiceOption>>;

export type OptionValues<Specs extends OptionSpecs> = {
  readonly [K in keyof Specs]: Specs[K] extends ChoiceOption ? Specs[K]["choices"][number] : number;
};

type Limits = Partial<Pick<NumberOption, "min" | "max" | "integer" | "of">>;

/** A number, 0 or more unless its limits say otherwise. */
export function number(about: string, value: number, limits: Limits = {}): NumberOption {
  return { type: "number", about, default: value, min: 0, max: Number.MAX_VALUE, ...limits };
}

/** One of some words, the first by default. */
export function choice<const Words extends readonly [string, ...string[]]>(
  about: string,
  choices: Words,
) {
  return { type: "choice", about, default: choices[0], choices } as const;
}

export function refuse(message: string, hint: string): ElboError {
  return new ElboError({ code: "method-option", kind: "usage", message, hint });
}

function checked(method: string, name: string, spec: OptionSpecs[string], value: unknown) {
  if (spec.type === "choice") {
    if (typeof value === "string" && spec.choices.includes(value)) return value;
    const close = nearest(String(value), spec.choices);
    throw refuse(
      `${name} of ${method} is one of ${spec.choices.join(", ")}, received ${value}`,
      close ? `Did you mean ${close}?` : `Leave it out for ${spec.default}.`,
    );
  }
  const { min, max, integer = false } = spec;
  const read = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  const fits = typeof read === "number" && read >= min && read <= max;
  if (fits && (!integer || Number.isInteger(read))) return read;
  const upper = max === Number.MAX_VALUE ? "on" : `to ${max}`;
  throw refuse(
    `${name} of ${method} is a ${integer ? "whole number" : "number"} from ${min} ${upper}, received ${value}`,
    `Leave it out for ${spec.default}.`,
  );
}

/** Whether an option has a part in a method as it is chosen. */
export function takesPart(
  spec: OptionSpecs[string],
  chosen: Readonly<Record<string, number | string>>,
): boolean {
  if (spec.type === "choice" || spec.of === undefined) return true;
  const [name, choices] = spec.of;
  return choices.includes(String(chosen[name]));
}

/**
 * The options of a method with defaults for what is left out; numbers may come as texts.
 * @throws ElboError `method-option` of one that the method has not, of a value outside its limits, or
 * of one that has no part in the method as it is chosen and another value than its default.
 */
export function resolveOptions(
  method: string,
  specs: OptionSpecs,
  given: Readonly<Record<string, number | string>>,
): Record<string, number | string> {
  const names = Object.keys(specs);
  for (const name of Object.keys(given)) {
    if (names.includes(name)) continue;
    const close = nearest(name, names);
    throw refuse(
      names.length === 0
        ? `the method ${method} has no options of its own, received ${name}`
        : `the method ${method} has the options ${names.join(", ")}, received ${name}`,
      close ? `Did you mean ${close}?` : `elbo methods ${method} shows them.`,
    );
  }
  const chosen = Object.fromEntries(
    Object.entries(specs).map(([name, spec]) => [
      name,
      checked(method, name, spec, given[name] ?? spec.default),
    ]),
  );
  for (const [name, spec] of Object.entries(specs)) {
    if (chosen[name] === spec.default || takesPart(spec, chosen)) continue;
    const [other, choices] = (spec as NumberOption).of!;
    throw refuse(
      `${name} of ${method} belongs to ${other} ${choices.join(" or ")}, and ${other} is ${chosen[other]}`,
      `Give --method-option ${other}=${choices[0]}, or leave ${name} out.`,
    );
  }
  return chosen;
}
