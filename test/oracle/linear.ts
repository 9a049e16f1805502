// Rules of matrix products and convolutions, by their definitions.
import { build, coordinates, count, element, offsetOf, type Rule, type Value } from "./value.ts";

interface Windows {
  strides: number[];
  padding: number[];
  dilations: number[];
}

const matmul: Rule = ({ inputs, shape }) => {
  const [a, b] = inputs as [Value, Value];
  return build(shape, (index) => {
    const [leading, i, j] = [index.slice(0, -2), index.at(-2)!, index.at(-1)!];
    let sum = 0;
    for (let k = 0; k < a.shape.at(-1)!; k++) {
      sum += element(a, [...leading, i, k]) * element(b, [...leading, k, j]);
    }
    return sum;
  });
};

const gemm: Rule = ({ inputs, shape, attributes }) => {
  const [a, b, c] = inputs as [Value, Value, Value | undefined];
  const { transA, transB } = attributes;
  return build(shape, ([i, j]) => {
    let sum = c ? element(c, [i!, j!]) : 0;
    for (let k = 0; k < a.shape[transA ? 0 : 1]!; k++) {
      sum += element(a, transA ? [k, i!] : [i!, k]) * element(b, transB ? [j!, k] : [k, j!]);
    }
    return sum;
  });
};

/**
 * Calls `visit` for each pair of a position of the large picture and one of the small, and the tap
 * of the kernel that joins them: large = small · stride − padding + tap · dilation.
 */
function eachTap(
  large: readonly number[],
  small: readonly number[],
  taps: readonly number[],
  { strides, padding, dilations }: Windows,
  visit: (large: number[], small: number[], tap: number[]) => void,
): void {
  for (let s = 0; s < count(small); s++) {
    const at = coordinates(s, small);
    for (let t = 0; t < count(taps); t++) {
      const tap = coordinates(t, taps);
      const from = at.map((p, i) => p * strides[i]! - padding[i]! + tap[i]! * dilations[i]!);
      if (from.every((p, i) => p >= 0 && p < large[i]!)) visit(from, at, tap);
    }
  }
}

function convolution(transposed: boolean): Rule {
  return ({ inputs, shape, attributes }) => {
    const [x, kernel] = inputs as [Value, Value];
    const output = build(shape, () => 0);
    const [first, second, ...taps] = kernel.shape as [number, number, ...number[]];
    const [large, small] = transposed ? [output, x] : [x, output];
    const windows = attributes as unknown as Windows;
    eachTap(large.shape.slice(2), small.shape.slice(2), taps, windows, (l, s, tap) => {
      for (let n = 0; n < shape[0]!; n++) {
        for (let i = 0; i < first; i++) {
          for (let j = 0; j < second; j++) {
            const weight = element(kernel, [i, j, ...tap]);
            // A kernel is (small's channels, large's channels, …) in both directions.
            const p = offsetOf([n, j, ...l], large.shape);
            const q = offsetOf([n, i, ...s], small.shape);
            if (transposed) output.data[p]! += x.data[q]! * weight;
            else output.data[q]! += x.data[p]! * weight;
          }
        }
      }
    });
    return output;
  };
}

export const linear: Record<string, Rule> = {
  matmul,
  gemm,
  conv: convolution(false),
  convTranspose: convolution(true),
};
