// Examples of operators that move values, or pick and add them by index.
import { concat, constant, type Tensor } from "#elbo/graph/index.js";
import type { Case, Draw } from "../draw.ts";

/** An axis of known size. */
function knownAxis(d: Draw, x: Tensor): number {
  return d.pick(x.shape.flatMap((size, axis) => (size > 0 ? [axis, axis - x.rank] : [])));
}

/** Two or three axes, the last of 2 to 5 elements. */
const long = (d: Draw, size = d.int(2, 5)) => d.real([...d.shape(d.int(1, 2)), size]);

export const layout: Record<string, Case> = {
  reshape(d) {
    const [a, b, c] = d.shape(3) as [number, number, number];
    const x = d.real([a, b, c]);
    return x.reshape(d.pick([[a * b, c], [a, b * c], [a, 1, c, b], [a * b * c]]));
  },
  transpose(d) {
    const x = d.real();
    if (d.bool()) return x.transpose();
    const by = d.int(0, x.rank - 1);
    return x.transpose(x.shape.map((_, i) => (i + by) % x.rank));
  },
  broadcastTo(d) {
    const [s, t] = d.twoShapes();
    const whole = d.real(s).add(d.real(t));
    // The running sum stands between, so that the broadcast is not left to the addition.
    return d.real(t).broadcastTo(whole.shape).cumulativeSum(0).add(whole);
  },
  sumTo(d) {
    const [s, t] = d.twoShapes();
    const [a, b] = [d.real(s), d.real(t)];
    return a.mul(b).sumTo(d.pick([s, t]));
  },
  slice(d) {
    const x = long(d);
    const axis = knownAxis(d, x);
    const size = x.shape.at(axis)!;
    const start = d.int(0, size - 1);
    return x.slice(axis, start, d.int(start + 1, size), d.int(1, 3));
  },
  pad(d) {
    const x = long(d);
    return x.pad(knownAxis(d, x), d.int(0, 2), d.int(0, 2), d.pick([0, 0, 1.5]));
  },
  split(d) {
    const parts = long(d, 5).split(
      -1,
      d.pick([
        [2, 3],
        [1, 4],
        [3, 2],
      ]),
    );
    return parts[0]!.sum(-1).mul(parts[1]!.square().sum(-1));
  },
  reverse(d) {
    const x = long(d);
    return x.reverse(knownAxis(d, x)).mul(x);
  },
  concat(d) {
    const parts = Array.from({ length: d.int(1, 3) }, () => d.int(1, 3));
    const [a, b] = d.shape(2) as [number, number];
    if (d.bool())
      return concat(
        parts.map((size) => d.real([a, size, b])),
        d.pick([1, -2]),
      );
    return concat(
      parts.map((size) => d.real([a, b, size])),
      -1,
    );
  },
  gather(d) {
    const x = long(d);
    const axis = knownAxis(d, x);
    const size = x.shape.at(axis)!;
    const fixed = constant(
      Array.from({ length: 4 }, () => d.int(0, size - 1)),
      [2, 2],
      "int32",
    );
    const free = x.shape.includes(-1) ? [3] : [-1, 2];
    return x.gather(axis, d.bool() ? fixed : d.whole(d.bool() ? free : [], 0, size));
  },
  gatherElements(d) {
    const x = long(d);
    const axis = knownAxis(d, x);
    const shape = x.shape.with(axis, d.int(1, 4));
    return x.gatherElements(axis, d.whole(shape, 0, x.shape.at(axis)!));
  },
  scatterAdd(d) {
    const x = d.real();
    const size = d.int(2, 4);
    return x.scatterAdd(d.whole([x.shape[0]!], 0, size), size);
  },
  topK(d) {
    const size = d.int(2, 5);
    return long(d, size).topK(d.int(1, size)).values;
  },
};
