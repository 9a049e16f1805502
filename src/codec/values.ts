// A group's values as the coder takes them: whole numbers, and which distribution they have by what the
// decoder emits. And the other way, as the encoder takes them: packed rows.
import { ElboError } from "../base/errors.ts";
import type {
  ImageField,
  ModelledField,
  PositiveField,
  RealField,
  TimeField,
  VectorField,
} from "../fields/field.ts";
import { isShared } from "../fields/field.ts";
import type { Group } from "../fields/groups/index.ts";
import { maskInput, maskSize, rowsInput } from "../fields/layout.ts";
import { type Distribution, densities } from "./ans/distribution.ts";
import type { Inputs } from "./networks.ts";
import { corrected, type Warps } from "./warp/groups.ts";

const DAY = 86_400_000;
const LEVELS = 256;

/** The values of some rows of a group, row-major, in the order of its likelihood. */
export interface Symbols {
  /** Whole numbers; 0 where a value is absent. */
  codes: Float64Array;
  /** 0 where a value is missing, or coded elsewhere; null: all are there. */
  present: Uint8Array | null;
  /**
   * Of numbers on a grid: (lows + code) / powers, codes below counts; times are (lows + code) · powers
   * in milliseconds. Null of others.
   */
  grid: { lows: Float64Array; powers: Float64Array; counts: Float64Array } | null;
}

/** How a group is coded. */
export interface GroupCoding {
  group: Group;
  /** Values in a row. */
  values: number;
  /** Whether its numbers stand on a grid that each block names. */
  gridded: boolean;
  /** Whether the distribution asks for the sum of the row's values, which is told beforehand. */
  bySum: boolean;
  /** Null of texts, which are coded symbol by symbol: see ./texts.ts. */
  distribution: ((parameters: readonly Float32Array[], symbols: Symbols) => Distribution) | null;
  /** What the encoder takes of rows `from` up to `to`. */
  inputs(symbols: Symbols, from: number, to: number): Inputs;
}

/** Spreads of what the model says nothing of, by the name of a group: log scales of each value. */
export type Residuals = ReadonlyMap<string, Float32Array>;

const rowsOf = ({ codes, present, grid }: Symbols, values: number, from: number, to: number) => ({
  codes: codes.subarray(from * values, to * values),
  present: present?.subarray(from * values, to * values) ?? null,
  grid: grid && {
    lows: grid.lows.subarray(from * values, to * values),
    powers: grid.powers.subarray(from * values, to * values),
    counts: grid.counts.subarray(from * values, to * values),
  },
});

export { rowsOf as symbolsOfRows };

/** Channels last from channels first, of `count` images. */
function channelsLast(codes: Float64Array, { height, width, channels }: ImageField): Float64Array {
  if (channels === 1) return codes;
  const pixels = height * width;
  const out = new Float64Array(codes.length);
  for (let start = 0; start < codes.length; start += pixels * channels) {
    for (let c = 0; c < channels; c++) {
      for (let p = 0; p < pixels; p++) {
        out[start + p * channels + c] = codes[start + c * pixels + p]!;
      }
    }
  }
  return out;
}

/** Whether an image's pixels are coded as bits. */
export const ofBits = ({ likelihood }: ImageField) => likelihood === "bernoulli";

function imageInputs(group: Group): GroupCoding["inputs"] {
  const [field] = group.layout.fields as [ImageField];
  const name = rowsInput(group.layout);
  return (symbols, from, to) => {
    const { codes } = rowsOf(symbols, group.values, from, to);
    const last = channelsLast(codes, field);
    if (!field.bytes) {
      return { [name]: Float32Array.from(last, (code) => (code ? field.high : field.low)) };
    }
    return {
      [name]: ofBits(field) ? Uint8Array.from(last, (bit) => 255 * bit) : Uint8Array.from(last),
    };
  };
}

/** Numbers as they stand in the data. */
function numbersAt({ codes, present, grid }: Symbols): Float32Array {
  return Float32Array.from(codes, (code, i) =>
    present && present[i] === 0 ? 0 : grid ? (grid.lows[i]! + code) / grid.powers[i]! : code,
  );
}

/** Milliseconds as days and the day's milliseconds. */
function timesAt({ codes, present, grid }: Symbols): Int32Array {
  const out = new Int32Array(2 * codes.length);
  for (let i = 0; i < codes.length; i++) {
    if (present && present[i] === 0) continue;
    const { lows, powers } = grid!;
    const milliseconds = (lows[i]! + codes[i]!) * powers[i]!;
    out[2 * i] = Math.floor(milliseconds / DAY);
    out[2 * i + 1] = milliseconds - out[2 * i]! * DAY;
  }
  return out;
}

function columnInputs(group: Group): GroupCoding["inputs"] {
  const { layout, values } = group;
  const [field] = layout.fields as [ModelledField];
  const size = maskSize(layout);
  return (symbols, from, to) => {
    const some = rowsOf(symbols, values, from, to);
    const count = to - from;
    const masks = new Float32Array(count * size).fill(1);
    if (some.present) {
      // A text is there or not, with all of its places.
      const each = some.present.length / masks.length;
      for (let i = 0; i < masks.length; i++) masks[i] = some.present[i * each]!;
    }
    const rows =
      field.kind === "time"
        ? timesAt(some)
        : layout.dtype === "int32"
          ? Int32Array.from(some.codes)
          : numbersAt(some);
    return { [rowsInput(layout)]: rows, [maskInput(layout)]: masks };
  };
}

