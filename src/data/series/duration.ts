// Spans of time in words.
import { grouped } from "../../base/words.ts";

const units: readonly [number, string][] = [
  [86_400_000, "day"],
  [3_600_000, "hour"],
  [60_000, "minute"],
  [1000, "second"],
];

/** `5 minutes`, `1 day`: in the largest unit of which it is a whole number, else milliseconds. */
export function durationText(milliseconds: number): string {
  const [size, unit] = units.find(
    ([length]) => milliseconds > 0 && milliseconds % length === 0,
  ) ?? [1, "millisecond"];
  const count = milliseconds / size;
  return `${grouped(count)} ${unit}${count === 1 ? "" : "s"}`;
}
