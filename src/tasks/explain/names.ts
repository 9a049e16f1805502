// A latent's name: the fields that it moves most, and which way.
import type { Evidence } from "./explain.ts";

/** A field belongs to the name from half of its deviation, or a twentieth of a nat. */
const LEAST = { deviations: 0.5, nats: 0.05 } as const;
/** What moves as far as it can: from one side to the other, and from one level to another. */
const MOST = { deviations: 4, nats: Math.log(2) } as const;
/** A column that is not decoded belongs to it from so many nats. */
const LEAST_INFORMATION = 0.2;
const FIELDS = 3;

const strength = ({ moves, unit }: Evidence) =>
  moves === null || unit === null ? 0 : moves / MOST[unit];

/** The name, and the fields with the strongest first. */
export function nameOf(
  evidence: readonly Evidence[],
  used: boolean,
): { name: string; fields: Evidence[] } {
  const fields = evidence.toSorted(
    (a, b) => strength(b) - strength(a) || (b.information ?? 0) - (a.information ?? 0),
  );
  if (!used) return { name: "unused", fields };
  const words = fields
    .filter(({ moves, unit, information }) =>
      unit === null ? (information ?? 0) >= LEAST_INFORMATION : moves! >= LEAST[unit],
    )
    .slice(0, FIELDS)
    .map(({ field, direction }) => (direction ? `${field} ${direction}` : field));
  return { name: words.join(", ") || "little of any field", fields };
}
