import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Draw } from "#elbo/runtime/kernels/draw.js";
import { instantiateKernels } from "#elbo/runtime/kernels/module.js";
import { MemoryPlan } from "#elbo/runtime/memory.js";
import { subSlot } from "#elbo/runtime/slots.js";
import { codeOf, kolmogorovSmirnov, normalCdf } from "./support.ts";

const capacity = 200_000;
const plan = new MemoryPlan();
const words = plan.reserve("int32", capacity);
const floats = plan.reserve("float32", capacity);
const flips = plan.reserve("uint8", capacity);
const probabilities = plan.reserve("float32", capacity);
const byteProbabilities = plan.reserve("uint8", capacity);
const memory = plan.allocate();
const { kernels } = memory;

function bits(draw: Draw, length: number): Uint32Array {
  const part = subSlot(words, 0, length);
  kernels.bits(part, draw);
  return Uint32Array.from(memory.view(part), (word) => word >>> 0);
}

test("Philox4x32-10 gives Random123's known answers", () => {
  // kat_vectors of Random123: counter (4 words), key (2 words), result (4 words).
  const vectors = `
    00000000 00000000 00000000 00000000 00000000 00000000 6627e8d5 e169c58d bc57ac4c 9b00dbd8
    ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff 408f276d 41c83b0e a20bc7c6 6d5451fd
    243f6a88 85a308d3 13198a2e 03707344 a4093822 299f31d0 d16cfe09 94fdcceb 5001e420 24126ea1`;
  for (const line of vectors.trim().split("\n")) {
    const [block, low, high, stream, keyLow, keyHigh, ...answer] = line
      .trim()
      .split(" ")
      .map((hex) => Number.parseInt(hex, 16)) as [number, number, number, number, number, number];
    const own = new WebAssembly.Memory({ initial: 1, maximum: 1 });
    instantiateKernels(own).fill(0, 8192, 4, 0, block, low, high, stream, keyLow, keyHigh);
    expect([...new Uint32Array(own.buffer, 8192, 4)]).toEqual(answer);
  }
});

/** Philox4x32-10 as the paper writes it, in integers of any size. */
function philox(counter: bigint[], key: bigint[]): number[] {
  const mask = 0xffffffffn;
  let [c0, c1, c2, c3] = counter as [bigint, bigint, bigint, bigint];
  let [k0, k1] = key as [bigint, bigint];
  for (let round = 0; round < 10; round += 1) {
    const p0 = c0 * 0xd2511f53n;
    const p1 = c2 * 0xcd9e8d57n;
    [c0, c1, c2, c3] = [(p1 >> 32n) ^ c1 ^ k0, p1 & mask, (p0 >> 32n) ^ c3 ^ k1, p0 & mask];
    k0 = (k0 + 0x9e3779b9n) & mask;
    k1 = (k1 + 0xbb67ae85n) & mask;
  }
  return [c0, c1, c2, c3].map(Number);
}

const anyDraw = fc.record({
  seed: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  stream: fc.nat(2 ** 32 - 1),
  step: fc.maxSafeNat(),
  offset: fc.nat(2 ** 34 - 1000),
});

test("element i is word i & 3 of block i >> 2, for every seed, stream, step and offset", () => {
  fc.assert(
    fc.property(anyDraw, fc.integer({ min: 1, max: 700 }), (draw, length) => {
      const { seed, stream, step } = draw;
      const key = [seed & 0xffffffffn, seed >> 32n];
      const expected = Array.from({ length }, (_, i) => {
        const element = draw.offset + i;
        const counter = [
          BigInt(Math.floor(element / 4)),
          BigInt(step) & 0xffffffffn,
          BigInt(step) >> 32n,
          BigInt(stream),
        ];
        return philox(counter, key)[element % 4];
      });
      expect([...bits(draw, length)]).toEqual(expected);
    }),
    { numRuns: 30 },
  );
});

