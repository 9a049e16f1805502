// Stochastic gradient descent, plain and with momentum, in one pass.
import { loadTail, storeTail, tailOf } from "./tail";

/** s·g + decay·p at one vector. */
// @ts-ignore: decorator
@inline
export function decayed(p: v128, gradient: usize, scale: f32, decay: f32): v128 {
  const g = f32x4.mul(v128.load(gradient), f32x4.splat(scale));
  return f32x4.add(g, f32x4.mul(p, f32x4.splat(decay)));
}

// @ts-ignore: decorator
@inline
function plainVector(p: usize, g: usize, scale: f32, rate: f32, decay: f32): void {
  const parameter = v128.load(p);
  const gradient = decayed(parameter, g, scale, decay);
  v128.store(p, f32x4.sub(parameter, f32x4.mul(gradient, f32x4.splat(rate))));
}

export function sgd(p: usize, g: usize, length: usize, scale: f32, rate: f32, decay: f32): void {
  for (let end = p + ((length & ~3) << 2); p < end; p += 16, g += 16) {
    plainVector(p, g, scale, rate, decay);
  }
  const rest = length & 3;
  if (rest == 0) return;
  loadTail(0, p, rest);
  loadTail(1, g, rest);
  plainVector(tailOf(0), tailOf(1), scale, rate, decay);
  storeTail(0, p, rest);
}

/** With d the decayed gradient: v ← μv + d; p ← p - rate·v, or with Nesterov p - rate·(d + μv). */
// @ts-ignore: decorator
@inline
function momentumVector(
  p: usize,
  g: usize,
  v: usize,
  scale: f32,
  rate: f32,
  decay: f32,
  momentum: f32,
  nesterov: bool,
): void {
  const parameter = v128.load(p);
  const gradient = decayed(parameter, g, scale, decay);
  const mu = f32x4.splat(momentum);
  const velocity = f32x4.add(f32x4.mul(v128.load(v), mu), gradient);
  v128.store(v, velocity);
  const direction = nesterov ? f32x4.add(gradient, f32x4.mul(velocity, mu)) : velocity;
  v128.store(p, f32x4.sub(parameter, f32x4.mul(direction, f32x4.splat(rate))));
}

export function sgdMomentum(
  p: usize,
  g: usize,
  v: usize,
  length: usize,
  scale: f32,
  rate: f32,
  decay: f32,
  momentum: f32,
  nesterov: bool,
): void {
  for (let end = p + ((length & ~3) << 2); p < end; p += 16, g += 16, v += 16) {
    momentumVector(p, g, v, scale, rate, decay, momentum, nesterov);
  }
  const rest = length & 3;
  if (rest == 0) return;
  loadTail(0, p, rest);
  loadTail(1, g, rest);
  loadTail(2, v, rest);
  momentumVector(tailOf(0), tailOf(1), tailOf(2), scale, rate, decay, momentum, nesterov);
  storeTail(0, p, rest);
  storeTail(2, v, rest);
}
