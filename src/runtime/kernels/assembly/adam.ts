// Adam and AdamW in one pass: coupled weight decay enters the gradient, decoupled decay shrinks
// the parameter first.
import { decayed } from "./sgd";
import { loadTail, storeTail, tailOf } from "./tail";

// @ts-ignore: decorator
@inline
function adamVector(
  p: usize,
  g: usize,
  m: usize,
  v: usize,
  scale: f32,
  decay: f32,
  shrink: f32,
  oneLessBeta1: f32,
  beta2: f32,
  oneLessBeta2: f32,
  rate: f32,
  inverseRootCorrection: f32,
  epsilon: f32,
): void {
  const parameter = v128.load(p);
  const gradient = decayed(parameter, g, scale, decay);
  const oldFirst = v128.load(m);
  const change = f32x4.mul(f32x4.sub(gradient, oldFirst), f32x4.splat(oneLessBeta1));
  const first = f32x4.add(oldFirst, change);
  const kept = f32x4.mul(v128.load(v), f32x4.splat(beta2));
  const square = f32x4.mul(f32x4.mul(gradient, gradient), f32x4.splat(oneLessBeta2));
  const second = f32x4.add(kept, square);
  v128.store(m, first);
  v128.store(v, second);
  const root = f32x4.mul(f32x4.sqrt(second), f32x4.splat(inverseRootCorrection));
  const ratio = f32x4.div(first, f32x4.add(root, f32x4.splat(epsilon)));
  const shrunk = f32x4.mul(parameter, f32x4.splat(shrink));
  v128.store(p, f32x4.sub(shrunk, f32x4.mul(ratio, f32x4.splat(rate))));
}

/**
 * One step over `length` floats. `rate` is the learning rate over the first bias correction,
 * `inverseRootCorrection` one over the root of the second; `shrink` is 1 for Adam.
 */
export function adam(
  p: usize,
  g: usize,
  m: usize,
  v: usize,
  length: usize,
  scale: f32,
  decay: f32,
  shrink: f32,
  oneLessBeta1: f32,
  beta2: f32,
  oneLessBeta2: f32,
  rate: f32,
  inverseRootCorrection: f32,
  epsilon: f32,
): void {
  for (let end = p + ((length & ~3) << 2); p < end; p += 16, g += 16, m += 16, v += 16) {
    adamVector(
      p,
      g,
      m,
      v,
      scale,
      decay,
      shrink,
      oneLessBeta1,
      beta2,
      oneLessBeta2,
      rate,
      inverseRootCorrection,
      epsilon,
    );
  }
  const rest = length & 3;
  if (rest == 0) return;
  loadTail(0, p, rest);
  loadTail(1, g, rest);
  loadTail(2, m, rest);
  loadTail(3, v, rest);
  adamVector(
    tailOf(0),
    tailOf(1),
    tailOf(2),
    tailOf(3),
    scale,
    decay,
    shrink,
    oneLessBeta1,
    beta2,
    oneLessBeta2,
    rate,
    inverseRootCorrection,
    epsilon,
  );
  storeTail(0, p, rest);
  storeTail(2, m, rest);
  storeTail(3, v, rest);
}
