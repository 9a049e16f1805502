// A group's values back into raw columns, as nodes of an ONNX file: what the groups' `columns` do on
// the host, in doubles as there.
import type { Emitter } from "../../graph/index.ts";
import type {
  CategoricalField,
  ImageField,
  ModelledField,
  OrdinalField,
  TextField,
  VectorField,
} from "../field.ts";
import { isShared } from "../field.ts";
import { pixelUnit } from "../groups/image.ts";
import { hasHurdle } from "../hurdle.ts";
import type { GroupLayout } from "../layout.ts";
import type { Port } from "./names.ts";

const DAY_MS = 86_400_000;
const BRIGHTEST = 255;
const UNKNOWN = "\ufffd";

/** Where an interval about a number ends: so far off, on the scale of its errors. */
export interface Ends {
  radius: number;
  low: Port;
  high: Port;
}

/**
 * Declares a group's columns as outputs, with the ends of intervals.
 * @param values float32 `(batch, values)`.
 */
export function unpackGroup(
  emitter: Emitter,
  { fields }: GroupLayout,
  values: string,
  portOf: (field: ModelledField) => Port,
  endsOf: (field: ModelledField) => Ends | null = () => null,
): void {
  for (const [j, field] of fields.entries()) {
    const column = columnOf(emitter, field, values, j);
    emitter.declareOutput(portOf(field), column);
    const ends = endsOf(field);
    if (!ends) continue;
    const decimals = "decimals" in field ? field.decimals : null;
    for (const end of ["low", "high"] as const) {
      const value = endOf(emitter, field, column, end === "low" ? -ends.radius : ends.radius);
      emitter.declareOutput(ends[end], new Doubles(emitter).rounded(value, decimals));
    }
  }
}

/** What `intervalScale` of `src/train/calibration.ts` does to a raw column, there and back. */
function endOf(emitter: Emitter, field: ModelledField, column: string, away: number): string {
  const doubles = new Doubles(emitter);
  if (field.kind === "count") {
    const root = doubles.affine(emitter.node("Sqrt", [column]), 1, away);
    const there = doubles.atLeast(root, 0);
    return emitter.node("Mul", [there, there]);
  }
  if (field.kind !== "positive") return doubles.affine(column, 1, away);
  const hurdle = hasHurdle(field);
  // Of zeros' hurdle log(1 + value / typical), and else log(value + offset).
  const [factor, offset] = hurdle ? [Math.exp(-field.mean), 1] : [1, field.offset];
  const shifted = doubles.atLeast(doubles.affine(column, factor, offset), 2 ** -126);
  const moved = doubles.affine(emitter.node("Log", [shifted]), 1, away);
  const back = doubles.affine(emitter.node("Exp", [moved]), 1, -offset);
  return doubles.atLeast(doubles.affine(back, 1 / factor, 0), 0);
}

function columnOf(emitter: Emitter, field: ModelledField, values: string, j: number): string {
  const column = () => emitter.node("Gather", [values, emitter.int64Scalar(j)], { axis: 1 });
  const arithmetic = new Doubles(emitter);
  switch (field.kind) {
    case "real": {
      const raw = arithmetic.affine(arithmetic.of(column()), field.deviation, field.mean);
      return arithmetic.rounded(raw, field.decimals);
    }
    case "positive": {
      const less = arithmetic.affine(arithmetic.of(column()), 1, -field.offset);
      return arithmetic.rounded(arithmetic.atLeast(less, 0), field.decimals);
    }
    case "count":
    case "binary":
      return arithmetic.of(column());
    case "time": {
      const days = arithmetic.affine(arithmetic.of(column()), field.deviation, field.mean);
      return field.date
        ? arithmetic.affine(arithmetic.whole(days), DAY_MS, 0)
        : arithmetic.whole(arithmetic.affine(days, DAY_MS, 0));
    }
    case "categorical":
    case "ordinal":
      return levelsOf(emitter, field, column());
    case "vector":
      return vectorOf(emitter, field, values);
    case "image":
      return imageOf(emitter, field, values);
    case "text":
      return symbolsOf(emitter, field, values);
    default:
      return field satisfies never;
  }
}

