// Positive columns behind a hurdle: a zero has a probability of its own, and no logarithm.
import type { PositiveField } from "./field.ts";

export const HURDLE = "hurdle-log-normal";

/** Where a zero stands beside the others' logarithms: in deviations from their mean. */
export const ZERO_AT = -3;

export const hasHurdle = ({ likelihood }: PositiveField): boolean => likelihood === HURDLE;

/** Whether zeros are among what the field can be. */
export const takesZero = (field: PositiveField): boolean => field.offset > 0 || hasHurdle(field);

/** The logarithm of a raw value, by which its distance from others is told. */
export function logOf({ offset, mean, deviation }: PositiveField, raw: number): number {
  return raw + offset > 0 ? Math.log(raw + offset) : mean + ZERO_AT * deviation;
}
