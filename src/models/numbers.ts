// The numbers of a row's data side by side, on the network's scale: what errors are told on.
import type { Tensor } from "../graph/index.ts";
import { beside } from "../nn/network.ts";
import type { Body, Part } from "./body.ts";

/** The groups of the data that hold numbers, and not levels or texts. */
export function numericParts(body: Body): Part[] {
  return body.of("data").filter(({ group, raw }) => group.target(raw) !== null);
}

/** `(batch, n)`; null of none. */
export function numbersOf(parts: readonly Part[], value: (part: Part) => Tensor | null) {
  const all = parts.flatMap((part) => value(part) ?? []);
  return all.length === 0 ? null : beside(...all);
}

/** 1 where a number is there, `(batch, n)`. */
export function presence(parts: readonly Part[]): Tensor {
  return beside(...parts.map(({ group, raw }) => raw.mask ?? group.target(raw)!.mul(0).add(1)));
}

/** How many numbers of a row are there, `(batch,)`. */
export function presentIn(parts: readonly Part[], like: Tensor): Tensor {
  return parts
    .map(({ group, raw }) => (raw.mask ? raw.mask.sum(1) : like.mul(0).add(group.values)))
    .reduce((sum, each) => sum.add(each));
}
