// What the schema of some data is, and what it refuses.
import { expect, test } from "vitest";
import { inferSchema } from "#elbo/fields/infer.js";
import { rowLength } from "#elbo/fields/schema.js";
import { elboError } from "../helpers/errors.ts";

const defaults = { scale: "standardize", binarize: "none" } as const;
const rows = Uint32Array.of(0, 1);

test("columns keep their names, or are numbered", () => {
  const set = { kind: "table", values: Float32Array.of(1, 2, 3, 4), rows: 2, shape: [2] } as const;
  const names = (columns?: string[]) =>
    inferSchema({ ...set, ...(columns ? { columns } : {}) }, rows, defaults).fields.map(
      ({ name }) => name,
    );
  expect(names(["a", "b c"])).toEqual(["a", "b c"]);
  expect(names()).toEqual(["x0", "x1"]);
});

test("an image is one field of its shape", () => {
  const values = new Uint8Array(24);
  const schema = inferSchema({ kind: "image", values, rows: 2, shape: [2, 3, 2] }, rows, {
    ...defaults,
    binarize: "dynamic",
  });
  expect(schema.fields).toEqual([
    {
      name: "image",
      kind: "image",
      role: "data",
      height: 2,
      width: 3,
      channels: 2,
      binarize: "dynamic",
    },
  ]);
  expect(rowLength(schema)).toBe(12);
});

test("float images, and binarised tables, are refused", async () => {
  const floats = { kind: "image", values: new Float32Array(8), rows: 2, shape: [2, 2, 1] } as const;
  expect((await elboError(() => inferSchema(floats, rows, defaults))).code).toBe("image-type");
  const table = { kind: "table", values: new Float32Array(4), rows: 2, shape: [2] } as const;
  const error = await elboError(() =>
    inferSchema(table, rows, { ...defaults, binarize: "threshold" }),
  );
  expect(error).toMatchObject({ code: "option-value", kind: "usage" });
});

test("deviations survive an offset that float32 sums would not", () => {
  const values = Float32Array.from({ length: 200 }, (_, i) => 16_000_000 + (i % 2 === 0 ? 1 : -1));
  const every = Uint32Array.from({ length: 200 }, (_, i) => i);
  const [field] = inferSchema(
    { kind: "table", values, rows: 200, shape: [1] },
    every,
    defaults,
  ).fields;
  expect(field).toMatchObject({
    mean: 16_000_000,
    standardDeviation: expect.closeTo(1, 12),
  });
});
