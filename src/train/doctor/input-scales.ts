// How large real columns are where they enter the network.
import type { FieldSchema } from "../../fields/field.ts";
import { layoutOf } from "../../fields/layout.ts";
import type { PackedRows } from "../../fields/pack.ts";
import { Spread } from "../../metrics/spread.ts";
import type { InputScale } from "./course.ts";

/** Rows that are looked at. */
const ROWS = 1000;

/** Means and deviations of these rows' real columns on the network's scale. */
export function inputScales(schema: FieldSchema, { rows, groups }: PackedRows): InputScale[] {
  return layoutOf(schema).flatMap(({ name, fields }) => {
    const packed = groups.get(name);
    if (packed?.type !== "dense") return [];
    return fields.flatMap((field, j) => {
      // By ranks, every value is between −√3 and √3.
      if (field.kind !== "real" || field.scale === "quantile") return [];
      const spread = new Spread();
      for (let i = 0; i < Math.min(rows, ROWS); i++) {
        const value = packed.values[i * fields.length + j]!;
        if (!Number.isNaN(value)) spread.add((value - field.mean) / field.deviation);
      }
      const { mean, deviation } = spread;
      return spread.count > 0 ? [{ field: field.name, mean, deviation }] : [];
    });
  });
}
