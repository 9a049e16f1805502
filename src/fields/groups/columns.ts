// Groups of one number a field: real, positive, count and binary columns.

import { exp, log, logit } from "../../base/exact-math.ts";
import { constant, type Tensor } from "../../graph/index.ts";
import type { ColumnValues } from "../columns.ts";
import { DIGITS, rounding } from "../decimals.ts";
import type { BinaryField, CountField, ImageField, PositiveField, RealField } from "../field.ts";
import { hasHurdle } from "../hurdle.ts";
import type { GroupLayout } from "../layout.ts";
import type { Raw } from "./group.ts";
import type { Numeric } from "./numeric.ts";

/** A density's scale below which it would claim to know more than the last digit says. */
export const SHARPEST = 1 / Math.sqrt(2 * Math.PI);

/** The same of pixels 0 … 1, which as bytes are 255 steps; 0 for none. */
export const pixelFloor = ({ bytes }: ImageField): number => (bytes ? SHARPEST / 255 : 0);

/** How values of the likelihood's scale become those of a column. */
interface ToColumn {
  /** `slope · value + shift`, and at least `least`. */
  slope: number;
  shift: number;
  least: number;
  /** The size that values have. */
  size: number;
  decimals: number | null;
  float32?: true;
}

const AS_IS: ToColumn = { slope: 1, shift: 0, least: -Infinity, size: 1, decimals: null };

/** Columns of numbers, with the decimals that the data has there. */
export function numberColumns(
  fields: readonly ToColumn[],
): (values: Float32Array, rows: number) => ColumnValues[] {
  return (values, rows) =>
    fields.map(({ slope, shift, least, size, decimals, float32 }, j) => {
      const column = new Float64Array(rows);
      const stride = fields.length;
      // Values of more digits than float32 holds are told as they are, which no rounding makes shorter.
      if (float32 && (decimals === null || size * 10 ** decimals >= 10 ** DIGITS)) {
        for (let i = 0, at = j; i < rows; i++, at += stride) {
          column[i] = Math.fround(Math.max(least, values[at]! * slope + shift));
        }
        return { type: "number", values: column };
      }
      const round = rounding(decimals);
      for (let i = 0, at = j; i < rows; i++, at += stride) {
        const value = round(Math.max(least, values[at]! * slope + shift));
        column[i] = float32 ? Math.fround(value) : value;
      }
      return { type: "number", values: column };
    });
}

/** x as it is, and 1 in the places of missing cells times `other`. */
export function filled({ rows, mask }: Raw, other: Tensor): Tensor {
  return mask ? rows.add(mask.neg().add(1).mul(other)) : rows;
}

/**
 * Where a value stands among its column's values, from −√3 to √3: evenly spread values have mean 0
 * and deviation 1 there.
 */
function ranked({ rows }: Raw, fields: readonly RealField[]): Tensor {
  const knots = fields[0]!.quantiles.length;
  const low = fields.flatMap(({ quantiles }) => quantiles.slice(0, -1));
  const width = fields.flatMap(({ quantiles }) =>
    // Steps of the distribution, where quantiles coincide, are climbed at once.
    quantiles.slice(1).map((q, i) => Math.max(q - quantiles[i]!, 1e-6 * (1 + Math.abs(q)))),
  );
  const shape = [fields.length, knots - 1];
  const risen = rows
    .reshape([...rows.shape, 1])
    .sub(constant(low, shape))
    .div(constant(width, shape))
    .clip(0, 1)
    .sum(2);
  return risen.mul((2 * Math.sqrt(3)) / (knots - 1)).sub(Math.sqrt(3));
}

export function realColumns(layout: GroupLayout): Numeric {
  const fields = layout.fields as RealField[];
  const plain = fields.every(({ mean, deviation }) => mean === 0 && deviation === 1);
  const mean = constant(fields.map((field) => field.mean));
  const deviation = constant(fields.map((field) => field.deviation));
  const standard = ({ rows }: Raw) => (plain ? rows : rows.sub(mean).div(deviation));
  const byRank = fields[0]!.scale === "quantile" && fields[0]!.quantiles.length > 1;
  return {
    layout,
    likelihood: fields[0]!.likelihood,
    values: fields.length,
    value: standard,
    logJacobian: plain ? null : constant(fields.map((field) => -log(field.deviation))),
    toNetwork: (value) => value,
    fromNetwork: (value) => value,
    location: (emitted) => emitted,
    bounded: true,
    scale: fields.map(() => 0),
    floor: fields.map((field) => (field.resolution / field.deviation) * SHARPEST),
    ...(byRank
      ? {
          features(raw: Raw) {
            const ranks = ranked(raw, fields);
            return raw.mask ? ranks.mul(raw.mask) : ranks;
          },
        }
      : {}),
    columns: numberColumns(
      fields.map(({ mean: shift, deviation: slope, ...field }) => {
        return { ...AS_IS, ...field, slope, shift, size: slope };
      }),
    ),
  };
}

