// Examples of operators whose gradient is zero or cut off by definition. Each is added to what has
// a gradient, so that a wrong one would show.
import type { Tensor } from "#elbo/graph/index.js";
import type { Case, Draw } from "../draw.ts";

/** f(x) as float32, beside x itself. */
const beside =
  (f: (x: Tensor) => Tensor): Case =>
  (d) => {
    const x = d.real();
    return f(x).cast("float32").add(x);
  };

const compared =
  (f: (a: Tensor, b: Tensor) => Tensor): Case =>
  (d) => {
    const [s, t] = d.twoShapes();
    const [a, b] = [d.real(s), d.real(t)];
    return f(a, b).cast("float32").mul(a.add(b));
  };

const wholes = (d: Draw): [Tensor, Tensor] => {
  const shape = d.shape();
  return [d.whole(shape, -3, 4), d.whole(shape, 1, 4)];
};

export const flat: Record<string, Case> = {
  floor: beside((x) => x.floor()),
  sign: beside((x) => x.sign()),
  cast: beside((x) => x.cast("int32")),
  less: compared((a, b) => a.less(b)),
  lessOrEqual: compared((a, b) => a.lessOrEqual(b)),
  greater: compared((a, b) => a.greater(b)),
  greaterOrEqual: compared((a, b) => a.greaterOrEqual(b)),
  equal: compared((a, b) => a.equal(b).or(a.equal(a))),
  and: compared((a, b) => a.greater(b).and(a.less(1))),
  or: compared((a, b) => a.greater(b).or(b.less(-1))),
  not: compared((a, b) => a.greater(b).not()),
  argmax(d) {
    const x = d.real();
    const axis = d.axis(x);
    return x.argmax(axis).cast("float32").add(x.sum(axis));
  },
  oneHot(d) {
    const depth = d.int(1, 4);
    const rows = d.whole(d.shape(), 0, depth).oneHot(depth);
    return rows.mul(d.real([depth]));
  },
};

/** Whole numbers: nothing to differentiate. */
export const wholeNumbers: Record<string, Case> = {
  add: (d) => wholes(d).reduce((a, b) => a.add(b)),
  sub: (d) => wholes(d).reduce((a, b) => a.sub(b)),
  mul: (d) => wholes(d).reduce((a, b) => a.mul(b)),
  div: (d) => wholes(d).reduce((a, b) => a.div(b)),
  maximum: (d) => wholes(d).reduce((a, b) => a.maximum(b)),
  minimum: (d) => wholes(d).reduce((a, b) => a.minimum(b)),
  where: (d) => {
    const [a, b] = wholes(d);
    return a.lessOrEqual(b).and(a.equal(b).not()).where(a, b.mul(2));
  },
  clip: (d) => wholes(d)[0].clip(-1, 2),
  gather: (d) => d.whole([3, 2], -9, 9).gather(0, d.whole([-1], 0, 3)),
};
