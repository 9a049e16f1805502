// Densities that have narrowed to next to nothing: a likelihood without a bound (Mattei and Frellsen
// 2018, "Leveraging the Exact Likelihood of Deep Latent Variable Models", §3).
import {
  type Field,
  type FieldSchema,
  isModelled,
  type ModelledField,
} from "../../fields/field.ts";
import { pixelFloor, SHARPEST } from "../../fields/groups/columns.ts";
import { layoutOf } from "../../fields/layout.ts";
import type { Weights } from "../checkpoint.ts";
import { type Diagnose, told } from "./course.ts";
import { BOUNDED_PIXELS } from "./remedies.ts";

/** In deviations of the column, or of an image in its pixels' range. */
const NARROW = 0.003;

/** The least scales that the densities of a group's learned ones may claim; null where none are learned. */
function floorsOf(field: ModelledField): readonly number[] | null {
  switch (field.kind) {
    case "positive":
      return [(field.resolution / field.deviation) * SHARPEST];
    case "real":
      return field.scale === "none" ? null : [(field.resolution / field.deviation) * SHARPEST];
    case "vector":
      return field.deviation.map((deviation) => (field.resolution / deviation) * SHARPEST);
    case "image":
      return [pixelFloor(field)];
    default:
      return null;
  }
}

/**
 * Learned scales of fields' densities that are below `NARROW`, in deviations of the column or of the place
 * of a vector, of which the narrowest counts, and of an image's pixels in their range.
 */
export function narrowScalesOf(schema: FieldSchema, weights: Weights): Record<string, number> {
  const narrow: Record<string, number> = {};
  for (const { name, fields } of layoutOf(schema)) {
    const logScales = weights.get(`decoder.${name}.logScale`);
    if (logScales === undefined) continue;
    let place = 0;
    for (const field of fields) {
      const floors = floorsOf(field);
      let scale = Infinity;
      // Columns have one each, whether it is looked at or not.
      for (const floor of floors ?? [0]) {
        scale = Math.min(scale, Math.exp(logScales[place++]!) + floor);
      }
      if (floors && scale < NARROW) narrow[field.name] = scale;
    }
  }
  return narrow;
}

/** Of whole fields, whose parts no option names. */
function advice(field: Field | undefined): { of: string; remedy: string } | null {
  if (field?.kind === "vector") {
    return {
      of: "deviation of a place of it",
      remedy: `Leave out of ${field.name} the places that never change, or that others give exactly, or give fewer --latent.`,
    };
  }
  if (field?.kind !== "image" || !isModelled(field)) return null;
  return {
    of: "range of its pixels",
    remedy: field.bytes
      ? `Give --likelihood ${field.name}=${BOUNDED_PIXELS}, which has a bound.`
      : "Give fewer --latent, or pixels as bytes, whose likelihoods have a bound.",
  };
}

export const narrowScales: Diagnose = ({ epochs, config }) => {
  const narrow = Object.entries(epochs.at(-1)?.figures.narrowScales ?? {});
  const [first] = narrow;
  if (!first) return null;
  const [name, scale] = first;
  const whole = advice(config.schema.fields.find((field) => field.name === name));
  const others = narrow.length > 1 ? `, and of ${narrow.length - 1} more columns` : "";
  return {
    code: "scale-degenerate",
    column: name,
    what: `the density of column ${name} has narrowed to ${told(scale)} of the ${whole?.of ?? "column's deviation"}${others}`,
    why: "the decoder gives the value all but exactly, from a latent that holds it or since other columns say the same; the loss is then of its last digits, and the other columns hardly count",
    remedy:
      whole?.remedy ?? `Give --ignore ${name} if others say the same, or --condition ${name}.`,
  };
};
