// Raw values to the network's scale and back.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BITS, decodeRows, encodeRows, ROWS } from "#elbo/fields/encoding.js";
import { inferSchema } from "#elbo/fields/infer.js";
import type { ImageSchema, Schema } from "#elbo/fields/schema.js";
import { compile } from "../graph/onnx.ts";
import { evaluate } from "../oracle/index.ts";

const image = (
  height: number,
  width: number,
  channels: number,
  binarize: "none" | "threshold" | "dynamic" = "none",
): ImageSchema => ({
  kind: "image",
  fields: [{ name: "image", kind: "image", role: "data", height, width, channels, binarize }],
});

function roundTrip(schema: Schema, rows: number, values: ArrayLike<number> & Iterable<number>) {
  const { x } = encodeRows(schema, false);
  const shape = [rows, values.length / rows];
  const feeds = { [ROWS]: { shape, data: values } };
  return { outputs: [x, decodeRows(schema, x)], feeds };
}

test("a table goes there and back, within float32 of its columns' spread", async () => {
  const column = fc.tuple(
    fc.double({ min: -1e3, max: 1e3, noNaN: true }),
    fc.double({ min: 1e-3, max: 1e3, noNaN: true }),
  );
  const property = fc.asyncProperty(
    fc.array(column, { minLength: 1, maxLength: 5 }),
    fc.array(fc.double({ min: -4, max: 4, noNaN: true }), { minLength: 2, maxLength: 6 }),
    async (columns, standardized) => {
      const values = Float32Array.from(
        standardized.flatMap((z) => columns.map(([center, spread]) => center + spread * z)),
      );
      const rows = standardized.length;
      const set = { kind: "table", values, rows, shape: [columns.length] } as const;
      const schema = inferSchema(set, Uint32Array.from(standardized.keys()), {
        scale: "standardize",
        binarize: "none",
      });
      const { outputs, feeds } = roundTrip(schema, rows, values);
      const model = await compile(outputs, feeds);
      const [encoded, decoded] = await model.run(feeds);
      await model.release();
      for (const [i, value] of values.entries()) {
        const field = schema.fields[i % columns.length]! as { mean: number };
        const size = Math.max(Math.abs(value), Math.abs(field.mean));
        expect(Math.abs(decoded!.data[i]! - value)).toBeLessThanOrEqual(size * 2 ** -21 + 1e-30);
        expect(Number.isFinite(encoded!.data[i]!)).toBe(true);
      }
    },
  );
  await fc.assert(property, { seed: 3, numRuns: 40 });
});

test("columns have mean 0 and deviation 1, and the Jacobian counts the scales", () => {
  const values = Float32Array.of(1, 10, 2, 30, 3, 20, 4, 60);
  const set = { kind: "table", values, rows: 4, shape: [2] } as const;
  const scale = { scale: "standardize", binarize: "none" } as const;
  const schema = inferSchema(set, Uint32Array.of(0, 1, 2, 3), scale);
  const { x, logJacobian } = encodeRows(schema, true);
  const { data } = evaluate([x], { [ROWS]: { shape: [4, 2], data: values } }, 4)[0]!;
  for (const j of [0, 1]) {
    const column = [0, 1, 2, 3].map((i) => data[2 * i + j]!);
    expect(column.reduce((a, b) => a + b)).toBeCloseTo(0, 6);
    expect(column.reduce((a, b) => a + b * b, 0) / 4).toBeCloseTo(1, 6);
  }
  const deviations = [Math.sqrt(1.25), Math.sqrt(350)];
  expect(logJacobian).toBeCloseTo(-Math.log(deviations[0]! * deviations[1]!), 12);
  // Held-out rows take no part.
  const held = inferSchema(set, Uint32Array.of(0, 1), scale);
  expect(held.fields.map((field) => "mean" in field && field.mean)).toEqual([1.5, 20]);
  const raw = inferSchema(set, Uint32Array.of(0), { scale: "none", binarize: "none" });
  expect(encodeRows(raw, true).logJacobian).toBeCloseTo(0, 12);
});

test("a constant column has deviation 1, though its mean rounds", () => {
  // 100 times the float32 nearest 0.1, divided by 100, is not that float32 in float64.
  const values = new Float32Array(300).map((_, i) => [0.1, 1e7 + 1, i][i % 3]!);
  const rows = Uint32Array.from({ length: 100 }, (_, i) => i);
  const schema = inferSchema({ kind: "table", values, rows: 100, shape: [3] }, rows, {
    scale: "standardize",
    binarize: "none",
  });
  const deviations = schema.fields.map(
    (field) => "standardDeviation" in field && field.standardDeviation,
  );
  expect(deviations.slice(0, 2)).toEqual([1, 1]);
  const { outputs, feeds } = roundTrip(schema, 100, values);
  const [encoded, decoded] = evaluate(outputs, feeds, 100);
  for (let i = 0; i < 100; i++) {
    expect(Math.abs(encoded!.data[3 * i]!)).toBeLessThan(1e-7);
    expect(decoded!.data[3 * i]).toBeCloseTo(values[3 * i]!, 6);
  }
});

describe("images", () => {
  const bytes = (length: number) => Uint8Array.from({ length }, (_, i) => (i * 37 + 11) % 256);

  test.each([
    [1, 1, 1],
    [3, 4, 1],
    [3, 4, 3],
    [2, 5, 4],
  ])("%i × %i × %i go there channel by channel, and back", (height, width, channels) => {
    const rows = 2;
    const size = height * width * channels;
    const values = bytes(rows * size);
    const { outputs, feeds } = roundTrip(image(height, width, channels), rows, values);
    const [encoded, decoded] = evaluate(outputs, feeds, rows);
    for (let row = 0; row < rows; row++) {
      for (let pixel = 0; pixel < height * width; pixel++) {
        for (let channel = 0; channel < channels; channel++) {
          const raw = values[row * size + pixel * channels + channel]!;
          const at = row * size + channel * height * width + pixel;
          expect(encoded!.data[at]).toBeCloseTo(raw / 255, 6);
        }
      }
    }
    for (const [i, value] of values.entries()) expect(decoded!.data[i]).toBeCloseTo(value, 4);
    expect(encodeRows(image(height, width, channels), true).logJacobian).toBeCloseTo(
      -size * Math.log(255),
      9,
    );
  });

  test("the threshold is between 127 and 128", () => {
    const { x, logJacobian } = encodeRows(image(2, 2, 1, "threshold"), true);
    const feeds = { [ROWS]: { shape: [1, 4], data: [0, 127, 128, 255] } };
    expect([...evaluate([x], feeds)[0]!.data]).toEqual([0, 0, 1, 1]);
    expect(logJacobian).toBe(0);
  });

  test("drawn bits enter as bits, channels first; encoding takes the brightness", () => {
    const schema = image(1, 2, 2, "dynamic");
    const drawn = encodeRows(schema, true);
    const feeds = { [BITS]: { shape: [1, 4], data: [1, 0, 0, 1] } };
    expect([...evaluate([drawn.x], feeds)[0]!.data]).toEqual([1, 0, 0, 1]);
    expect(drawn.logJacobian).toBe(0);
    const pixels = { [ROWS]: { shape: [1, 4], data: [255, 0, 51, 102] } };
    const { data } = evaluate([encodeRows(schema, false).x], pixels)[0]!;
    for (const [i, value] of [1, 0.2, 0, 0.4].entries()) expect(data[i]).toBeCloseTo(value, 6);
  });
});
