// Philox4x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3"), two blocks a
// step of vector code. A vector holds words 0 and 2 (`even`) or 1 and 3 (`odd`) of two blocks, so
// that one extended multiplication serves both products of a block. The state stays in the target
// memory between rounds: each round passes over many pairs, which hides the latency of the
// multiplications, and the loads and stores are free beside them.

/** Bytes and words that a pair of blocks makes. */
export const pairBytes: usize = 32;
export const pairWords: usize = 8;

/** Puts the counters of the pair of blocks `block` and `block + 1` at `at`. */
// @ts-ignore: decorator
@inline
export function counters(at: usize, block: u32, odd: v128, stepHigh: u32): void {
  let even = i32x4.replace_lane(i32x4.splat(stepHigh), 0, block);
  even = i32x4.replace_lane(even, 2, block + 1);
  v128.store(at, even);
  v128.store(at, odd, 16);
}

/** The words of counters that do not change from block to block: stepLow and the stream. */
// @ts-ignore: decorator
@inline
export function oddWords(stepLow: u32, stream: u32): v128 {
  const odd = i32x4.replace_lane(i32x4.splat(stepLow), 1, stream);
  return i32x4.replace_lane(odd, 3, stream);
}

/** Turns the counters of `pairs` pairs of blocks at `target` into their words, in order. */
export function rounds(target: usize, pairs: usize, keyLow: u32, keyHigh: u32): void {
  const multipliers = i32x4(0xd2511f53, 0xcd9e8d57, 0xd2511f53, 0xcd9e8d57);
  const weyl = i32x4(0x9e3779b9, 0xbb67ae85, 0x9e3779b9, 0xbb67ae85);
  let key = i32x4.replace_lane(i32x4.splat(keyLow), 1, keyHigh);
  key = i32x4.replace_lane(key, 3, keyHigh);
  const end = target + pairs * pairBytes;
  for (let round = 0; round < 10; ++round) {
    for (let at = target; at < end; at += pairBytes) {
      const even = v128.load(at);
      const odd = v128.load(at, 16);
      const a = i64x2.extmul_low_i32x4_u(even, multipliers);
      const b = i64x2.extmul_high_i32x4_u(even, multipliers);
      const high = v128.shuffle<i32>(a, b, 3, 1, 7, 5);
      v128.store(at, v128.xor(v128.xor(high, odd), key));
      v128.store(at, v128.shuffle<i32>(a, b, 2, 0, 6, 4), 16);
    }
    key = i32x4.add(key, weyl);
  }
  for (let at = target; at < end; at += pairBytes) {
    const even = v128.load(at);
    const odd = v128.load(at, 16);
    v128.store(at, v128.shuffle<i32>(even, odd, 0, 4, 1, 5));
    v128.store(at, v128.shuffle<i32>(even, odd, 2, 6, 3, 7), 16);
  }
}

/**
 * Writes the words of blocks `block` to `block + 2 pairs - 1` at `target`, in order.
 * Counter: (block, stepLow, stepHigh, stream). Key: (keyLow, keyHigh).
 */
export function philox(
  target: usize,
  pairs: usize,
  block: u32,
  stepLow: u32,
  stepHigh: u32,
  stream: u32,
  keyLow: u32,
  keyHigh: u32,
): void {
  const odd = oddWords(stepLow, stream);
  const end = target + pairs * pairBytes;
  for (let at = target; at < end; at += pairBytes) {
    counters(at, block, odd, stepHigh);
    block += 2;
  }
  rounds(target, pairs, keyLow, keyHigh);
}
