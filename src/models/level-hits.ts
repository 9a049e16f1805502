// Which fields have levels, and how many of a row's levels are told right.
import type { Group } from "../fields/groups/index.ts";
import { MANY_LEVELS } from "../fields/layout.ts";
import { constant, type Tensor } from "../graph/index.ts";
import type { Body, Part } from "./body.ts";

/** Whether a group's fields have levels, of which each has a probability. */
export function isLeveled({ layout: { fields } }: Group): boolean {
  const [{ kind }] = fields as [(typeof fields)[number]];
  return kind === "categorical" || kind === "ordinal" || kind === "binary";
}

/** Whether a group's levels are few enough to stand one by one. */
const hasPlainLevels = ({ group }: Part) =>
  isLeveled(group) &&
  group.layout.fields.every(
    (field) => !("levels" in field) || field.levels.length + 1 <= MANY_LEVELS,
  );

/** The groups of the data whose levels are told one by one. */
export const leveledParts = (body: Body) => body.of("data").filter(hasPlainLevels);

/** 1 where a level is there that training has seen, `(batch, fields)`. */
export function knownLevels({ group, raw }: Part): Tensor {
  const { fields } = group.layout;
  const there = raw.mask ?? raw.rows.cast("float32").mul(0).add(1);
  if (fields[0]!.kind === "binary") return there;
  const seen = fields.map((field) => ("levels" in field ? field.levels.length : 0));
  return there.mul(raw.rows.cast("float32").less(constant(seen)).cast("float32"));
}

/** Of each row, `(batch,)`: levels that are there, and how many of them are told; nothing without any. */
export function levelHits(parts: readonly Part[], told: (part: Part) => Tensor) {
  if (parts.length === 0) return {};
  const known = parts.map(knownLevels);
  const right = parts.map((part, i) =>
    told(part).equal(part.raw.rows.cast("float32")).cast("float32").mul(known[i]!),
  );
  const total = (all: readonly Tensor[]) =>
    all.map((each) => each.sum(1)).reduce((sum, each) => sum.add(each));
  return { levels: total(known), rightLevels: total(right) };
}
