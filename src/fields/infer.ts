// The schema of a data set, with the statistics of its training rows.
import { ElboError } from "../base/errors.ts";
import type { Binarize, Schema } from "./schema.ts";

/** What a schema is inferred from. */
export interface RawRows {
  kind: "table" | "image";
  values: Float32Array | Uint8Array;
  rows: number;
  shape: readonly number[];
  columns?: readonly string[];
}

/** `none` keeps columns as they are; `standardize` brings them to mean 0 and deviation 1. */
export type Scale = "standardize" | "none";
export const scales: readonly Scale[] = ["standardize", "none"];

export interface SchemaOptions {
  scale: Scale;
  binarize: Binarize;
}

/**
 * Two passes in float64, so that a column far from zero keeps its digits. The deviation of a
 * constant column is 0: the rounding of its mean is no spread.
 */
function moments(values: Float32Array | Uint8Array, columns: number, rows: Uint32Array) {
  const mean = new Float64Array(columns);
  const variance = new Float64Array(columns);
  const varies = new Uint8Array(columns);
  for (const row of rows) {
    for (let j = 0; j < columns; j++) mean[j]! += values[row * columns + j]! / rows.length;
  }
  for (const row of rows) {
    for (let j = 0; j < columns; j++) {
      const value = values[row * columns + j]!;
      variance[j]! += (value - mean[j]!) ** 2 / rows.length;
      if (value !== values[rows[0]! * columns + j]) varies[j] = 1;
    }
  }
  return { mean, deviation: variance.map((v, j) => (varies[j] ? Math.sqrt(v) : 0)) };
}

/** @param trainingRows the rows whose statistics scale the columns: none that are held out. */
export function inferSchema(
  data: RawRows,
  trainingRows: Uint32Array,
  { scale, binarize }: SchemaOptions,
): Schema {
  if (data.kind === "image") {
    if (!(data.values instanceof Uint8Array)) {
      throw new ElboError({
        code: "image-type",
        message: "images are uint8 pixels, received float32",
        hint: "Save the pixels as uint8 from 0 to 255, or give each image as a row of numbers.",
      });
    }
    const [height, width, channels] = data.shape as [number, number, number];
    const field = { name: "image", kind: "image", role: "data" } as const;
    return { kind: "image", fields: [{ ...field, height, width, channels, binarize }] };
  }
  if (binarize !== "none") {
    throw new ElboError({
      code: "option-value",
      kind: "usage",
      message: "--binarize is for images, received a table",
      hint: "Leave --binarize out.",
    });
  }
  const columns = data.shape[0]!;
  const { mean, deviation } = moments(data.values, columns, trainingRows);
  return {
    kind: "table",
    fields: Array.from({ length: columns }, (_, j) => ({
      name: data.columns?.[j] ?? `x${j}`,
      kind: "real",
      role: "data",
      mean: scale === "none" ? 0 : mean[j]!,
      // A constant column has no spread to divide by.
      standardDeviation: scale === "none" || deviation[j] === 0 ? 1 : deviation[j]!,
    })),
  };
}
