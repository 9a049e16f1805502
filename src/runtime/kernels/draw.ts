// Which random numbers a fill takes: the place in Philox's space of (seed, stream, step, element).
import { ElboError } from "../../base/errors.ts";

export interface Draw {
  /** A whole number in [0, 2⁶⁴); numbers up to 2⁵³ - 1. */
  readonly seed: number | bigint;
  /** What the numbers are for: one of `streams`, or any other whole number in [0, 2³²). */
  readonly stream: number;
  /** The training step, epoch or other index in time: a whole number in [0, 2⁵³). */
  readonly step: number;
  /**
   * Elements of the fill that come before the first one, default 0: a shard that starts at row r
   * of a batch passes r times the row's length and gets its part of the whole batch's numbers.
   */
  readonly offset?: number;
}

/** Elements that one (seed, stream, step) has: four for each value of the 32-bit block counter. */
const elements = 2 ** 34;

function check(rule: string, received: number | bigint, holds: boolean): void {
  if (holds) return;
  throw new ElboError({
    code: "draw-invalid",
    kind: "usage",
    message: `${rule}; received ${received}`,
    hint: "pass a whole number in that range",
  });
}

/** The seed as Philox's key: its low and its high 32 bits. */
export function keyOf(seed: number | bigint): [low: number, high: number] {
  if (typeof seed === "number" && Number.isSafeInteger(seed) && seed >= 0) {
    return [seed % 2 ** 32, Math.floor(seed / 2 ** 32)];
  }
  const whole = typeof seed === "bigint" || Number.isSafeInteger(seed);
  check("a seed is a whole number in [0, 2^64), as a bigint beyond 2^53 - 1", seed, whole);
  const bits = BigInt(seed);
  check("a seed is in [0, 2^64)", seed, bits >= 0n && bits < 1n << 64n);
  return [Number(bits & 0xffffffffn), Number(bits >> 32n)];
}

/** The draw as the module's arguments, for a fill of `length` elements. */
export function drawArguments(
  draw: Draw,
  length: number,
): [number, number, number, number, number, number, number] {
  const { seed, stream, step, offset = 0 } = draw;
  const natural = (value: number) => Number.isSafeInteger(value) && value >= 0;
  check("a stream is in [0, 2^32)", stream, natural(stream) && stream < 2 ** 32);
  check("a step is in [0, 2^53)", step, natural(step));
  check("an offset is in [0, 2^34)", offset, natural(offset) && offset + length <= elements);
  const [keyLow, keyHigh] = keyOf(seed);
  const block = Math.floor(offset / 4);
  return [offset % 4, block, step % 2 ** 32, Math.floor(step / 2 ** 32), stream, keyLow, keyHigh];
}
