// Raw rows that a model gives: reconstructions and samples, and how they are written.
import { writeImages, writeTable } from "../data/write.ts";
import type { Schema } from "../fields/schema.ts";

/** Rows in raw units: table columns, or pixels from 0 to 255. */
export interface ModelRows {
  rows: number;
  schema: Schema;
  /** `(rows, size)`, row-major; pixels are bytes. */
  values: Float32Array | Uint8Array;
  /** 1-based numbers of the data rows, where some were left out. */
  rowNumbers: Int32Array | null;
}

/** Room for raw rows, and what puts a batch of them there. */
export function collectRows(schema: Schema, rows: number, size: number) {
  const values =
    schema.kind === "image" ? new Uint8Array(rows * size) : new Float32Array(rows * size);
  return {
    values,
    add(start: number, batch: Float32Array) {
      const part = values.subarray(start * size, start * size + batch.length);
      if (values instanceof Uint8Array) {
        for (let i = 0; i < part.length; i++) {
          part[i] = Math.min(255, Math.max(0, Math.round(batch[i]!)));
        }
      } else part.set(batch);
    },
  };
}

/** Tables by the extension's format with the run's columns; images as a grid, array or folder. */
export async function writeRows(path: string, result: ModelRows, force = false): Promise<void> {
  const { rows, schema, values, rowNumbers } = result;
  if (schema.kind === "image") {
    const [{ height, width, channels }] = schema.fields;
    const images = { values: values as Uint8Array, rows, shape: [height, width, channels] };
    return writeImages(path, images, { force });
  }
  const width = schema.fields.length;
  const columns = schema.fields.map(({ name }, j) => ({
    name,
    values: Float32Array.from({ length: rows }, (_, i) => values[i * width + j]!),
  }));
  const numbers = rowNumbers ? [{ name: "row", values: rowNumbers }] : [];
  return writeTable(path, [...numbers, ...columns], { force });
}