/** What the encoder takes of a group that is coded beside the model: all of it is missing. */
export function unseenInputs({ layout }: Group, count: number): Inputs {
  const size = count * layout.elements;
  const rows = layout.dtype === "int32" ? new Int32Array(size) : new Float32Array(size);
  return {
    [rowsInput(layout)]: layout.dtype === "uint8" ? new Uint8Array(size) : rows,
    [maskInput(layout)]: new Float32Array(count * maskSize(layout)),
  };
}

/** From raw numbers to the density's: less the shift, times the scale, for each value of a row. */
function scaleOf(group: Group): { shifts: Float64Array; scales: Float64Array } {
  const { fields } = group.layout;
  const [first] = fields as [ModelledField];
  const each = (of: (field: never, i: number) => number) =>
    Float64Array.from(fields, (field, i) => of(field as never, i));
  switch (first.kind) {
    case "real":
    case "time":
      return {
        shifts: each(({ mean }: RealField | TimeField) => mean),
        scales: each(({ deviation }: RealField | TimeField) => 1 / deviation),
      };
    case "positive":
      return { shifts: each(({ offset }: PositiveField) => -offset), scales: each(() => 1) };
    case "vector": {
      const { mean, deviation, counts } = first as VectorField;
      const plain = counts && first.likelihood !== "gaussian";
      return {
        shifts: Float64Array.from(mean, (m) => (plain ? 0 : m)),
        scales: Float64Array.from(deviation, (d) => (plain ? 1 : 1 / d)),
      };
    }
    case "image": {
      const { bytes, low, high } = first as ImageField;
      return {
        shifts: new Float64Array(1).fill(bytes ? 0 : low),
        scales: new Float64Array(1).fill(bytes ? 1 / (LEVELS - 1) : 1 / (high - low)),
      };
    }
    default:
      return { shifts: each(() => 0), scales: each(() => 1) };
  }
}

const isDensity = (name: string): name is (typeof densities)[number] =>
  (densities as readonly string[]).includes(name);

/** Grids in the density's own terms: of times in days. */
function gridFor(group: Group, { grid }: Symbols) {
  const { lows, powers, counts } = grid!;
  const isTime = group.layout.fields[0]!.kind === "time";
  const steps = powers.map((power) => (isTime ? power / DAY : 1 / power));
  return { lows: lows.map((low, i) => low * steps[i]!), steps, counts };
}

function distributionOf(
  group: Group,
  residuals: Residuals,
): NonNullable<GroupCoding["distribution"]> {
  const { likelihood, layout, values } = group;
  const levels = likelihood ? likelihood.parameters[0]!.size : 1;
  const scale = scaleOf(group);
  if (!likelihood) {
    const logScales = residuals.get(layout.name) ?? new Float32Array(values);
    return ([expected], symbols) => ({
      family: "gaussian",
      components: 1,
      parameters: [expected!, expected!.map((_, i) => logScales[i % values]!)],
      grid: gridFor(group, symbols),
      ...scale,
    });
  }
  const { name } = likelihood;
  if (isDensity(name)) {
    return (parameters, symbols) => ({
      family: name,
      components: levels,
      parameters,
      grid: gridFor(group, symbols),
      ...scale,
    });
  }
  switch (name) {
    case "categorical":
      return (parameters) => ({ family: "categorical", levels, parameters });
    case "ordinal":
      return (parameters) => ({
        family: "ordinal",
        levels: likelihood.parameters[1]!.size + 1,
        parameters,
      });
    case "discretized-logistic":
    case "beta-binomial":
      return (parameters) => ({ family: name, levels: LEVELS, parameters });
    case "discretized-logistic-mixture":
      return (parameters) => ({ family: name, levels: LEVELS, components: levels, parameters });
    case "bernoulli":
    case "poisson":
    case "negative-binomial":
    case "zero-inflated-negative-binomial":
      return (parameters) => ({ family: name, parameters });
    default:
      throw new ElboError({
        code: "internal",
        message: `nothing codes values by ${name}`,
        hint: "Report this bug.",
      });
  }
}

/** Whether values are decimal numbers, or bytes taken as such, under a density. */
function isGridded(group: Group): boolean {
  const [{ kind }] = group.layout.fields as [ModelledField];
  if (kind === "categorical" || kind === "ordinal" || kind === "text") return false;
  return !group.likelihood || isDensity(group.likelihood.name);
}

/**
 * How the groups of a model are coded.
 * @throws ElboError `compress-likelihood`: a likelihood that is no distribution of what the field holds.
 */
export function groupCodings(
  groups: readonly Group[],
  residuals: Residuals,
  warps: Warps,
): GroupCoding[] {
  return groups.map((group) => {
    const [field] = group.layout.fields as [ModelledField];
    if (field.kind === "real" && field.likelihood === "bernoulli") throw noMass(field);
    return {
      group,
      values: group.values,
      gridded: isGridded(group),
      bySum: field.kind === "vector" && isShared(field),
      distribution:
        field.kind === "text" ? null : corrected(group, distributionOf(group, residuals), warps),
      inputs: field.kind === "image" ? imageInputs(group) : columnInputs(group),
    };
  });
}

/** A Bernoulli of grey values gives them no probabilities. */
export function noMass(field: ModelledField): ElboError {
  const better =
    field.kind === "image"
      ? `--likelihood ${field.name}=beta-binomial (or discretized-logistic)`
      : `--likelihood ${field.name}=gaussian`;
  return new ElboError({
    code: "compress-likelihood",
    message: `${field.name} is modelled by a Bernoulli, which gives probabilities to 0 and 1 alone, and has values between them: there is nothing to code them by`,
    hint: `Train with ${better}, or compress pixels that are black and white alone.`,
    kind: "usage",
  });
}
