import fc from "fast-check";
import { expect, test } from "vitest";
import { ElboError } from "#elbo/base/errors.js";
import { instantiateKernels } from "#elbo/runtime/kernels/module.js";
import { MemoryPlan, reservedBytes } from "#elbo/runtime/memory.js";
import { type DType, subSlot } from "#elbo/runtime/slots.js";
import { codeOf } from "./support.ts";

const reservation = fc.record({
  dtype: fc.constantFrom<DType>("float32", "int32", "uint8"),
  length: fc.nat(5000),
});

test("slots start at multiples of 64 bytes, overlap nothing and hold what is written", () => {
  fc.assert(
    fc.property(fc.array(reservation, { minLength: 1, maxLength: 30 }), (wanted) => {
      const plan = new MemoryPlan();
      const slots = wanted.map(({ dtype, length }) => plan.reserve(dtype, length));
      const memory = plan.allocate();
      slots.forEach((slot, i) => {
        expect(slot.offset % 64).toBe(0);
        expect(slot.offset).toBeGreaterThanOrEqual(reservedBytes);
        expect(memory.view(slot).every((value) => value === 0)).toBe(true);
        memory.view(slot).fill(i + 1);
      });
      slots.forEach((slot, i) => {
        expect(memory.view(slot)).toHaveLength(wanted[i]!.length);
        expect(memory.view(slot).every((value) => value === i + 1)).toBe(true);
      });
    }),
    { numRuns: 50 },
  );
});

test("views have the type of their slot", () => {
  const plan = new MemoryPlan();
  const slots = [plan.reserve("float32", 1), plan.reserve("int32", 1), plan.reserve("uint8", 1)];
  const memory = plan.allocate();
  const types = slots.map((slot) => memory.view(slot).constructor);
  expect(types).toEqual([Float32Array, Int32Array, Uint8Array]);
});

test("tensors reserved together lie in one range, in the same layout each time", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(300), { minLength: 1, maxLength: 10 }), (lengths) => {
      const plan = new MemoryPlan();
      const layouts = [1, 2].map(() => plan.reserveTogether("float32", lengths));
      const relative = layouts.map(({ range, slots }) => {
        const last = slots.at(-1)!;
        expect(range.offset + 4 * range.length).toBe(last.offset + 4 * last.length);
        return slots.map((slot) => slot.offset - range.offset);
      });
      expect(relative[0]).toEqual(relative[1]);
      expect(relative[0]!.every((offset) => offset % 64 === 0)).toBe(true);
    }),
  );
});

test("the module keeps its own data inside the reserved bytes", () => {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1 });
  const module = instantiateKernels(memory);
  expect(module.reservedBytes.value).toBe(reservedBytes);
  expect(module.heapBase()).toBeLessThanOrEqual(2048);
});

test("4 GiB fit, and the kernels reach their end; more is refused", () => {
  const plan = new MemoryPlan();
  plan.reserve("uint8", 2 ** 32 - 2 ** 20);
  const last = plan.reserve("float32", 1001);
  const source = plan.reserve("float32", 1001);
  expect(codeOf(() => plan.reserve("uint8", 2 ** 20))).toBe("memory-too-large");
  const memory = plan.allocate();
  memory.view(source).fill(2);
  memory.kernels.accumulate(last, source);
  memory.kernels.accumulate(last, source);
  expect(new Set(memory.view(last))).toEqual(new Set([4]));
  expect(memory.kernels.sumOfSquares(last)).toBe(16 * 1001);
});

test("lengths that are no whole number and parts outside a slot are refused", () => {
  const plan = new MemoryPlan();
  for (const length of [-1, 0.5, Number.NaN, 2 ** 60]) {
    expect(codeOf(() => plan.reserve("float32", length))).toBe("slot-length");
  }
  const slot = plan.reserve("float32", 10);
  expect(subSlot(slot, 3, 7)).toEqual({ ...slot, offset: slot.offset + 12, length: 7 });
  expect(codeOf(() => subSlot(slot, 3, 8))).toBe("slot-range");
  expect(codeOf(() => subSlot(slot, -1, 2))).toBe("slot-range");
});

test("kernels refuse another dtype, a slot outside the memory and unequal lengths", () => {
  const plan = new MemoryPlan();
  const floats = plan.reserve("float32", 10);
  const shorter = plan.reserve("float32", 9);
  const bytes = plan.reserve("uint8", 10);
  const { kernels, buffer } = plan.allocate();
  const draw = { seed: 1, stream: 0, step: 0 };
  const refused = [
    () => kernels.accumulate(floats, shorter),
    () => kernels.normal({ ...bytes, dtype: "int32" } as never, draw),
    () => kernels.normal({ ...floats, offset: buffer.byteLength - 36 }, draw),
    () => kernels.normal({ ...floats, offset: floats.offset + 2 }, draw),
    () => kernels.normal({ ...floats, offset: -64 }, draw),
    () => kernels.normal({ ...floats, length: 2 ** 31 }, draw),
    () => kernels.bernoulli(bytes, shorter, draw),
  ];
  for (const call of refused) expect(call).toThrow(ElboError);
  expect(refused.map(codeOf)).toEqual(refused.map(() => "kernel-arguments"));
});
