// Densities that have narrowed to next to nothing: a likelihood without a bound (Mattei and Frellsen
// 2018, "Leveraging the Exact Likelihood of Deep Latent Variable Models", §3).
import type { FieldSchema } from "../../fields/field.ts";
import { SHARPEST } from "../../fields/groups/columns.ts";
import { layoutOf } from "../../fields/layout.ts";
import type { Weights } from "../checkpoint.ts";
import { type Diagnose, told } from "./course.ts";

/** In deviations of the column. */
const NARROW = 0.003;

/** Learned scales of columns' densities that are below `NARROW`, in deviations of the column. */
export function narrowScalesOf(schema: FieldSchema, weights: Weights): Record<string, number> {
  const narrow: Record<string, number> = {};
  for (const { name, fields } of layoutOf(schema)) {
    const logScales = weights.get(`decoder.${name}.logScale`);
    for (const [j, field] of fields.entries()) {
      const scaled = field.kind === "positive" || (field.kind === "real" && field.scale !== "none");
      if (!scaled || logScales === undefined) continue;
      const floor = (field.resolution / field.deviation) * SHARPEST;
      const scale = Math.exp(logScales[j]!) + floor;
      if (scale < NARROW) narrow[field.name] = scale;
    }
  }
  return narrow;
}

export const narrowScales: Diagnose = ({ epochs }) => {
  const narrow = Object.entries(epochs.at(-1)?.figures.narrowScales ?? {});
  const [first] = narrow;
  if (!first) return null;
  const [name, scale] = first;
  const others = narrow.length > 1 ? `, and of ${narrow.length - 1} more columns` : "";
  return {
    code: "scale-degenerate",
    column: name,
    what: `the density of column ${name} has narrowed to ${told(scale)} of the column's deviation${others}`,
    why: "the decoder gives the value all but exactly, from a latent that holds it or since other columns say the same; the loss is then of its last digits, and the other columns hardly count",
    remedy: `Give --ignore ${name} if others say the same, or --condition ${name}.`,
  };
};
