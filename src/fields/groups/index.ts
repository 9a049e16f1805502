// The group that a layout's fields make.
import { BATCH, input } from "../../graph/index.ts";
import type { FieldSchema } from "../field.ts";
import { hasHurdle } from "../hurdle.ts";
import {
  bitsInput,
  type GroupLayout,
  layoutOf,
  MANY_LEVELS,
  maskInput,
  maskSize,
  rowsInput,
} from "../layout.ts";
import { binaryColumns, countColumns, positiveColumns, realColumns } from "./columns.ts";
import type { Group, GroupOptions, Raw } from "./group.ts";
import { hurdleColumns } from "./hurdle.ts";
import { imageGroup } from "./image.ts";
import { categoricalGroup, ordinalGroup } from "./levels.ts";
import { manyLevelsGroup } from "./many-levels.ts";
import { numericGroup } from "./numeric.ts";
import { textGroup } from "./text.ts";
import { timeColumns } from "./time.ts";
import { vectorColumns } from "./vector.ts";

export type { Group, GroupOptions, Picture, Raw, Written } from "./group.ts";

function groupOf(layout: GroupLayout, options: GroupOptions): Group {
  const [field] = layout.fields as [GroupLayout["fields"][number]];
  switch (field.kind) {
    case "real":
      return numericGroup(realColumns(layout), options);
    case "positive": {
      const columns = hasHurdle(field) ? hurdleColumns : positiveColumns;
      return numericGroup(columns(layout), options);
    }
    case "count":
      return numericGroup(countColumns(layout), options);
    case "binary":
      return numericGroup(binaryColumns(layout), options);
    case "time":
      return numericGroup(timeColumns(layout), options);
    case "vector":
      return numericGroup(vectorColumns(layout), options);
    case "image":
      return imageGroup(layout, options);
    case "categorical":
      return field.levels.length + 1 > MANY_LEVELS
        ? manyLevelsGroup(layout)
        : categoricalGroup(layout);
    case "ordinal":
      return ordinalGroup(layout);
    case "text":
      return textGroup(layout, options);
    default:
      return field satisfies never;
  }
}

/** The groups of a schema, in the order of its layout. */
export function groupsOf(schema: FieldSchema, options: GroupOptions): Group[] {
  return layoutOf(schema).map((layout) => groupOf(layout, options));
}

/** A group's rows as inputs of the graph; with a mask where cells may be missing. */
export function rawOf({ layout, bits = false }: Group, gaps: boolean): Raw {
  const size = maskSize(layout);
  const name = bits ? bitsInput(layout) : rowsInput(layout);
  const rows = input(name, [BATCH, layout.elements], bits ? "uint8" : layout.dtype);
  return { rows, mask: gaps && size > 0 ? input(maskInput(layout), [BATCH, size]) : null };
}
