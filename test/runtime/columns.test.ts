// Sums of columns of bytes against plain loops, whatever the width and the number of rows.
import { expect, test } from "vitest";
import { MemoryPlan } from "#elbo/runtime/memory.js";
import { Random } from "#elbo/runtime/random.js";

test.each([
  [1, 1],
  [3, 700],
  [16, 63],
  [17, 65],
  [784, 129],
  [50, 257],
])("%i columns of %i rows are added to what is there", (width, rows) => {
  const plan = new MemoryPlan();
  const [sums, values] = [plan.reserve("int32", width), plan.reserve("uint8", rows * width)];
  const memory = plan.allocate();
  const bytes = Uint8Array.from(new Random(3).bits(0, 0, rows * width), (word) => word >>> 24);
  // A column of the largest bytes, which halves of a word hold 257 of.
  for (let row = 0; row < rows; row++) bytes[row * width] = 255;
  memory.view(values).set(bytes);
  memory.view(sums).fill(7);
  memory.kernels.addColumns(sums, values);
  const wanted = new Array<number>(width).fill(7);
  for (const [i, byte] of bytes.entries()) wanted[i % width]! += byte;
  expect([...memory.view(sums)]).toEqual(wanted);
});

test("rows that are not whole are refused", () => {
  const plan = new MemoryPlan();
  const [sums, values] = [plan.reserve("int32", 5), plan.reserve("uint8", 12)];
  const memory = plan.allocate();
  expect(() => memory.kernels.addColumns(sums, values)).toThrow(/rows as long as the sums/);
});
