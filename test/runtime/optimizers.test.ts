import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { MemoryPlan } from "#elbo/runtime/memory.js";
import {
  applyOptimizer,
  checkOptimizer,
  clipScale,
  momentsOf,
  type OptimizerSettings,
  optimizerDefaults,
} from "#elbo/runtime/optimizers.js";
import { Random } from "#elbo/runtime/random.js";
import { subSlot } from "#elbo/runtime/slots.js";
import { codeOf } from "./support.ts";

interface Fixture {
  start: number[][];
  gradients: number[][][];
  cases: {
    settings: OptimizerSettings;
    clip: number | null;
    trajectory: { norm: number | null; parameters: number[][] }[];
  }[];
}
const fixture = JSON.parse(readFileSync("test/fixtures/optimizers.json", "utf8")) as Fixture;
const lengths = fixture.start.map((values) => values.length);

/** Slots for parameters of these lengths with the moments the settings need, zero all. */
function prepare(settings: OptimizerSettings, sizes: number[]) {
  const plan = new MemoryPlan();
  const parameters = plan.reserveTogether("float32", sizes);
  const gradients = plan.reserveTogether("float32", sizes);
  const moments = Object.fromEntries(
    momentsOf(settings).map((name) => [name, plan.reserveTogether("float32", sizes).range]),
  );
  return { memory: plan.allocate(), parameters, gradients, moments };
}

for (const { settings: given, clip, trajectory } of fixture.cases) {
  const { name, ...rest } = given;
  const title = `${name} ${JSON.stringify(rest)}${clip ? ` clipped at ${clip}` : ""}`;
  test(`${title} follows PyTorch`, () => {
    const settings = { ...optimizerDefaults[name], ...given } as OptimizerSettings;
    const { memory, parameters, gradients, moments } = prepare(settings, lengths);
    fixture.start.forEach((values, i) => {
      memory.view(parameters.slots[i]!).set(values);
    });
    trajectory.forEach((expected, step) => {
      fixture.gradients[step]!.forEach((values, i) => {
        memory.view(gradients.slots[i]!).set(values);
      });
      let scale = 1;
      if (clip !== null) {
        const clipped = clipScale(memory, gradients.slots, clip);
        expect(Math.abs(clipped.norm / expected.norm! - 1)).toBeLessThan(1e-6);
        scale = clipped.scale;
      }
      applyOptimizer(
        memory,
        settings,
        step + 1,
        { parameters: parameters.range, gradients: gradients.range, moments },
        scale,
      );
      expected.parameters.forEach((values, i) => {
        const received = memory.view(parameters.slots[i]!);
        values.forEach((value, j) => {
          // Eight steps of float32 rounding, each of an ulp or two of numbers below 8.
          expect(Math.abs(received[j]! - value)).toBeLessThan(3e-6);
        });
      });
    });
  });
}

test("the fixture clips some steps and leaves others", () => {
  const norms = fixture.cases.find(({ clip }) => clip)!.trajectory.map(({ norm }) => norm! > 0.5);
  expect(new Set(norms)).toEqual(new Set([true, false]));
});

const everySettings: OptimizerSettings[] = [
  optimizerDefaults.sgd,
  { ...optimizerDefaults.sgd, momentum: 0.9, nesterov: true },
  optimizerDefaults.rmsprop,
  { ...optimizerDefaults.rmsprop, momentum: 0.5 },
  { ...optimizerDefaults.adam, weightDecay: 0.1 },
  optimizerDefaults.adamw,
];

