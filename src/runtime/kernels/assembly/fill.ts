// Random words, uniforms and normals into a range of memory. Element i of a fill takes word i & 3
// of block i >> 2, so a fill may start anywhere: `skip` words of block `block` come before it.
import { pairWords, philox } from "./philox";
import { groupLength, scratch } from "./scratch";
import { normal, uniform } from "./transforms";

const uniforms = 1;
const normals = 2;

function transform(kind: i32, at: usize, end: usize): void {
  if (kind == uniforms) {
    for (; at < end; at += 16) v128.store(at, uniform(v128.load(at)));
  } else if (kind == normals) {
    for (; at < end; at += 16) v128.store(at, normal(v128.load(at)));
  }
}

/** `length` values of `kind` (0 words, 1 uniforms, 2 normals) at `target`. */
export function fill(
  kind: i32,
  target: usize,
  length: usize,
  skip: usize,
  block: u32,
  stepLow: u32,
  stepHigh: u32,
  stream: u32,
  keyLow: u32,
  keyHigh: u32,
): void {
  while (length > 0) {
    const count = min<usize>(groupLength - skip, length);
    const pairs = (skip + count + pairWords - 1) / pairWords;
    // A group is made where it belongs, unless it would spill over an end of the range.
    const inPlace = skip == 0 && count == groupLength;
    const group = inPlace ? target : scratch;
    philox(group, pairs, block, stepLow, stepHigh, stream, keyLow, keyHigh);
    transform(kind, group, group + ((pairs * pairWords) << 2));
    if (!inPlace) memory.copy(target, group + (skip << 2), count << 2);
    target += count << 2;
    length -= count;
    skip = 0;
    block += <u32>(groupLength / 4);
  }
}

/** The normals of `length` given words (a multiple of 4), in place: for tests of the far tail. */
export function normalFromWords(target: usize, length: usize): void {
  transform(normals, target, target + (length << 2));
}
