// Coin flips: one byte, 0 or 1, for each probability. Element i takes the same word as in a fill.
import { counters, oddWords, pairBytes, pairWords, philox, rounds } from "./philox";
import { groupLength, scratch } from "./scratch";
import { uniform } from "./transforms";

const wordsAt: usize = scratch;
const probabilitiesAt: usize = wordsAt + groupLength * 4;
const flipsAt: usize = probabilitiesAt + groupLength * 4;
/** Places of the pairs that wait for their words, in the room of the flips. */
const placesAt: usize = flipsAt;
const waitingLimit: usize = groupLength / pairWords;

/** Four vectors of masks to 16 bytes of 0 or 1. */
// @ts-ignore: decorator
@inline
function pack(a: v128, b: v128, c: v128, d: v128): v128 {
  const bytes = i8x16.narrow_i16x8_s(i16x8.narrow_i32x4_s(a, b), i16x8.narrow_i32x4_s(c, d));
  return v128.and(bytes, i8x16.splat(1));
}

/**
 * word < p·(2³² - 1)/255, which is p times 0x01010101 exactly: the byte repeated four times.
 * The greatest word counts as its predecessor, so that p = 255 always succeeds.
 */
// @ts-ignore: decorator
@inline
function belowByte(words: v128, repeated: v128): v128 {
  return i32x4.lt_u(i32x4.min_u(words, i32x4.splat(0xfffffffe)), repeated);
}

// @ts-ignore: decorator
@inline
function flipBytes(at: usize, p: v128): v128 {
  const a = v128.shuffle<i8>(p, p, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3);
  const b = v128.shuffle<i8>(p, p, 4, 4, 4, 4, 5, 5, 5, 5, 6, 6, 6, 6, 7, 7, 7, 7);
  const c = v128.shuffle<i8>(p, p, 8, 8, 8, 8, 9, 9, 9, 9, 10, 10, 10, 10, 11, 11, 11, 11);
  const d = v128.shuffle<i8>(p, p, 12, 12, 12, 12, 13, 13, 13, 13, 14, 14, 14, 14, 15, 15, 15, 15);
  return pack(
    belowByte(v128.load(at), a),
    belowByte(v128.load(at, 16), b),
    belowByte(v128.load(at, 32), c),
    belowByte(v128.load(at, 48), d),
  );
}

// @ts-ignore: decorator
@inline
function flipFloats(at: usize, p: usize): v128 {
  return pack(
    f32x4.lt(uniform(v128.load(at)), v128.load(p)),
    f32x4.lt(uniform(v128.load(at, 16)), v128.load(p, 16)),
    f32x4.lt(uniform(v128.load(at, 32)), v128.load(p, 32)),
    f32x4.lt(uniform(v128.load(at, 48)), v128.load(p, 48)),
  );
}

/** Flips 8 bytes of probability by the 8 words at `at`. */
// @ts-ignore: decorator
@inline
function flipPair(at: usize, target: usize, probabilities: usize): void {
  const p = v128.load64_zero(probabilities);
  const a = v128.shuffle<i8>(p, p, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3);
  const b = v128.shuffle<i8>(p, p, 4, 4, 4, 4, 5, 5, 5, 5, 6, 6, 6, 6, 7, 7, 7, 7);
  const none = i32x4.splat(0);
  const flips = pack(belowByte(v128.load(at), a), belowByte(v128.load(at, 16), b), none, none);
  v128.store64_lane(target, flips, 0);
}

/**
 * Bernoullis of bytes from a whole block on, `length` a multiple of 8. Eight pixels that are all
 * black or white, as most of a drawing's are, need no random words.
 */
function bernoulliBytes(
  target: usize,
  probabilities: usize,
  length: usize,
  block: u32,
  stepLow: u32,
  stepHigh: u32,
  stream: u32,
  keyLow: u32,
  keyHigh: u32,
): void {
  const odd = oddWords(stepLow, stream);
  let waiting: usize = 0;
  for (let i: usize = 0; i < length; i += pairWords) {
    const bytes = load<u64>(probabilities + i);
    const lowest = bytes & 0x0101010101010101;
    if (lowest * 255 == bytes) {
      store<u64>(target + i, lowest);
    } else {
      counters(wordsAt + waiting * pairBytes, block + <u32>(i >> 2), odd, stepHigh);
      store<u32>(placesAt + (waiting << 2), <u32>i);
      ++waiting;
    }
    if (waiting == waitingLimit || (waiting > 0 && i + pairWords >= length)) {
      rounds(wordsAt, waiting, keyLow, keyHigh);
      for (let w: usize = 0; w < waiting; ++w) {
        const place = <usize>load<u32>(placesAt + (w << 2));
        flipPair(wordsAt + w * pairBytes, target + place, probabilities + place);
      }
      waiting = 0;
    }
  }
}

/**
 * target[i] = 1 with probability p[i]: of bytes, p / 255; of float32 (`logSize` 2), where the
 * uniform of 24 bits is below p. `skip` words of block `block` come before the first element.
 */
export function bernoulli(
  logSize: usize,
  target: usize,
  probabilities: usize,
  length: usize,
  skip: usize,
  block: u32,
  stepLow: u32,
  stepHigh: u32,
  stream: u32,
  keyLow: u32,
  keyHigh: u32,
): void {
  if (logSize == 0 && skip == 0) {
    const whole = length & ~7;
    bernoulliBytes(target, probabilities, whole, block, stepLow, stepHigh, stream, keyLow, keyHigh);
    target += whole;
    probabilities += whole;
    length -= whole;
    block += <u32>(whole >> 2);
  }
  while (length > 0) {
    const count = min<usize>(groupLength - skip, length);
    const pairs = (skip + count + pairWords - 1) / pairWords;
    const inPlace = skip == 0 && count == groupLength;
    const from = inPlace ? probabilities : probabilitiesAt;
    const to = inPlace ? target : flipsAt;
    if (!inPlace) memory.copy(from + (skip << logSize), probabilities, count << logSize);
    philox(wordsAt, pairs, block, stepLow, stepHigh, stream, keyLow, keyHigh);
    for (let i: usize = 0; i < skip + count; i += 16) {
      const words = wordsAt + (i << 2);
      const flips = logSize == 0 ? flipBytes(words, v128.load(from + i)) : flipFloats(words, from + (i << 2));
      v128.store(to + i, flips);
    }
    if (!inPlace) memory.copy(target, to + skip, count);
    target += count;
    probabilities += count << logSize;
    length -= count;
    skip = 0;
    block += <u32>(groupLength / 4);
  }
}
