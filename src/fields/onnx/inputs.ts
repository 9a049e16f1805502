// Raw columns into the packed rows and masks of a group, as nodes of an ONNX file: what src/fields/pack.ts
// and the feeder do on the host. Numbers are doubles until they are float32, as there.
import type { Emitter } from "../../graph/index.ts";
import type {
  CategoricalField,
  ImageField,
  ModelledField,
  OrdinalField,
  TextField,
} from "../field.ts";
import type { GroupLayout } from "../layout.ts";
import { gapMark, type Port } from "./names.ts";

const DAY_MS = 86_400_000;
/** The code of a gap until it is masked. */
const GAP = -1;

/** Values of a group's inputs: rows with 0 for what is missing, and where cells are there. */
export interface PackedNames {
  rows: string;
  /** Null of images, which are there or the row is not. */
  mask: string | null;
}

/** Declares a group's columns and packs them. @param portOf asked once of each column. */
export function packGroup(
  emitter: Emitter,
  { fields, elements }: GroupLayout,
  portOf: (field: ModelledField) => Port,
): PackedNames {
  const [first] = fields as [ModelledField];
  const declare = (field: ModelledField) => emitter.declareInput(portOf(field));
  switch (first.kind) {
    case "real":
    case "positive":
    case "count":
    case "binary":
      return packNumbers(emitter, fields.map(declare));
    case "time":
      return packTimes(emitter, fields.map(declare), elements);
    case "categorical":
    case "ordinal": {
      const codes = (fields as (CategoricalField | OrdinalField)[]).map((field) =>
        levelCodes(emitter, field, declare(field)),
      );
      return maskCodes(emitter, beside(emitter, codes));
    }
    case "vector":
      return packVector(emitter, declare(first));
    case "image":
      return { rows: flat(emitter, first, declare(first)), mask: null };
    case "text":
      return packText(emitter, first, declare(first));
    default:
      return first satisfies never;
  }
}

/** Columns `(batch,)` side by side: `(batch, n)`. */
function beside(emitter: Emitter, columns: readonly string[]): string {
  const each = columns.map((name) => emitter.node("Unsqueeze", [name, emitter.int64([1])]));
  return each.length === 1 ? each[0]! : emitter.node("Concat", each, { axis: 1 });
}

/** Doubles with 0 for NaN, and where they were there. */
function withoutGaps(emitter: Emitter, values: string, dtype: "float64" | "float32") {
  const missing = emitter.node("IsNaN", [values]);
  const zero = emitter.fixed(
    dtype,
    [],
    dtype === "float64" ? Float64Array.of(0) : Float32Array.of(0),
  );
  return {
    filled: emitter.node("Where", [missing, zero, values]),
    mask: emitter.cast(emitter.node("Not", [missing]), "float32"),
  };
}

function packNumbers(emitter: Emitter, columns: readonly string[]): PackedNames {
  const { filled, mask } = withoutGaps(emitter, beside(emitter, columns), "float64");
  return { rows: emitter.cast(filled, "float32"), mask };
}

/** Days since 1970 and milliseconds of the day, by turns. */
function packTimes(emitter: Emitter, columns: readonly string[], elements: number): PackedNames {
  const { filled, mask } = withoutGaps(emitter, beside(emitter, columns), "float64");
  const day = emitter.fixed("float64", [], Float64Array.of(DAY_MS));
  const days = emitter.node("Floor", [emitter.node("Div", [filled, day])]);
  const rest = emitter.node("Sub", [filled, emitter.node("Mul", [days, day])]);
  const parts = [days, emitter.node("Floor", [rest])].map((part) =>
    emitter.node("Unsqueeze", [emitter.cast(part, "int32"), emitter.int64([2])]),
  );
  const pairs = emitter.node("Concat", parts, { axis: 2 });
  return { rows: emitter.node("Reshape", [pairs, emitter.int64([0, elements])]), mask };
}

/** Places among the levels; their number of any other value; `GAP` of a gap: int32 `(batch,)`. */
function levelCodes(
  emitter: Emitter,
  field: CategoricalField | OrdinalField,
  column: string,
): string {
  const { levels, of } = field;
  if (of === "text") {
    const codes = emitter.node("ai.onnx.ml.LabelEncoder", [column], {
      keys_strings: [gapMark(field), ...levels],
      values_int64s: [GAP, ...levels.keys()],
      default_int64: levels.length,
    });
    return emitter.cast(codes, "int32");
  }
  const numbers = levels.map((level) => (of === "boolean" ? Number(level === "true") : +level));
  const rows = emitter.node("Unsqueeze", [column, emitter.int64([1])]);
  const equal = emitter.node("Equal", [
    rows,
    emitter.fixed("float64", [1, levels.length], Float64Array.from(numbers)),
  ]);
  // The one level that is equal takes its own place from what no level leaves.
  const less = Float32Array.from(levels, (_, k) => k - levels.length);
  const found = emitter.node("MatMul", [
    emitter.cast(equal, "float32"),
    emitter.fixed("float32", [levels.length], less),
  ]);
  const codes = emitter.node("Add", [
    emitter.cast(found, "int32"),
    emitter.scalar(levels.length, "int32"),
  ]);
  const missing = emitter.node("IsNaN", [column]);
  return emitter.node("Where", [missing, emitter.scalar(GAP, "int32"), codes]);
}

function maskCodes(emitter: Emitter, codes: string): PackedNames {
  const zero = emitter.scalar(0, "int32");
  return {
    rows: emitter.node("Max", [codes, zero]),
    mask: emitter.cast(emitter.node("GreaterOrEqual", [codes, zero]), "float32"),
  };
}

function packVector(emitter: Emitter, column: string): PackedNames {
  const { filled, mask } = withoutGaps(emitter, column, "float32");
  return { rows: filled, mask };
}

function flat(emitter: Emitter, { height, width, channels }: ImageField, column: string): string {
  return emitter.node("Reshape", [column, emitter.int64([0, height * width * channels])]);
}

function packText(emitter: Emitter, field: TextField, column: string): PackedNames {
  const { vocabulary } = field;
  const codes = emitter.cast(
    emitter.node("ai.onnx.ml.LabelEncoder", [column], {
      keys_strings: [gapMark(field), "", ...vocabulary],
      values_int64s: [GAP, 0, ...vocabulary.map((_symbol, i) => i + 1)],
      default_int64: vocabulary.length + 1,
    }),
    "int32",
  );
  const bounds = [[0], [1], [1]].map((at) => emitter.int64(at));
  const first = emitter.node("Slice", [codes, ...bounds]);
  const { mask } = maskCodes(emitter, first);
  const there = emitter.cast(mask!, "int32");
  const { rows } = maskCodes(emitter, codes);
  return { rows: emitter.node("Mul", [rows, there]), mask };
}
