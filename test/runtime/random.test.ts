import fc from "fast-check";
import { expect, test } from "vitest";
import { MemoryPlan } from "#elbo/runtime/memory.js";
import { Random, streams } from "#elbo/runtime/random.js";
import { codeOf } from "./support.ts";

test("gives what the kernels give in place, across its parts", () => {
  const n = 150_001;
  const plan = new MemoryPlan();
  const words = plan.reserve("int32", n);
  const floats = plan.reserve("float32", n);
  const memory = plan.allocate();
  const random = new Random(2n ** 63n + 5n);
  const draw = { seed: random.seed, stream: streams.prior, step: 12 };
  memory.kernels.bits(words, draw);
  expect(random.bits(draw.stream, draw.step, n)).toEqual(
    new Uint32Array(memory.buffer, words.offset, n),
  );
  memory.kernels.uniform(floats, draw);
  expect(random.uniform(draw.stream, draw.step, n)).toEqual(memory.view(floats));
  memory.kernels.normal(floats, draw);
  expect(random.normal(draw.stream, draw.step, n)).toEqual(memory.view(floats));
});

test("streams have numbers of their own", () => {
  const numbers = Object.values(streams);
  expect(new Set(numbers).size).toBe(numbers.length);
});

test("a permutation holds every index once, and depends on seed, stream and step alone", () => {
  fc.assert(
    fc.property(fc.nat(), fc.nat(1000), fc.nat(3000), (seed, step, length) => {
      const order = new Random(seed).permutation(streams.shuffle, step, length);
      expect(order.toSorted()).toEqual(Uint32Array.from({ length }, (_, i) => i));
      expect(new Random(seed).permutation(streams.shuffle, step, length)).toEqual(order);
    }),
  );
  const long = new Random(1).permutation(streams.shuffle, 0, 200_000);
  expect(long.toSorted().every((value, i) => value === i)).toBe(true);
  expect(new Random(1).permutation(streams.shuffle, 1, 200_000)).not.toEqual(long);
});

test("permutations of four are uniform by chi-square", () => {
  const random = new Random(4);
  const counts = new Map<string, number>();
  const draws = 24_000;
  for (let step = 0; step < draws; step += 1) {
    const order = random.permutation(streams.shuffle, step, 4).join();
    counts.set(order, (counts.get(order) ?? 0) + 1);
  }
  const expected = draws / 24;
  const statistic = [...counts.values()].reduce(
    (sum, n) => sum + (n - expected) ** 2 / expected,
    0,
  );
  expect(counts.size).toBe(24);
  // 23 degrees of freedom: above 49.7 with probability 1e-3.
  expect(statistic).toBeLessThan(49.7);
});

test("each value lands in each place of a permutation of 100 equally often, by chi-square", () => {
  const random = new Random(6);
  const n = 100;
  const draws = 5000;
  const counts = new Float64Array(n * n);
  for (let step = 0; step < draws; step += 1) {
    random.permutation(streams.shuffle, step, n).forEach((value, place) => {
      counts[value * n + place]! += 1;
    });
  }
  const expected = draws / n;
  const sum = counts.reduce((total, count) => total + (count - expected) ** 2 / expected, 0);
  // (n-1)/n of it is chi-square with (n-1)² degrees of freedom for doubly balanced tables, whose
  // standard deviation is √2 (n-1); 4 of them.
  expect(Math.abs((sum * (n - 1)) / n - (n - 1) ** 2)).toBeLessThan(4 * Math.SQRT2 * (n - 1));
});

test("seeds and lengths out of range are refused", () => {
  expect(codeOf(() => new Random(-1))).toBe("draw-invalid");
  expect(codeOf(() => new Random(0.5))).toBe("draw-invalid");
  expect(codeOf(() => new Random(1).normal(0, 0, -1))).toBe("random-length");
  expect(codeOf(() => new Random(1).permutation(0, 0, 2 ** 31))).toBe("random-length");
});
