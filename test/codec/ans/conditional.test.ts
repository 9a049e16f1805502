// Latents under priors of their own: whatever networks emit they come back, and take what q over p says.
import fc from "fast-check";
import { expect, test } from "vitest";
import { Coder } from "#elbo/codec/ans/coder.js";
import { Random } from "#elbo/runtime/random.js";

const coder = new Coder();
const random = new Random(6);
const all = (n: number, value: number) => new Float32Array(n).fill(value);

test("what is pushed is popped, whatever networks emit", () => {
  const n = 12;
  const emitted = fc
    .array(fc.oneof(fc.float({ min: -8, max: 8, noNaN: true }), fc.float()), {
      ...{ minLength: n, maxLength: n },
    })
    .map((values) => Float32Array.from(values));
  fc.assert(
    fc.property(
      emitted,
      emitted,
      fc.option(emitted),
      fc.array(fc.integer({ min: 0, max: 65_535 }), { minLength: n, maxLength: n }),
      (mean, deviation, where, at) => {
        const prior = where && { mean: where, deviation: where.map(Math.abs) };
        const by = { mean, deviation };
        const places = Uint32Array.from(at);
        coder.begin(4 * n);
        coder.pushConditional(by, prior, places);
        coder.reopen(coder.finish(), 4 * n);
        expect(coder.popConditional(by, prior).places).toEqual(places);
        expect(coder.isSpent).toBe(true);
      },
    ),
    { numRuns: 300 },
  );
});

test("a latent's cost is log2 of q over its own prior, among places that lie elsewhere", () => {
  const n = 3000;
  const [m, s] = [1, 0.1];
  const posterior = { mean: all(n, m), deviation: all(n, s) };
  const by = { mean: all(n, 1.2), deviation: all(n, 0.3) };
  const prior = { mean: all(n, 0.5), deviation: all(n, 2) };
  coder.begin(40 * n);
  // Something to draw from, which comes back below.
  const filler = Float64Array.from(random.uniform(1, 0, 2 * n), (u) => Math.floor(256 * u));
  const even = { parameters: [new Float32Array(2 * n), new Float32Array(2 * n)] };
  coder.push({ family: "beta-binomial", levels: 256, ...even }, filler, null);
  const before = coder.finish().length;
  const drawn = coder.popPosterior(posterior, prior, 1);
  coder.pushConditional(by, prior, drawn.places);
  const nats = ((coder.finish().length - before) * 8 * Math.LN2) / n;
  const far = ((m - 1.2) / 0.3) ** 2 + (s / 0.3) ** 2;
  const divergence = 0.5 * (far - 1) + Math.log(0.3 / s);
  // One draw's log ratio has a deviation of √(½(1 − (s/σ)²)² + (s(m − μ)/σ²)²) < 0.7; words are 4 bytes.
  expect(Math.abs(nats - divergence)).toBeLessThan((5 * 0.7) / Math.sqrt(n) + 0.01);
  coder.reopen(coder.finish(), 40 * n);
  expect(coder.popConditional(by, prior)).toEqual(drawn);
});
