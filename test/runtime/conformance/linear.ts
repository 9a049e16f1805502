// Reductions, matrix products, convolutions, and what is made of them.
import { BATCH, constant, input, resize, type Tensor } from "#elbo/graph/index.js";
import { type Case, evaluate, expectClose, range, spread } from "./case.ts";

const x = input("x", [BATCH, 3, 4]);
const values = spread(24);

/** Σ over k of a[n, k] b[k, m]. */
function product(a: readonly number[], b: readonly number[], n: number, k: number, m: number) {
  return range(n * m).map((i) => {
    const [row, column] = [Math.floor(i / m), i % m];
    return range(k).reduce((sum, j) => sum + a[row * k + j]! * b[j * m + column]!, 0);
  });
}

interface Geometry {
  stride: number;
  padding: number;
  dilation: number;
}

/** Which input pixel tap `t` of output pixel `o` sees, along one axis. */
const seen = (o: number, t: number, { stride, padding, dilation }: Geometry) =>
  o * stride + t * dilation - padding;

/** Cross-correlation of (batch, channels, size, size) with (out, channels, taps, taps). */
function correlate(
  input: readonly number[],
  kernel: readonly number[],
  [batch, channels, size]: readonly [number, number, number],
  [out, taps]: readonly [number, number],
  geometry: Geometry,
  side: number,
): number[] {
  const result: number[] = [];
  for (const [n, o, i, j] of places([batch, out, side, side])) {
    let sum = 0;
    for (const [c, p, q] of places([channels, taps, taps])) {
      const [row, column] = [seen(i!, p!, geometry), seen(j!, q!, geometry)];
      if (row < 0 || column < 0 || row >= size || column >= size) continue;
      const pixel = input[((n! * channels + c!) * size + row) * size + column]!;
      sum += pixel * kernel[((o! * channels + c!) * taps + p!) * taps + q!]!;
    }
    result.push(sum);
  }
  return result;
}

/** The adjoint of `correlate`: kernel (in, out, taps, taps), output of `side` pixels. */
function spreadOut(
  input: readonly number[],
  kernel: readonly number[],
  [batch, channels, size]: readonly [number, number, number],
  [out, taps]: readonly [number, number],
  geometry: Geometry,
  side: number,
): number[] {
  const result = new Array<number>(batch * out * side * side).fill(0);
  for (const [n, c, i, j] of places([batch, channels, size, size])) {
    const pixel = input[((n! * channels + c!) * size + i!) * size + j!]!;
    for (const [o, p, q] of places([out, taps, taps])) {
      const [row, column] = [seen(i!, p!, geometry), seen(j!, q!, geometry)];
      if (row < 0 || column < 0 || row >= side || column >= side) continue;
      result[((n! * out + o!) * side + row) * side + column]! +=
        pixel * kernel[((c! * out + o!) * taps + p!) * taps + q!]!;
    }
  }
  return result;
}

/** All index tuples below `sizes`, the last one fastest. */
function places(sizes: readonly number[]): number[][] {
  return sizes.reduce<number[][]>(
    (lists, size) => lists.flatMap((list) => range(size).map((i) => [...list, i])),
    [[]],
  );
}

function convolutionCase(geometry: Geometry): Case {
  const { stride, padding, dilation } = geometry;
  const name = `conv with stride ${stride}, padding ${padding}, dilation ${dilation}`;
  return {
    name,
    async run(device) {
      const [size, taps] = [6, 3];
      const side = Math.floor((size + 2 * padding - dilation * (taps - 1) - 1) / stride) + 1;
      const [pixels, kernel] = [spread(2 * 2 * size * size), spread(3 * 2 * taps * taps, -1, 1)];
      const out = input("x", [BATCH, 2, size, size]).conv(
        constant(kernel, [3, 2, taps, taps]),
        geometry,
      );
      const result = await evaluate(device, { out }, { x: pixels }, { batch: 2 });
      const expected = correlate(pixels, kernel, [2, 2, size], [3, taps], geometry, side);
      expectClose(result["out"]!, expected, name, 2e-6);
    },
  };
}

function transposedCase(geometry: Geometry, outputPadding: number): Case {
  const { stride, padding, dilation } = geometry;
  const name = `convTranspose with stride ${stride}, padding ${padding}, dilation ${dilation}, output padding ${outputPadding}`;
  return {
    name,
    async run(device) {
      const [size, taps] = [4, 3];
      const side = (size - 1) * stride - 2 * padding + dilation * (taps - 1) + 1 + outputPadding;
      const [pixels, kernel] = [spread(2 * 2 * size * size), spread(2 * 3 * taps * taps, -1, 1)];
      const out = input("x", [BATCH, 2, size, size]).convTranspose(
        constant(kernel, [2, 3, taps, taps]),
        { ...geometry, outputPadding },
      );
      const result = await evaluate(device, { out }, { x: pixels }, { batch: 2 });
      const expected = spreadOut(pixels, kernel, [2, 2, size], [3, taps], geometry, side);
      expectClose(result["out"]!, expected, name, 2e-6);
    },
  };
}

const reductions: Record<string, [(t: Tensor) => Tensor, (row: number[]) => number]> = {
  sum: [(t) => t.sum(2), (row) => row.reduce((a, b) => a + b, 0)],
  mean: [(t) => t.mean(2), (row) => row.reduce((a, b) => a + b, 0) / row.length],
  max: [(t) => t.max(2), (row) => Math.max(...row)],
  min: [(t) => t.min(2), (row) => Math.min(...row)],
  prod: [(t) => t.prod(2), (row) => row.reduce((a, b) => a * b, 1)],
  argmax: [(t) => t.argmax(2), (row) => row.indexOf(Math.max(...row))],
  logSumExp: [
    (t) => t.logSumExp(2),
    (row) => Math.log(row.reduce((sum, value) => sum + Math.exp(value), 0)),
  ],
};