/** Arithmetic in float64. */
class Doubles {
  readonly #emitter: Emitter;

  constructor(emitter: Emitter) {
    this.#emitter = emitter;
  }

  of = (value: string) => this.#emitter.cast(value, "float64");
  scalar = (value: number) => this.#emitter.fixed("float64", [], Float64Array.of(value));
  floor = (value: string) => this.#emitter.node("Floor", [value]);

  affine(value: string, factor: number, offset: number): string {
    const scaled = factor === 1 ? value : this.#emitter.node("Mul", [value, this.scalar(factor)]);
    return offset === 0 ? scaled : this.#emitter.node("Add", [scaled, this.scalar(offset)]);
  }

  /** To the nearest whole number, halves upwards. */
  whole = (value: string) => this.floor(this.affine(value, 1, 0.5));

  atLeast = (value: string, least: number) =>
    this.#emitter.node("Max", [value, this.scalar(least)]);

  /** With the decimals that the data has; without any limit as it is. */
  rounded(value: string, decimals: number | null): string {
    if (decimals === null) return value;
    const factor = 10 ** decimals;
    const places = this.whole(this.affine(value, factor, 0));
    return this.#emitter.node("Div", [places, this.scalar(factor)]);
  }
}

/** Texts or numbers at their codes. A level that training has not seen is a gap. */
function levelsOf(
  emitter: Emitter,
  { levels, of }: CategoricalField | OrdinalField,
  column: string,
): string {
  const count = levels.length + 1;
  const table =
    of === "text"
      ? emitter.fixed("string", [count], [...levels, ""])
      : emitter.fixed(
          "float64",
          [count],
          Float64Array.from([
            ...levels.map((level) => (of === "boolean" ? Number(level === "true") : +level)),
            Number.NaN,
          ]),
        );
  const last = emitter.scalar(levels.length, "int32");
  const codes = emitter.node("Min", [emitter.cast(column, "int32"), last]);
  return emitter.node("Gather", [table, codes], { axis: 0 });
}

function vectorOf(emitter: Emitter, field: VectorField, values: string): string {
  if (isShared(field)) return values;
  const { size } = field;
  const [deviation, mean] = [field.deviation, field.mean].map((each) =>
    emitter.fixed("float64", [size], Float64Array.from(each)),
  );
  const scaled = emitter.node("Mul", [emitter.cast(values, "float64"), deviation!]);
  return emitter.cast(emitter.node("Add", [scaled, mean!]), "float32");
}

function imageOf(emitter: Emitter, field: ImageField, values: string): string {
  const { height, width, channels, bytes, low, high } = field;
  const doubles = new Doubles(emitter);
  const value = doubles.of(values);
  let raw: string;
  if (bytes) {
    const bright = doubles.whole(doubles.affine(value, pixelUnit(field) * BRIGHTEST, 0));
    const most = emitter.node("Min", [bright, doubles.scalar(BRIGHTEST)]);
    raw = emitter.cast(doubles.atLeast(most, 0), "uint8");
  } else raw = emitter.cast(doubles.affine(value, high - low, low), "float32");
  const planes = emitter.node("Reshape", [raw, emitter.int64([0, channels, height * width])]);
  const last = emitter.node("Transpose", [planes], { perm: [0, 2, 1] });
  return emitter.node("Reshape", [last, emitter.int64([0, height, width, channels])]);
}

/** A text's symbols up to its end. */
function symbolsOf(emitter: Emitter, { vocabulary }: TextField, values: string): string {
  const codes = emitter.cast(values, "int32");
  const zero = emitter.scalar(0, "int32");
  const ends = emitter.cast(emitter.node("Equal", [codes, zero]), "int32");
  const ended = emitter.node("CumSum", [ends, emitter.int64Scalar(1)]);
  const open = emitter.cast(emitter.node("Equal", [ended, zero]), "int32");
  const table = emitter.fixed("string", [vocabulary.length + 2], ["", ...vocabulary, UNKNOWN]);
  return emitter.node("Gather", [table, emitter.node("Mul", [codes, open])], { axis: 0 });
}
