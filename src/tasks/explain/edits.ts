// The values that a field of a row may be changed to, and how large a change is.
import type { ModelledField } from "../../fields/field.ts";
import { logOf } from "../../fields/hurdle.ts";
import { elementsOf } from "../../fields/layout.ts";
import type { PackedRows } from "../../fields/pack.ts";
import { type Cell, denseOf } from "../detect/repair.ts";

const DAY_MS = 86_400_000;
/** Values of numbers that are tried, at equal shares of the rows. */
const CANDIDATES = 15;

export const isLevel = ({ kind }: ModelledField): boolean =>
  kind === "categorical" || kind === "ordinal" || kind === "binary";

/** A cell's packed value; null where it is missing. */
export function packedAt(packed: PackedRows, cell: Cell, row: number): number[] | null {
  const values = denseOf(packed, cell.group);
  const start = row * cell.group.layout.elements + cell.element;
  const own = Array.from(values.subarray(start, start + elementsOf(cell.field)));
  const gap = own.some((value) => Number.isNaN(value) || value < -(2 ** 30));
  return gap ? null : own;
}

export function setAt(packed: PackedRows, cell: Cell, row: number, value: readonly number[]): void {
  denseOf(packed, cell.group).set(value, row * cell.group.layout.elements + cell.element);
}

/** A packed value as the data has it. */
export function rawOf(field: ModelledField, packed: readonly number[]): number | string {
  const [value, rest = 0] = packed as [number, number?];
  if (field.kind === "time") return value * DAY_MS + rest;
  if (field.kind !== "categorical" && field.kind !== "ordinal") return value;
  const level = field.levels[value] ?? "";
  if (field.of === "text") return level;
  return field.of === "boolean" ? +(level === "true") : Number(level);
}

/** On the scale on which a deviation of the field is 1. */
function standard(field: ModelledField, packed: readonly number[]): number {
  const [value, rest = 0] = packed as [number, number?];
  if (field.kind === "real") return value / field.deviation;
  if (field.kind === "positive") return logOf(field, value) / field.deviation;
  if (field.kind === "count") return Math.log1p(value) / field.deviation;
  if (field.kind === "time") return (value + rest / DAY_MS) / field.deviation;
  return value;
}

/** Deviations that numbers go, on the network's scale; another level, or a value for a gap, is one. */
export function sizeOf(
  field: ModelledField,
  from: readonly number[] | null,
  to: readonly number[],
) {
  if (from === null) return 1;
  if (isLevel(field)) return +(from[0] !== to[0]);
  return Math.abs(standard(field, to) - standard(field, from));
}

/** Between two numbers of a field; whole where the field's are. */
export function between(
  field: ModelledField,
  from: readonly number[],
  to: readonly number[],
  share: number,
): number[] {
  const mixed = from.map((value, i) => value + share * (to[i]! - value));
  if (field.kind === "count") return mixed.map(Math.round);
  if (field.kind !== "time") return mixed;
  const days = mixed[0]! + (mixed[1] ?? 0) / DAY_MS;
  const whole = Math.floor(days);
  return [whole, field.date ? 0 : Math.round((days - whole) * DAY_MS)];
}

/** Values that others have: every level that a row has, numbers at equal shares of the rows. */
export function candidates(reference: PackedRows, cell: Cell): number[][] {
  const known = new Map<string, number[]>();
  for (let row = 0; row < reference.rows; row++) {
    const value = packedAt(reference, cell, row);
    if (value) known.set(value.join(), value);
  }
  const { field } = cell;
  const all = [...known.values()].sort((a, b) => standard(field, a) - standard(field, b));
  if (isLevel(field)) {
    const levels = "levels" in field ? field.levels.length : 2;
    return all.filter(([code]) => code! < levels);
  }
  if (all.length <= CANDIDATES) return all;
  return Array.from(
    { length: CANDIDATES },
    (_, k) => all[Math.round((k * (all.length - 1)) / (CANDIDATES - 1))]!,
  );
}
