// Sums over float32 arrays in memory, always in the same order.

/** target[i] += source[i] for `length` floats; both at multiples of 16 bytes. */
export function accumulate(target: usize, source: usize, length: i32): void {
  const end = target + ((<usize>length) << 2);
  const vectorEnd = target + ((<usize>(length & ~3)) << 2);
  while (target < vectorEnd) {
    v128.store(target, f32x4.add(v128.load(target), v128.load(source)));
    target += 16;
    source += 16;
  }
  while (target < end) {
    store<f32>(target, load<f32>(target) + load<f32>(source));
    target += 4;
    source += 4;
  }
}