test("a fill from any offset is the slice of the whole, and touches nothing beside it", () => {
  const whole = { seed: 11, stream: 2, step: 3 };
  const p = memory.view(probabilities);
  const b = memory.view(byteProbabilities);
  for (let i = 0; i < 2000; i += 1) {
    p[i] = (i % 101) / 100;
    b[i] = (i * 7) % 256;
  }
  const fills = [
    { target: words, fill: (slot: never, draw: Draw) => kernels.bits(slot, draw) },
    { target: floats, fill: (slot: never, draw: Draw) => kernels.uniform(slot, draw) },
    { target: floats, fill: (slot: never, draw: Draw) => kernels.normal(slot, draw) },
    ...[probabilities, byteProbabilities].map((source) => ({
      target: flips,
      fill: (slot: { length: number }, draw: Draw) =>
        kernels.bernoulli(slot as never, subSlot(source, draw.offset ?? 0, slot.length), draw),
    })),
  ];
  fc.assert(
    fc.property(
      fc.constantFrom(...fills),
      fc.nat(1000),
      fc.nat(1000),
      fc.nat(20),
      ({ target, fill }, offset, length, place) => {
        fill(subSlot(target, 0, 2000) as never, whole);
        const expected = memory.view(target).slice(offset, offset + length);
        memory.view(target).fill(77);
        fill(subSlot(target, place, length) as never, { ...whole, offset });
        const view = memory.view(target);
        expect(view.slice(place, place + length)).toEqual(expected);
        expect(view.subarray(0, place).every((value) => value === 77)).toBe(true);
        expect(view.subarray(place + length, 2100).every((value) => value === 77)).toBe(true);
      },
    ),
    { numRuns: 300 },
  );
});

test("streams, steps and seeds give unrelated numbers", () => {
  const draws = [
    { seed: 1, stream: 0, step: 0 },
    { seed: 2, stream: 0, step: 0 },
    { seed: 2n ** 32n + 1n, stream: 0, step: 0 },
    { seed: 1, stream: 1, step: 0 },
    { seed: 1, stream: 0, step: 1 },
    { seed: 1, stream: 0, step: 2 ** 32 },
  ];
  const n = 50_000;
  const samples = draws.map((draw) => {
    kernels.normal(subSlot(floats, 0, n), draw);
    return memory.view(floats).slice(0, n);
  });
  for (const [i, a] of samples.entries()) {
    for (const b of samples.slice(i + 1)) {
      const correlation = a.reduce((sum, x, k) => sum + x * b[k]!, 0) / n;
      // Standard error 1/√n; 15 pairs at 4.5 of them fail by chance once in 10⁴.
      expect(Math.abs(correlation)).toBeLessThan(4.5 / Math.sqrt(n));
    }
  }
});

test("uniforms are the top 24 bits, in [0, 1), and pass Kolmogorov and Smirnov's test", () => {
  const draw = { seed: 5, stream: 1, step: 9 };
  kernels.uniform(floats, draw);
  const sample = memory.view(floats);
  const expected = Float32Array.from(bits(draw, capacity), (word) => (word >>> 8) / 2 ** 24);
  expect(sample).toEqual(expected);
  expect(kolmogorovSmirnov(sample, (x) => x)).toBeLessThan(1.95);
});

test("normals are the exact quantiles of their words within 1e-6, SciPy being the judge", () => {
  const { words: given, quantiles } = JSON.parse(
    readFileSync("test/fixtures/normal_quantiles.json", "utf8"),
  ) as { words: number[]; quantiles: number[] };
  const own = new WebAssembly.Memory({ initial: 1, maximum: 1 });
  const padded = Math.ceil(given.length / 4) * 4;
  const quantile = (list: number[]) => {
    new Uint32Array(own.buffer, 8192, list.length).set(list);
    instantiateKernels(own).normalFromWords(8192, padded);
    return [...new Float32Array(own.buffer, 8192, list.length)];
  };
  const lower = quantile(given);
  const upper = quantile(given.map((word) => 2 ** 32 - 1 - word));
  let worst = 0;
  for (const [i, exact] of quantiles.entries()) {
    worst = Math.max(worst, Math.abs(lower[i]! / exact - 1));
    expect(upper[i]).toBe(-lower[i]!);
  }
  expect(worst).toBeLessThan(1e-6);
  expect(Math.min(...lower)).toBeCloseTo(-6.338, 3);
});

