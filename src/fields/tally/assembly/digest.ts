// The steps of ../../digest.ts.

// @ts-ignore: decorator
@inline
export function stepA(a: i32, word: i32): i32 {
  return ((a ^ word) * 0x01000193) ^ <i32>(<u32>a >> 15);
}

// @ts-ignore: decorator
@inline
export function stepB(b: i32, word: i32): i32 {
  return (rotl(b, 13) ^ word) * <i32>0x85ebca6b;
}

/** Of a number that is there; that of −0 is that of 0. */
export function hashNumber(value: f64): u32 {
  const bits = value == 0 ? 0 : reinterpret<u64>(value);
  let h = <u32>bits ^ (<u32>(bits >> 32) * 0x9e3779b1);
  h = (h ^ (h >> 16)) * 0x85ebca6b;
  h = (h ^ (h >> 13)) * 0xc2b2ae35;
  return h ^ (h >> 16);
}
