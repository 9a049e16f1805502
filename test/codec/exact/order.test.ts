// The order in which sums are taken, which is part of the format: the same bytes as plain loops that
// round each operation to float32.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { exactProgram } from "#elbo/codec/exact/program.js";
import { BATCH, input, parameter, type Tensor } from "#elbo/graph/index.js";
import { Random } from "#elbo/runtime/random.js";

const { fround } = Math;
const normal = (step: number, size: number) => new Random(3).normal(1, step, size);
const bytes = (values: ArrayLike<number>) =>
  Buffer.from(Float32Array.from(values).buffer).toString("hex");

function run(out: Tensor, feeds: Record<string, Float32Array>, batch: number): Float32Array {
  const parameters = new Map(Object.entries(feeds));
  return exactProgram({ out }, parameters).run(feeds, batch)["out"] as Float32Array;
}

/** a · b for (rows, inner) and (inner, columns), k ascending. */
function product(a: Float32Array, b: Float32Array, rows: number, inner: number, columns: number) {
  const result = new Float32Array(rows * columns);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      let sum = 0;
      for (let k = 0; k < inner; k++) {
        sum = fround(sum + fround(a[i * inner + k]! * b[k * columns + j]!));
      }
      result[i * columns + j] = sum;
    }
  }
  return result;
}

const size = (max: number) => fc.integer({ min: 1, max });

describe("as plain loops have it", () => {
  test("a product, of rows with fixed or given weights", () => {
    fc.assert(
      fc.property(size(9), size(41), size(70), (rows, inner, columns) => {
        const [x, w] = [normal(0, rows * inner), normal(1, inner * columns)];
        const expected = bytes(product(x, w, rows, inner, columns));
        for (const weights of [input("w", [inner, columns]), parameter("w", [inner, columns])]) {
          const out = input("x", [BATCH, inner]).matmul(weights);
          expect(bytes(run(out, { x, w }, rows))).toBe(expected);
        }
      }),
      { numRuns: 60, seed: 1 },
    );
  });

  test("a sum, along the last axis and along another", () => {
    fc.assert(
      fc.property(size(50), size(6), (length, rows) => {
        const x = normal(2, length * rows);
        const sums = Array.from({ length: rows }, (_, row) => {
          const parts = [0, 0, 0, 0];
          for (let i = 0; i < length; i++) {
            parts[i % 4] = fround(parts[i % 4]! + x[row * length + i]!);
          }
          return fround(fround(parts[0]! + parts[1]!) + fround(parts[2]! + parts[3]!));
        });
        const tensor = input("x", [BATCH, length]);
        expect(bytes(run(tensor.sum(1), { x }, rows))).toBe(bytes(sums));
        expect(bytes(run(tensor.transpose().sum(0), { x }, rows))).toBe(bytes(sums));
        const apart = input("x", [BATCH, length, 1]).transpose([1, 0, 2]);
        expect(bytes(run(apart.sum([0, 2]), { x }, rows))).toBe(bytes(sums));
      }),
      { numRuns: 60, seed: 2 },
    );
  });

  test("a convolution: channels, rows and columns of the kernel, with zeros outside", () => {
    fc.assert(
      fc.property(size(3), size(5), size(7), size(3), (channels, outputs, side, taps) => {
        const [stride, padding] = [1 + (side % 2), taps - 1];
        const x = normal(3, 2 * channels * side * side);
        const w = normal(4, outputs * channels * taps * taps);
        const out = Math.floor((side + 2 * padding - taps) / stride) + 1;
        const expected: number[] = [];
        const pixel = (n: number, c: number, i: number, j: number) =>
          i < 0 || j < 0 || i >= side || j >= side
            ? 0
            : x[((n * channels + c) * side + i) * side + j]!;
        for (let at = 0; at < 2 * outputs * out * out; at++) {
          const [j, i] = [at % out, Math.floor(at / out) % out];
          const [o, n] = [Math.floor(at / out ** 2) % outputs, Math.floor(at / out ** 2 / outputs)];
          let sum = 0;
          for (let k = 0; k < channels * taps * taps; k++) {
            const [p, q, c] = [Math.floor(k / taps) % taps, k % taps, Math.floor(k / taps ** 2)];
            const value = pixel(n, c, i * stride - padding + p, j * stride - padding + q);
            sum = fround(sum + fround(w[o * channels * taps ** 2 + k]! * value));
          }
          expected.push(sum);
        }
        const kernel = input("w", [outputs, channels, taps, taps]);
        const picture = input("x", [BATCH, channels, side, side]);
        const result = run(picture.conv(kernel, { stride, padding }), { x, w }, 2);
        expect(bytes(result)).toBe(bytes(expected));
      }),
      { numRuns: 40, seed: 3 },
    );
  });

  test("a transposed convolution: each tap over channels, then taps", () => {
    fc.assert(
      fc.property(size(5), size(3), size(6), size(4), (channels, outputs, side, taps) => {
        const [stride, dilation] = [1 + (side % 3), 1 + (side % 2)];
        const x = normal(5, 2 * channels * side);
        const w = normal(6, channels * outputs * taps);
        const length = (side - 1) * stride + dilation * (taps - 1) + 1;
        const expected = new Float32Array(2 * outputs * length);
        for (let n = 0; n < 2; n++) {
          for (let o = 0; o < outputs; o++) {
            for (let t = 0; t < taps; t++) {
              for (let i = 0; i < side; i++) {
                let sum = 0;
                for (let c = 0; c < channels; c++) {
                  const weight = w[(c * outputs + o) * taps + t]!;
                  sum = fround(sum + fround(weight * x[(n * channels + c) * side + i]!));
                }
                const at = (n * outputs + o) * length + i * stride + t * dilation;
                expected[at] = fround(expected[at]! + sum);
              }
            }
          }
        }
        const kernel = input("w", [channels, outputs, taps]);
        const line = input("x", [BATCH, channels, side]);
        const result = run(line.convTranspose(kernel, { stride, dilation }), { x, w }, 2);
        expect(bytes(result)).toBe(bytes(expected));
      }),
      { numRuns: 40, seed: 4 },
    );
  });
});