export const linear: Case[] = [
  ...Object.entries(reductions).map(
    ([name, [build, value]]): Case => ({
      name,
      async run(device) {
        const { out } = await evaluate(device, { out: build(x) }, { x: values }, { batch: 2 });
        const expected = range(6).map((i) => value(values.slice(4 * i, 4 * i + 4)));
        expectClose(out!, expected, name, 2e-6);
      },
    }),
  ),
  {
    name: "argmax gives the first of equals",
    async run(device) {
      const rows = input("rows", [BATCH, 4]);
      const feeds = { rows: [1, 7, 7, 0, -3, -3, -5, -3] };
      const { out } = await evaluate(device, { out: rows.argmax(1) }, feeds, { batch: 2 });
      expectClose(out!, [1, 0], "argmax");
    },
  },
  {
    name: "sums over the batch, over all axes, and with axes kept",
    async run(device) {
      const outputs = { batch: x.sum(0), all: x.sum(), kept: x.sum([0, 2], true) };
      const result = await evaluate(device, outputs, { x: range(24) }, { batch: 2 });
      expectClose(
        result["batch"]!,
        range(12).map((i) => 2 * i + 12),
        "sum over the batch",
      );
      expectClose(result["all"]!, [276], "sum of all");
      expectClose(result["kept"]!, [60, 92, 124], "sum over two axes");
    },
  },
  {
    name: "softmax and logSoftmax do not overflow",
    async run(device) {
      const rows = input("rows", [BATCH, 3]);
      const outputs = { p: rows.softmax(1), log: rows.logSoftmax(1) };
      const feeds = { rows: [1000, 1001, 999, -5, 0, 5] };
      const result = await evaluate(device, outputs, feeds, { batch: 2 });
      const log = [
        [1000, 1001, 999],
        [-5, 0, 5],
      ].flatMap((row) => {
        const peak = Math.max(...row);
        const norm = peak + Math.log(row.reduce((sum, v) => sum + Math.exp(v - peak), 0));
        return row.map((v) => v - norm);
      });
      // Numbers near 1000 have steps of 6e-5 in float32.
      expectClose(result["log"]!, log, "logSoftmax", 1e-4);
      expectClose(result["p"]!, log.map(Math.exp), "softmax", 1e-4);
    },
  },
  {
    name: "matmul of rows and of stacks, with transposes and bias",
    async run(device) {
      const rows = input("rows", [BATCH, 3]);
      const [a, b] = [spread(6), spread(6, -1, 1)];
      const matrix = constant(b, [3, 2]);
      const outputs = {
        product: rows.matmul(matrix),
        affine: rows.matmul(matrix).add(constant([10, 20])),
        gram: rows.transpose().matmul(rows),
        stack: x.matmul(x.transpose([0, 2, 1])),
        long: x.matmul(constant(spread(8), [4, 2])),
      };
      const feeds = { rows: a, x: values };
      const result = await evaluate(device, outputs, feeds, { batch: 2 });
      const flat = product(a, b, 2, 3, 2);
      expectClose(result["product"]!, flat, "matmul");
      expectClose(
        result["affine"]!,
        flat.map((v, i) => v + 10 * (1 + (i % 2))),
        "bias",
      );
      const turned = range(6).map((i) => a[(i % 2) * 3 + Math.floor(i / 2)]!);
      expectClose(result["gram"]!, product(turned, a, 3, 2, 3), "transposed");
      const stack = [0, 12].flatMap((start) => {
        const part = values.slice(start, start + 12);
        const across = range(12).map((i) => part[(i % 3) * 4 + Math.floor(i / 3)]!);
        return product(part, across, 3, 4, 3);
      });
      expectClose(result["stack"]!, stack, "stacked matmul", 2e-6);
      expectClose(result["long"]!, product(values, spread(8), 6, 4, 2), "rows of stacks", 2e-6);
    },
  },
  convolutionCase({ stride: 1, padding: 0, dilation: 1 }),
  convolutionCase({ stride: 2, padding: 1, dilation: 1 }),
  convolutionCase({ stride: 1, padding: 2, dilation: 2 }),
  transposedCase({ stride: 1, padding: 0, dilation: 1 }, 0),
  transposedCase({ stride: 2, padding: 1, dilation: 1 }, 1),
  transposedCase({ stride: 2, padding: 1, dilation: 2 }, 0),
  {
    name: "convolutions over one axis",
    async run(device) {
      const series = input("series", [BATCH, 1, 5]);
      const kernel = constant([1, 10, 100], [1, 1, 3]);
      const outputs = {
        conv: series.conv(kernel, { padding: 1 }),
        transposed: series.convTranspose(kernel, { stride: 2 }),
      };
      const result = await evaluate(device, outputs, { series: [1, 2, 3, 4, 5] });
      expectClose(result["conv"]!, [210, 321, 432, 543, 54], "conv");
      const transposed = [1, 10, 102, 20, 203, 30, 304, 40, 405, 50, 500];
      expectClose(result["transposed"]!, transposed, "convTranspose");
    },
  },
  {
    name: "resize, nearest and bilinear",
    async run(device) {
      const picture = input("picture", [BATCH, 1, 2, 2]);
      const outputs = {
        nearest: resize(picture, [4, 4], "nearest"),
        bilinear: resize(picture, [2, 4]),
      };
      const result = await evaluate(device, outputs, { picture: [1, 2, 3, 4] });
      const nearest = [1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4];
      expectClose(result["nearest"]!, nearest, "nearest");
      expectClose(result["bilinear"]!, [1, 1.25, 1.75, 2, 3, 3.25, 3.75, 4], "bilinear");
    },
  },
];
