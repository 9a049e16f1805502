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
    const wanted = name === "" || /^_\d/.test(name) ? `column${name}` : name;
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

/** What a column's values are. */
function describe(field: ModelledField): string {
  switch (field.kind) {
    case "real":
    case "positive":
      return "numbers";
    case "count":
      return "whole numbers from 0";
    case "binary":
      return field.boolean ? TRUTHS : "0 or 1";
    case "categorical":
    case "ordinal":
      if (field.of === "boolean") return TRUTHS;
      return `one of ${field.levels.length} ${field.of}s`;
    case "time":
      return `milliseconds since 1970-01-01T00:00Z${field.date ? ", whole days" : ""}`;
    case "vector":
      return field.counts ? "whole numbers from 0" : "numbers";
    case "image":
      return "pixels: height, width, channels";
    case "text":
      return `symbols of a text (${field.unit}), "" behind its end`;
    default:
      return field satisfies never;
  }
}

const TRUTHS = "1 for true, 0 for false";

/** How a column says that a value is missing; null of images, which always are there. */
function describeGap(field: ModelledField): string | null {
  if (field.kind === "image") return null;
  if (field.kind === "text") return `${JSON.stringify(gapMark(field))} in the first place: missing`;
  const texts = "levels" in field && field.of === "text";
  return `${texts ? JSON.stringify(gapMark(field)) : "NaN"}: missing`;
}

/** The type and shape of a column in raw values. */
export function columnPort(field: ModelledField, name: string, of: "input" | "output"): Port {
  const gap = of === "input" ? describeGap(field) : null;
  const holds = gap === null ? describe(field) : `${describe(field)}; ${gap}`;
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
