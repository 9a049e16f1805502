// Examples of matrix products, convolutions and resizing.
import { BATCH, resize } from "#elbo/graph/index.js";
import type { Case, Draw } from "../draw.ts";

/** Strides, padding and dilation for each of `axes`, and kernels that fit pictures of the size. */
function windows(d: Draw, axes: number) {
  const each = (min: number, max: number) => Array.from({ length: axes }, () => d.int(min, max));
  return { stride: each(1, 3), padding: each(0, 2), dilation: each(1, 2), taps: each(1, 3) };
}

function conv(d: Draw) {
  const { taps, ...options } = windows(d, d.int(1, 2));
  // At least the reach of the kernel, and more that the stride need not divide.
  const sizes = taps.map((k, i) => {
    const reach = options.dilation[i]! * (k - 1) + 1;
    return Math.max(1, reach - 2 * options.padding[i]!) + d.int(0, 4);
  });
  const channels = d.int(1, 2);
  const x = d.real([d.pick([BATCH, 2]), channels, ...sizes]);
  return x.conv(d.real([d.int(1, 2), channels, ...taps], { low: -1, scale: 0.5 }), options);
}

function convTranspose(d: Draw) {
  const { taps, ...options } = windows(d, d.int(1, 2));
  const outputPadding = options.stride.map((s) => d.int(0, s - 1));
  // Large enough that the padding leaves something of the output.
  const sizes = taps.map((_, i) => 1 + 2 * options.padding[i]! + d.int(0, 2));
  const channels = d.int(1, 2);
  const x = d.real([d.pick([BATCH, 2]), channels, ...sizes]);
  const kernel = d.real([channels, d.int(1, 2), ...taps], { low: -1, scale: 0.5 });
  return x.convTranspose(kernel, { ...options, outputPadding });
}

function matmul(d: Draw) {
  const [n, k, m] = [d.int(1, 3), d.int(1, 3), d.int(1, 3)];
  const kind = d.int(0, 4);
  if (kind === 0) return d.real([BATCH, k]).matmul(d.real([k, m]));
  if (kind === 1)
    return d
      .real([BATCH, n])
      .transpose()
      .matmul(d.real([BATCH, m]));
  if (kind === 2) return d.real([BATCH, 2, n, k]).matmul(d.real([k, m]));
  if (kind === 3) return d.real([n, k]).matmul(d.real([BATCH, k, m]));
  return d.real([BATCH, 1, n, k]).matmul(d.real([2, k, m]));
}

export const linear: Record<string, Case> = {
  matmul,
  conv,
  convTranspose,
  resize: (d) => {
    const x = d.real([d.pick([BATCH, 2]), d.int(1, 2), d.int(1, 3), d.int(1, 3)]);
    return resize(x, [d.int(1, 5), d.int(1, 5)], d.pick(["nearest", "bilinear"] as const));
  },
};
