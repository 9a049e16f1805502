// Arrays of numbers, as IDX and NumPy files hold them, to data sets.
import { ElboError } from "../base/errors.ts";
import type { NumberArray } from "./arrays/elements.ts";
import type { DataSet } from "./dataset.ts";
import { collectRows } from "./rows.ts";

export type { NumberArray };

/** An array of any number of dimensions, row-major. */
export interface NumericArray {
  shape: number[];
  values: NumberArray;
}

/** Pixels of a file that are no bytes must be finite numbers to train on. */
function imageValues(source: string, values: NumberArray): Uint8Array | Float32Array {
  if (values instanceof Uint8Array) return values;
  const singles = values instanceof Float32Array ? values : Float32Array.from(values);
  const bad = singles.findIndex((value) => !Number.isFinite(value));
  if (bad < 0) return singles;
  throw new ElboError({
    code: "value-infinite",
    message: `${source}: element ${bad} (counted from 0) is ${values[bad]}, no finite float32 number`,
    hint: "images hold finite numbers only; correct or remove that image",
    where: { file: source },
  });
}

function imageShape(source: string, shape: readonly number[]): number[] {
  const [, height = 0, width = 0, channels = 1] = shape;
  if (channels >= 1 && channels <= 4) return [height, width, channels];
  throw new ElboError({
    code: "image-channels",
    message: `${source}: images are (rows, height, width, channels) with 1 to 4 channels, received (${shape.join(", ")})`,
    hint: "move the channels last: array.transpose(0, 2, 3, 1) in NumPy",
    where: { file: source },
  });
}

/**
 * One dimension is a table of one column, two are a table (columns x0, x1, ...), three are grey
 * images (rows, height, width) and four are images with their channels last.
 */
export function arrayDataSet(source: string, { shape, values }: NumericArray): DataSet {
  if (shape.length < 1 || shape.length > 4) {
    throw new ElboError({
      code: "array-dimensions",
      message: `${source}: data has 1 to 4 dimensions, received ${shape.length} (shape [${shape.join(", ")}])`,
      hint: "reshape it to (rows, columns), (rows, height, width) or (rows, height, width, channels)",
      where: { file: source },
    });
  }
  if (values.length === 0) {
    throw new ElboError({
      code: "data-empty",
      message: `${source} holds no value: its shape is [${shape.join(", ")}]`,
      hint: "give data with at least one row and one column",
      where: { file: source },
    });
  }
  const [rows, width = 1] = shape as [number, ...number[]];
  if (shape.length > 2) {
    const image = imageShape(source, shape);
    return {
      source,
      kind: "image",
      values: imageValues(source, values),
      rows,
      shape: image,
      notes: [],
    };
  }
  const columns = Array.from({ length: width }, (_, i) => `x${i}`);
  const collector = collectRows(source, columns, 0, rows);
  for (let row = 0; row < rows; row++) collector.add((column) => values[row * width + column]!);
  return collector.finish([]);
}
