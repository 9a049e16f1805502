import fc from "fast-check";
import { expect, test } from "vitest";
import { MemoryPlan } from "#elbo/runtime/memory.js";
import { Random } from "#elbo/runtime/random.js";
import { subSlot } from "#elbo/runtime/slots.js";
import { codeOf } from "./support.ts";

function table(dtype: "uint8" | "float32", rowLength: number, sourceRows: number, rows: number) {
  const plan = new MemoryPlan();
  const source = plan.reserve(dtype, rowLength * sourceRows);
  const target = plan.reserve(dtype, rowLength * rows);
  const indices = plan.reserve("int32", rows);
  const after = plan.reserve("uint8", 64);
  const memory = plan.allocate();
  const values = new Random(5).bits(0, 0, source.length).map((word) => word >>> 24);
  memory.view(source).set(values);
  return { memory, source, target, indices, after };
}

test("row i of the batch is the row that index i names, of any length and both dtypes", () => {
  fc.assert(
    fc.property(
      fc.constantFrom("uint8" as const, "float32" as const),
      fc.oneof(fc.integer({ min: 1, max: 70 }), fc.constantFrom(784, 4096, 5001)),
      fc.integer({ min: 1, max: 20 }),
      fc.array(fc.nat(), { minLength: 1, maxLength: 20 }),
      (dtype, rowLength, sourceRows, wanted) => {
        const rows = wanted.map((index) => index % sourceRows);
        const { memory, source, target, indices, after } = table(
          dtype,
          rowLength,
          sourceRows,
          rows.length,
        );
        memory.view(indices).set(rows);
        memory.kernels.gatherRows(target, source, indices, rowLength);
        const from = memory.view(source);
        const expected = rows.flatMap((row) => [
          ...from.subarray(row * rowLength, (row + 1) * rowLength),
        ]);
        expect([...memory.view(target)]).toEqual(expected);
        expect(memory.view(after).every((byte) => byte === 0)).toBe(true);
      },
    ),
  );
});

test("an index outside the source, and a target too small, are refused", () => {
  const { memory, source, target, indices } = table("uint8", 10, 6, 4);
  for (const bad of [6, -1, 2 ** 31 - 1]) {
    memory.view(indices).set([0, 5, bad, 1]);
    const gather = () => memory.kernels.gatherRows(target, source, indices, 10);
    expect(codeOf(gather)).toBe("row-index");
    expect(gather).toThrow("position 2");
  }
  memory.view(indices).fill(0);
  const short = subSlot(target, 0, 39);
  expect(codeOf(() => memory.kernels.gatherRows(short, source, indices, 10))).toBe(
    "kernel-arguments",
  );
  expect(codeOf(() => memory.kernels.gatherRows(target, source, indices, 0))).toBe(
    "kernel-arguments",
  );
});
