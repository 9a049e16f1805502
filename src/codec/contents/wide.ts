// Numbers of eight bytes beside the nearest float32 or float64, which is coded already: what is between them is
// told, as the difference of their bits. It is none where decimals say the number, and noise in the lowest
// bytes of what was computed: each byte of the differences is therefore packed on its own.
import type { WideNumbers } from "../../fields/columns.ts";
import { damaged } from "../ans/coder.ts";
import { ByteReader, ByteWriter } from "../bytes.ts";
import { POWERS } from "../cells/cells.ts";
import { packBytes, unpackBytes } from "../side/pack.ts";

export type NearNumbers = Float32Array | Float64Array;

/** In the place of decimals: the near number as it is. */
const AS_IT_IS = 255;

/** Decimals that are tried, and numbers by which they are chosen. */
const [MOST_DECIMALS, TRIED] = [15, 4096];

/** The number of so many decimals that is nearest. */
function rounded(near: number, decimals: number): number {
  if (decimals === AS_IT_IS) return near;
  const whole = Math.round(near * POWERS[decimals]!);
  return Math.abs(whole) <= Number.MAX_SAFE_INTEGER ? whole / POWERS[decimals]! : near;
}

/** The decimals by which most numbers are told. */
function decimalsOf(near: NearNumbers, wide: WideNumbers): number {
  if (!(wide instanceof Float64Array)) return AS_IT_IS;
  const step = Math.max(1, Math.floor(wide.length / TRIED));
  const told = (decimals: number) => {
    let count = 0;
    for (let i = 0; i < wide.length; i += step) {
      if (Object.is(rounded(near[i]!, decimals), wide[i])) count++;
    }
    return count;
  };
  let best = { decimals: AS_IT_IS, count: told(AS_IT_IS) };
  for (let decimals = 0; decimals <= MOST_DECIMALS; decimals++) {
    const count = told(decimals);
    if (count > best.count) best = { decimals, count };
  }
  return best.decimals;
}

/** What the near numbers make of the wide ones, of their type. */
function foretold(near: NearNumbers, like: WideNumbers, decimals: number): WideNumbers {
  if (like instanceof Float64Array) {
    // Whose bits a NaN has is the engine's own affair: all have those of this one.
    return Float64Array.from(near, (x) => (Number.isNaN(x) ? Number.NaN : rounded(x, decimals)));
  }
  const whole = (x: number) => (Number.isFinite(x) ? BigInt(Math.round(x)) : 0n);
  const out = new (like instanceof BigInt64Array ? BigInt64Array : BigUint64Array)(near.length);
  for (let i = 0; i < near.length; i++) out[i] = whole(near[i]!);
  return out;
}

/** Low and high halves of the bits, by turns. */
const halves = ({ buffer, byteOffset, length }: WideNumbers) =>
  new Uint32Array(buffer, byteOffset, 2 * length);

const NAN = 0x7ff80000;

/** The bits of what was foretold. */
function foretoldBits(near: NearNumbers, like: WideNumbers, decimals: number): Uint32Array {
  const numbers = foretold(near, like, decimals);
  const bits = halves(numbers);
  if (!(numbers instanceof Float64Array)) return bits;
  for (let i = 0; i < numbers.length; i++) {
    if (!Number.isNaN(numbers[i])) continue;
    bits[2 * i] = 0;
    bits[2 * i + 1] = NAN;
  }
  return bits;
}

/** The eight bytes of each difference, the lowest first, its sign in the lowest bit. */
function planesOf(near: NearNumbers, wide: WideNumbers, decimals: number): Uint8Array[] {
  const [own, other] = [halves(wide), foretoldBits(near, wide, decimals)];
  const planes = Array.from({ length: 8 }, () => new Uint8Array(wide.length));
  for (let i = 0; i < wide.length; i++) {
    const [low, otherLow] = [own[2 * i]!, other[2 * i]!];
    const least = (low - otherLow) >>> 0;
    const most = (own[2 * i + 1]! - other[2 * i + 1]! - (low < otherLow ? 1 : 0)) >>> 0;
    const sign = (most | 0) >> 31;
    const [a, b] = [(least << 1) ^ sign, ((most << 1) | (least >>> 31)) ^ sign];
    for (let k = 0; k < 4; k++) {
      planes[k]![i] = a >>> (8 * k);
      planes[4 + k]![i] = b >>> (8 * k);
    }
  }
  return planes;
}

/** How a plane is written: it is zeros, stands as it is, or is packed. */
const [ZEROS, PLAIN, PACKED] = [0, 1, 2];

/** Bytes by which noise is told, which takes long to be packed and gets no smaller. */
const [STRETCH, STRETCHES] = [4096, 4];

function isNoise(plane: Uint8Array): boolean {
  if (plane.length < 4 * STRETCH * STRETCHES) return false;
  const step = Math.floor(plane.length / STRETCHES);
  const some = new Uint8Array(STRETCH * STRETCHES);
  for (let i = 0; i < STRETCHES; i++) {
    some.set(plane.subarray(i * step, i * step + STRETCH), i * STRETCH);
  }
  return packBytes(some).length > 0.98 * some.length;
}

/** @param near what the reader will have: for each wide number the nearest of its own type. */
export function wideBytes(near: NearNumbers, wide: WideNumbers): Uint8Array {
  const decimals = decimalsOf(near, wide);
  const writer = new ByteWriter();
  writer.byte(decimals);
  for (const plane of planesOf(near, wide, decimals)) {
    const kind = plane.every((byte) => byte === 0) ? ZEROS : isNoise(plane) ? PLAIN : PACKED;
    writer.byte(kind);
    if (kind === PLAIN) writer.raw(plane);
    if (kind === PACKED) writer.block(packBytes(plane));
  }
  return writer.finish();
}

/** @param empty an array of the type and length that is wanted, which is filled. */
export function readWide<Wide extends WideNumbers>(
  bytes: Uint8Array,
  near: NearNumbers,
  empty: Wide,
): Wide {
  const reader = new ByteReader(bytes);
  const { length } = empty;
  const decimals = reader.byte();
  if ((decimals > MOST_DECIMALS && decimals !== AS_IT_IS) || near.length !== length) {
    throw damaged();
  }
  const planes = Array.from({ length: 8 }, () => {
    const kind = reader.byte();
    if (kind === ZEROS) return null;
    const plane = kind === PLAIN ? reader.raw(length) : unpackBytes(reader.block(), length);
    if (kind > PACKED || plane.length !== length) throw damaged();
    return plane;
  });
  const bits = halves(empty);
  bits.set(foretoldBits(near, empty, decimals));
  const wordOf = (first: number, i: number) =>
    (planes[first]?.[i] ?? 0) |
    ((planes[first + 1]?.[i] ?? 0) << 8) |
    ((planes[first + 2]?.[i] ?? 0) << 16) |
    ((planes[first + 3]?.[i] ?? 0) << 24);
  if (planes.every((plane) => plane === null)) return empty;
  for (let i = 0; i < length; i++) {
    const [a, b] = [wordOf(0, i), wordOf(4, i)];
    const sign = -(a & 1);
    const least = (((a >>> 1) | (b << 31)) ^ sign) >>> 0;
    const most = ((b >>> 1) ^ sign) >>> 0;
    const low = bits[2 * i]! + least;
    bits[2 * i] = low;
    bits[2 * i + 1] = bits[2 * i + 1]! + most + (low > 0xffffffff ? 1 : 0);
  }
  return empty;
}