test("normals have the moments and the distribution of the standard normal", () => {
  const draw = { seed: 17, stream: 2, step: 1 };
  kernels.normal(floats, draw);
  const sample = memory.view(floats);
  const moment = (k: number) => sample.reduce((sum, x) => sum + x ** k, 0) / capacity;
  // The variance of x^k is E x^2k - (E x^k)^2: 1, 2, 15, 96.
  for (const [k, mean, variance] of [
    [1, 0, 1],
    [2, 1, 2],
    [3, 0, 15],
    [4, 3, 96],
  ] as const) {
    expect(Math.abs(moment(k) - mean)).toBeLessThan(4 * Math.sqrt(variance / capacity));
  }
  expect(kolmogorovSmirnov(sample, normalCdf)).toBeLessThan(1.95);
  const pairs = sample.reduce((sum, x, i) => sum + x * (sample[i + 1] ?? 0), 0) / capacity;
  expect(Math.abs(pairs)).toBeLessThan(4 / Math.sqrt(capacity));
});

test("flips from bytes have the frequency p / 255, and 0 and 255 are certain", () => {
  const p = memory.view(byteProbabilities);
  for (const byte of [0, 1, 25, 128, 254, 255]) {
    p.fill(byte);
    kernels.bernoulli(flips, byteProbabilities, { seed: 3, stream: 4, step: byte });
    const ones = memory.view(flips).reduce((sum, flip) => sum + flip, 0);
    const q = byte / 255;
    const error = 4.5 * Math.sqrt((q * (1 - q)) / capacity);
    expect(memory.view(flips).every((flip) => flip <= 1)).toBe(true);
    expect(Math.abs(ones / capacity - q)).toBeLessThanOrEqual(error);
  }
});

test("probability 255 succeeds with the greatest word too", () => {
  // Found by search: the word at this offset is 2^32 - 1.
  const draw = { seed: 1, stream: 4, step: 0, offset: 349324692 };
  expect(bits(draw, 1)).toEqual(Uint32Array.of(2 ** 32 - 1));
  const p = subSlot(byteProbabilities, 0, 1);
  for (const [byte, flip] of [
    [255, 1],
    [254, 0],
  ] as const) {
    memory.view(p)[0] = byte;
    kernels.bernoulli(subSlot(flips, 0, 1), p, draw);
    expect(memory.view(flips)[0]).toBe(flip);
  }
});

test("flips from bytes compare the word with the byte repeated four times", () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), fc.integer({ min: 1, max: 400 }), (step, length) => {
      const draw = { seed: 1, stream: 4, step };
      const p = subSlot(byteProbabilities, 0, length);
      const target = subSlot(flips, 0, length);
      memory.view(p).set(Uint8Array.from({ length }, (_, i) => (step + i * 37) % 256));
      kernels.bernoulli(target, p, draw);
      const expected = Uint8Array.from(bits(draw, length), (word, i) => {
        const byte = memory.view(p)[i]!;
        return byte === 255 || word < byte * 0x01010101 ? 1 : 0;
      });
      expect(memory.view(target)).toEqual(expected);
    }),
  );
});

test("flips from floats are the uniforms below p, and 0 and 1 are certain", () => {
  const draw = { seed: 8, stream: 4, step: 6 };
  const p = memory.view(probabilities);
  p.forEach((_, i) => {
    p[i] = i % 3 === 0 ? (i % 2 === 0 ? 0 : 1) : (i % 1000) / 999;
  });
  p[4] = Number.NaN;
  kernels.uniform(floats, draw);
  kernels.bernoulli(flips, probabilities, draw);
  const uniforms = memory.view(floats);
  expect(memory.view(flips)).toEqual(
    Uint8Array.from(uniforms, (uniform, i) => (uniform < p[i]! ? 1 : 0)),
  );
  const certain = memory.view(flips).filter((_, i) => i % 3 === 0);
  expect(certain.every((flip, i) => flip === (i % 2 === 0 ? 0 : 1))).toBe(true);
});

test("seeds, streams, steps and offsets out of range are refused", () => {
  const draw = { seed: 1, stream: 0, step: 0 };
  const slot = subSlot(floats, 0, 10);
  for (const wrong of [
    { seed: -1 },
    { seed: 1.5 },
    { seed: 2n ** 64n },
    { stream: 2 ** 32 },
    { stream: -1 },
    { step: -1 },
    { step: 2 ** 53 },
    { offset: 2 ** 34 - 9 },
    { offset: 0.5 },
  ]) {
    expect(codeOf(() => kernels.uniform(slot, { ...draw, ...wrong }))).toBe("draw-invalid");
  }
});