test("a range updates the same in one pass as in parts, and nothing beside it changes", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...everySettings),
      fc.integer({ min: 1, max: 60 }),
      fc.nat(60),
      (settings, length, cut) => {
        const run = (parts: [number, number][]) => {
          const { memory, parameters, gradients, moments } = prepare(settings, [64, 64]);
          const random = new Random(3);
          memory.view(parameters.range).set(random.normal(0, 0, parameters.range.length));
          memory.view(gradients.range).set(random.normal(0, 1, parameters.range.length));
          const before = memory.view(parameters.range).slice();
          for (const [start, count] of parts) {
            const part = (slot: typeof parameters.range) => subSlot(slot, start, count);
            applyOptimizer(memory, settings, 1, {
              parameters: part(parameters.range),
              gradients: part(gradients.range),
              moments: Object.fromEntries(
                Object.entries(moments).map(([name, slot]) => [name, part(slot)]),
              ),
            });
          }
          return { before, bytes: new Uint8Array(memory.buffer, 4096), memory, parameters };
        };
        const first = Math.min(cut, length);
        const whole = run([[0, length]]);
        const parts = run([
          [0, first],
          [first, length - first],
        ]);
        expect(Buffer.compare(whole.bytes, parts.bytes)).toBe(0);
        const after = whole.memory.view(whole.parameters.range);
        expect(after.subarray(length)).toEqual(whole.before.subarray(length));
        expect(after.subarray(0, length)).not.toEqual(whole.before.subarray(0, length));
      },
    ),
  );
});

test("the sum of squares is that of float64, for every length", () => {
  const plan = new MemoryPlan();
  const slot = plan.reserve("float32", 5000);
  const memory = plan.allocate();
  memory.view(slot).set(new Random(1).normal(0, 0, 5000));
  fc.assert(
    fc.property(fc.nat(5000), (length) => {
      const exact = memory
        .view(slot)
        .subarray(0, length)
        .reduce((sum, x) => sum + x * x, 0);
      const received = memory.kernels.sumOfSquares(subSlot(slot, 0, length));
      expect(Math.abs(received - exact)).toBeLessThanOrEqual(1e-13 * exact);
    }),
  );
});

test("accumulate adds element by element, for every length", () => {
  fc.assert(
    fc.property(fc.nat(100), (length) => {
      const plan = new MemoryPlan();
      const target = plan.reserve("float32", length + 1);
      const source = plan.reserve("float32", length + 1);
      const memory = plan.allocate();
      const a = new Random(1).normal(0, 0, length + 1);
      const b = new Random(1).normal(0, 1, length + 1);
      memory.view(target).set(a);
      memory.view(source).set(b);
      memory.kernels.accumulate(subSlot(target, 0, length), subSlot(source, 0, length));
      const expected = a.map((value, i) => (i < length ? value + b[i]! : value));
      expect(memory.view(target)).toEqual(expected);
    }),
  );
});

test("the clipping scale is limit / (norm + 1e-6), at most 1, over all ranges together", () => {
  const { memory, gradients } = prepare(optimizerDefaults.sgd, [1, 1]);
  memory.view(gradients.slots[0]!)[0] = 3e-4;
  memory.view(gradients.slots[1]!)[0] = -4e-4;
  const clipped = clipScale(memory, gradients.slots, 1e-4);
  expect(clipped.norm).toBeCloseTo(5e-4, 10);
  expect(clipped.scale).toBeCloseTo(1e-4 / 5.01e-4, 6);
  expect(clipScale(memory, gradients.slots, 1).scale).toBe(1);
});

test("settings, steps, limits and moments that make no sense are refused", () => {
  const { adam, sgd } = optimizerDefaults;
  for (const settings of Object.values(optimizerDefaults)) checkOptimizer(settings);
  for (const settings of [
    { ...adam, learningRate: -1 },
    { ...adam, learningRate: Number.NaN },
    { ...adam, beta2: 1 },
    { ...sgd, nesterov: true },
  ]) {
    expect(codeOf(() => checkOptimizer(settings))).toBe("optimizer-setting");
  }
  const { memory, parameters, gradients } = prepare(adam, [3]);
  const slots = { parameters: parameters.range, gradients: gradients.range, moments: {} };
  expect(codeOf(() => applyOptimizer(memory, adam, 0, slots))).toBe("optimizer-step");
  expect(codeOf(() => applyOptimizer(memory, adam, 1, slots))).toBe("optimizer-moment");
  expect(codeOf(() => clipScale(memory, [gradients.range], 0))).toBe("clip-limit");
});
