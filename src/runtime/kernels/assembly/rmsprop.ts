// RMSprop, plain and with momentum, in one pass.
import { decayed } from "./sgd";
import { loadTail, storeTail, tailOf } from "./tail";

/** With d the decayed gradient: v ← αv + (1-α)d², returns d / (√v + ε). */
// @ts-ignore: decorator
@inline
function normalized(
  parameter: v128,
  g: usize,
  v: usize,
  scale: f32,
  decay: f32,
  alpha: f32,
  oneLessAlpha: f32,
  epsilon: f32,
): v128 {
  const gradient = decayed(parameter, g, scale, decay);
  const kept = f32x4.mul(v128.load(v), f32x4.splat(alpha));
  const square = f32x4.mul(f32x4.mul(gradient, gradient), f32x4.splat(oneLessAlpha));
  const second = f32x4.add(kept, square);
  v128.store(v, second);
  return f32x4.div(gradient, f32x4.add(f32x4.sqrt(second), f32x4.splat(epsilon)));
}

// @ts-ignore: decorator
@inline
function plainVector(
  p: usize,
  g: usize,
  v: usize,
  scale: f32,
  rate: f32,
  decay: f32,
  alpha: f32,
  oneLessAlpha: f32,
  epsilon: f32,
): void {
  const parameter = v128.load(p);
  const direction = normalized(parameter, g, v, scale, decay, alpha, oneLessAlpha, epsilon);
  v128.store(p, f32x4.sub(parameter, f32x4.mul(direction, f32x4.splat(rate))));
}

export function rmsprop(
  p: usize,
  g: usize,
  v: usize,
  length: usize,
  scale: f32,
  rate: f32,
  decay: f32,
  alpha: f32,
  oneLessAlpha: f32,
  epsilon: f32,
): void {
  for (let end = p + ((length & ~3) << 2); p < end; p += 16, g += 16, v += 16) {
    plainVector(p, g, v, scale, rate, decay, alpha, oneLessAlpha, epsilon);
  }
  const rest = length & 3;
  if (rest == 0) return;
  loadTail(0, p, rest);
  loadTail(1, g, rest);
  loadTail(2, v, rest);
  plainVector(tailOf(0), tailOf(1), tailOf(2), scale, rate, decay, alpha, oneLessAlpha, epsilon);
  storeTail(0, p, rest);
  storeTail(2, v, rest);
}

/** b ← μb + d / (√v + ε); p ← p - rate·b. */
// @ts-ignore: decorator
@inline
function momentumVector(
  p: usize,
  g: usize,
  v: usize,
  b: usize,
  scale: f32,
  rate: f32,
  decay: f32,
  alpha: f32,
  oneLessAlpha: f32,
  epsilon: f32,
  momentum: f32,
): void {
  const parameter = v128.load(p);
  const direction = normalized(parameter, g, v, scale, decay, alpha, oneLessAlpha, epsilon);
  const velocity = f32x4.add(f32x4.mul(v128.load(b), f32x4.splat(momentum)), direction);
  v128.store(b, velocity);
  v128.store(p, f32x4.sub(parameter, f32x4.mul(velocity, f32x4.splat(rate))));
}

export function rmspropMomentum(
  p: usize,
  g: usize,
  v: usize,
  b: usize,
  length: usize,
  scale: f32,
  rate: f32,
  decay: f32,
  alpha: f32,
  oneLessAlpha: f32,
  epsilon: f32,
  momentum: f32,
): void {
  for (let end = p + ((length & ~3) << 2); p < end; p += 16, g += 16, v += 16, b += 16) {
    momentumVector(p, g, v, b, scale, rate, decay, alpha, oneLessAlpha, epsilon, momentum);
  }
  const rest = length & 3;
  if (rest == 0) return;
  loadTail(0, p, rest);
  loadTail(1, g, rest);
  loadTail(2, v, rest);
  loadTail(3, b, rest);
  momentumVector(
    tailOf(0),
    tailOf(1),
    tailOf(2),
    tailOf(3),
    scale,
    rate,
    decay,
    alpha,
    oneLessAlpha,
    epsilon,
    momentum,
  );
  storeTail(0, p, rest);
  storeTail(2, v, rest);
  storeTail(3, b, rest);
}