/** The largest values of the likelihood's scale that training rows have, where they are known. */
function limitOf(fields: readonly PositiveField[]): { limit?: Tensor } {
  const limits = fields.flatMap(({ largest, offset }) => (largest ? [largest + offset] : []));
  return limits.length === fields.length ? { limit: constant(limits) } : {};
}

export function positiveColumns(layout: GroupLayout): Numeric {
  const fields = layout.fields as PositiveField[];
  const mean = constant(fields.map((field) => field.mean));
  const deviation = constant(fields.map((field) => field.deviation));
  const typical = constant(fields.map((field) => exp(field.mean) - field.offset));
  const offset = constant(fields.map((field) => field.offset));
  return {
    layout,
    likelihood: fields[0]!.likelihood,
    values: fields.length,
    value: (raw) => filled(raw, typical).add(offset),
    logJacobian: null,
    ...limitOf(fields),
    toNetwork: (value) =>
      value
        .maximum(2 ** -126)
        .log()
        .sub(mean)
        .div(deviation),
    logSlope: (value) =>
      value
        .maximum(2 ** -126)
        .mul(deviation)
        .log()
        .neg(),
    fromNetwork: (value) => value.mul(deviation).add(mean).clip(-87, 88).exp(),
    location: (emitted) => emitted.mul(deviation).add(mean),
    ...(fields[0]!.likelihood === "log-normal" || hasHurdle(fields[0]!)
      ? { middle: ([location]) => location!.clip(-87, 88).sub(mean).div(deviation) }
      : {}),
    bounded: false,
    scale: fields.map((field) => log(field.deviation)),
    floor: fields.map((field) => field.resolution * SHARPEST),
    leastScale: fields.map((field) => (field.resolution / field.deviation) * SHARPEST),
    columns: numberColumns(
      fields.map(({ offset: less, mean: middle, ...field }) => {
        return { ...AS_IS, ...field, shift: -less, least: 0, size: exp(middle) };
      }),
    ),
  };
}

export function countColumns(layout: GroupLayout): Numeric {
  const fields = layout.fields as CountField[];
  const mean = constant(fields.map((field) => field.mean));
  const deviation = constant(fields.map((field) => field.deviation));
  const logMean = constant(fields.map((field) => field.logMean));
  const spread = constant(fields.map((field) => field.spread));
  return {
    layout,
    likelihood: fields[0]!.likelihood,
    values: fields.length,
    value: ({ rows }) => rows,
    logJacobian: null,
    toNetwork: (value) => value.log1p().sub(mean).div(deviation),
    fromNetwork: (value) => value.mul(deviation).add(mean).clip(0, 88).expm1(),
    errors: (value) => value.sub(logMean.exp()).div(spread),
    location: (emitted) => emitted.add(logMean),
    bounded: false,
    scale: fields.map(() => 0),
    floor: fields.map(() => 0),
    dispersion: fields.map((field) => field.logInverseDispersion),
    columns: numberColumns(fields.map(() => AS_IS)),
  };
}

export function binaryColumns(layout: GroupLayout): Numeric {
  const fields = layout.fields as BinaryField[];
  // Neither certainty, however one-sided the training rows: the logit stays finite.
  const shares = fields.map((field) => Math.min(Math.max(field.mean, 1e-4), 1 - 1e-4));
  const logits = constant(shares.map(logit));
  return {
    layout,
    likelihood: "bernoulli",
    values: fields.length,
    value: ({ rows }) => rows,
    logJacobian: null,
    toNetwork: (value) => value.mul(2).sub(1),
    fromNetwork: (value) => value.add(1).mul(0.5),
    location: (emitted) => emitted.add(logits),
    bounded: false,
    scale: fields.map(() => 0),
    floor: fields.map(() => 0),
    modal: true,
    columns: numberColumns(fields.map(() => AS_IS)),
  };
}
