// A value of a field as people write it, for messages.
import type { ModelledField } from "./field.ts";

const DAY_MS = 86_400_000;

/** Of levels the first, of times the mean; of other fields a word that stands for one. */
export function exampleOf(field: ModelledField): string {
  if ("levels" in field) return field.levels[0] ?? "VALUE";
  if (field.kind !== "time") return "VALUE";
  return new Date(field.mean * DAY_MS).toISOString().slice(0, field.date ? 10 : 16);
}
