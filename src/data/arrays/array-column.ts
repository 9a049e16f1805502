// An array as a column: one dimension is a number a row, two a vector, three and four images.
import { ElboError } from "../../base/errors.ts";
import type { ColumnInfo, ColumnValues } from "../../fields/columns.ts";
import type { DataNote } from "../source.ts";
import type { NumberArray } from "./elements.ts";
import type { ArrayLayout } from "./stored-array.ts";

/** Above it, float32 no longer holds every integer. */
const exactSingles = 2 ** 24;
/** Above it, float64 no longer does. */
const exactDoubles = 2 ** 53;

function refuse(source: string, code: string, message: string, hint: string): never {
  throw new ElboError({ code, message: `${source}: ${message}`, hint, where: { file: source } });
}

/** The column that an array makes. Throws for shapes that are no rows of anything. */
export function arrayColumn(source: string, name: string, layout: ArrayLayout): ColumnInfo {
  const { shape, element } = layout;
  const received = `received shape (${shape.join(", ")})`;
  if (shape.length < 1 || shape.length > 4) {
    refuse(
      source,
      "array-dimensions",
      `data has 1 to 4 dimensions, ${received}`,
      "reshape it to (rows, columns), (rows, height, width) or (rows, height, width, channels)",
    );
  }
  if (shape.includes(0)) {
    refuse(
      source,
      "data-empty",
      `there is no value, ${received}`,
      "give data with at least one row and one column",
    );
  }
  if (shape.length === 1) {
    return { name, type: "number", ...(element === "b1" ? { boolean: true } : {}) };
  }
  if (shape.length === 2) return { name, type: "vector", size: shape[1]!, sparse: false };
  const [, height, width, channels = 1] = shape as [number, number, number, number?];
  if (channels > 4) {
    refuse(
      source,
      "image-channels",
      `images are (rows, height, width, channels) with 1 to 4 channels, ${received}`,
      "move the channels last: array.transpose(0, 2, 3, 1) in NumPy",
    );
  }
  return { name, type: "image", height, width, channels };
}

/** Turns decoded rows into a column's values, refuses infinities and notices what is rounded. */
export interface ArrayConverter {
  /** `firstRow` counts from 0. */
  convert(values: NumberArray, firstRow: number): ColumnValues;
  /** What has been noticed so far. */
  notes(): DataNote[];
}

function infinite(source: string, row: number, column: string, value: number): ElboError {
  return new ElboError({
    code: "value-infinite",
    message: `${source}, row ${row}, column ${JSON.stringify(column)}: ${value} is not a finite float32 number`,
    hint: "correct the value, or make it missing (NaN)",
    where: { file: source, row, column },
  });
}

/** Rows are counted from 1 in messages; a vector's entries from 0, as NumPy does. */
export function arrayConverter(source: string, info: ColumnInfo, element: string): ArrayConverter {
  let inexact: { row: number; column: string; value: number; became: number } | undefined;

  function numbers(values: NumberArray, firstRow: number): ColumnValues {
    const doubles = values instanceof Float64Array ? values : Float64Array.from(values);
    for (let i = 0; i < doubles.length; i++) {
      const value = doubles[i]!;
      if (value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY) {
        throw infinite(source, firstRow + i + 1, info.name, value);
      }
      if (inexact === undefined && element[1] === "8" && element !== "f8") {
        if (Math.abs(value) > exactDoubles) {
          inexact = { row: firstRow + i + 1, column: info.name, value, became: value };
        }
      }
    }
    return { type: "number", values: doubles };
  }

  function vectors(values: NumberArray, firstRow: number, size: number): ColumnValues {
    const singles = values instanceof Float32Array ? values : Float32Array.from(values);
    for (let i = 0; i < singles.length; i++) {
      const single = singles[i]!;
      const value = values[i]!;
      if (single === value && single - single === 0) continue;
      if (Number.isNaN(value)) continue;
      const row = firstRow + Math.floor(i / size) + 1;
      if (!Number.isFinite(single)) throw infinite(source, row, `${info.name}[${i % size}]`, value);
      if (inexact === undefined && Math.abs(value) > exactSingles && Number.isInteger(value)) {
        inexact = { row, column: `${info.name}[${i % size}]`, value, became: single };
      }
    }
    return { type: "vector", values: singles };
  }

  function pixels(values: NumberArray, firstRow: number, size: number): ColumnValues {
    // Booleans arrive as bytes too, and are no shades of 256.
    if (values instanceof Uint8Array && element === "u1") return { type: "image", values };
    const singles = values instanceof Float32Array ? values : Float32Array.from(values);
    const bad = singles.findIndex((value) => !Number.isFinite(value));
    if (bad < 0) return { type: "image", values: singles };
    const row = firstRow + Math.floor(bad / size) + 1;
    throw new ElboError({
      code: "value-infinite",
      message: `${source}: image ${row} of ${JSON.stringify(info.name)} holds ${values[bad]}, no finite float32 number`,
      hint: "images hold finite numbers only; correct or remove that image",
      where: { file: source, row, column: info.name },
    });
  }

  return {
    convert(values, firstRow) {
      if (info.type === "vector") return vectors(values, firstRow, info.size);
      if (info.type === "image") {
        return pixels(values, firstRow, info.height * info.width * info.channels);
      }
      return numbers(values, firstRow);
    },
    notes() {
      if (inexact === undefined) return [];
      const { row, column, value, became } = inexact;
      const kept = value === became ? "may have been rounded" : `became ${became}`;
      const type = info.type === "vector" ? "float32" : "float64";
      return [
        {
          code: "precision-lost",
          message: `column ${JSON.stringify(info.name)} holds integers too large for ${type} (row ${row}, ${column}: ${value} ${kept})`,
        },
      ];
    },
  };
}
