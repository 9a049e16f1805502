// What the columns of an exported file are called, and what stands for a gap in them.
import type { ElementType } from "../../graph/index.ts";
import type { CategoricalField, ModelledField, OrdinalField, TextField } from "../field.ts";

/** An input or output of an exported file. */
export interface Port {
  name: string;
  dtype: ElementType;
  /** The first is the batch. */
  shape: readonly number[];
  /** What it holds, for people. */
  holds: string;
}

/** Names of columns, each once; and others beside them. */
export class PortNames {
  readonly #taken = new Set<string>();

  /** Nodes have names of the form `_0`, and ONNX takes an empty one for none. */
  take(name: string): string {
    const wanted = name === "" || /^_\d+$/.test(name) ? `column${name}` : name;
    for (let number = 1; ; number++) {
      const free = number === 1 ? wanted : `${wanted}_${number}`;
      if (this.#taken.has(free)) continue;
      this.#taken.add(free);
      return free;
    }
  }
}

const MARKS = ["", "<missing>", "<<missing>>"] as const;

/** The text that stands for a gap: the empty one, or another where that is a level. */
export function gapMark(field: CategoricalField | OrdinalField | TextField): string {
  const taken: readonly string[] = field.kind === "text" ? ["", ...field.vocabulary] : field.levels;
  return MARKS.find((mark) => !taken.includes(mark)) ?? "<no value>";
}

/** What a column holds in raw values. */
export function describeColumn(field: ModelledField): string {
  switch (field.kind) {
    case "real":
    case "positive":
      return "numbers; NaN is missing";
    case "count":
      return "whole numbers from 0; NaN is missing";
    case "binary":
      return `${field.boolean ? "1 for true, 0 for false" : "0 or 1"}; NaN is missing`;
    case "categorical":
    case "ordinal":
      if (field.of === "boolean") return "1 for true, 0 for false; NaN is missing";
      if (field.of === "number") return `one of ${field.levels.length} numbers; NaN is missing`;
      return `one of ${field.levels.length} texts; ${JSON.stringify(gapMark(field))} is missing`;
    case "time":
      return `milliseconds since 1970-01-01T00:00Z${field.date ? ", whole days" : ""}; NaN is missing`;
    case "vector":
      return "numbers; NaN is missing";
    case "image":
      return "pixels: height, width, channels";
    case "text":
      return `symbols of the text (${field.unit}), ${JSON.stringify("")} behind its end; ${JSON.stringify(gapMark(field))} in the first place is missing`;
    default:
      return field satisfies never;
  }
}

/** The type and shape of a column in raw values. */
export function columnPort(field: ModelledField, name: string): Port {
  const holds = describeColumn(field);
  switch (field.kind) {
    case "categorical":
    case "ordinal":
      return { name, dtype: field.of === "text" ? "string" : "float64", shape: [-1], holds };
    case "text":
      return { name, dtype: "string", shape: [-1, field.length], holds };
    case "vector":
      return { name, dtype: "float32", shape: [-1, field.size], holds };
    case "image": {
      const { height, width, channels, bytes } = field;
      const dtype = bytes ? "uint8" : "float32";
      return { name, dtype, shape: [-1, height, width, channels], holds };
    }
    case "real":
    case "positive":
    case "count":
    case "binary":
    case "time":
      return { name, dtype: "float64", shape: [-1], holds };
    default:
      return field satisfies never;
  }
}
