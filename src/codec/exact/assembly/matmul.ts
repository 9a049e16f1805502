// Products of matrices. Each element is one accumulator from 0 on, to which a · b is added for k
// ascending, both operations rounded: whatever the number of rows and whichever loop has it.
//
// The right operand is packed into panels of 8 columns, row k of a panel beside row k + 1, with
// zeros for the columns that the last panel lacks.
import { tile } from "./scratch";

/** Packs (inner, columns), whose elements are `down` and `across` bytes from the next. */
export function pack(d: usize, b: usize, inner: usize, columns: usize, down: usize, across: usize): void {
  for (let first: usize = 0; first < columns; first += 8) {
    const width = min<usize>(8, columns - first);
    let row = b + first * across;
    for (let k: usize = 0; k < inner; k++, row += down, d += 32) {
      if (width == 8 && across == 4) {
        v128.store(d, v128.load(row));
        v128.store(d, v128.load(row, 16), 16);
        continue;
      }
      for (let j: usize = 0; j < 8; j++) {
        store<f32>(d + (j << 2), j < width ? load<f32>(row + j * across) : 0);
      }
    }
  }
}

/** `width` columns of `rows` rows of the tile to where they belong. */
function fromTile(d: usize, rowBytes: usize, rows: usize, width: usize): void {
  for (let i: usize = 0; i < rows; i++, d += rowBytes) {
    for (let j: usize = 0; j < width; j++) {
      store<f32>(d + (j << 2), load<f32>(tile + (i << 5) + (j << 2)));
    }
  }
}

// @ts-ignore: decorator
@inline
function plus(sum: v128, a: v128, b: v128): v128 {
  return f32x4.add(sum, f32x4.mul(a, b));
}

/** Four rows of a, `bytes` long each, times one panel, to rows of d that are `rowBytes` apart. */
function fourRows(d: usize, rowBytes: usize, a0: usize, bytes: usize, b: usize): void {
  let a1 = a0 + bytes;
  let a2 = a1 + bytes;
  let a3 = a2 + bytes;
  let s00 = f32x4.splat(0);
  let s01 = s00;
  let s10 = s00;
  let s11 = s00;
  let s20 = s00;
  let s21 = s00;
  let s30 = s00;
  let s31 = s00;
  const end = a0 + bytes;
  for (const even = a0 + (bytes & ~7); a0 < even; a0 += 8, a1 += 8, a2 += 8, a3 += 8, b += 64) {
    let left = v128.load(b);
    let right = v128.load(b, 16);
    let a = v128.load32_splat(a0);
    s00 = plus(s00, a, left);
    s01 = plus(s01, a, right);
    a = v128.load32_splat(a1);
    s10 = plus(s10, a, left);
    s11 = plus(s11, a, right);
    a = v128.load32_splat(a2);
    s20 = plus(s20, a, left);
    s21 = plus(s21, a, right);
    a = v128.load32_splat(a3);
    s30 = plus(s30, a, left);
    s31 = plus(s31, a, right);
    left = v128.load(b, 32);
    right = v128.load(b, 48);
    a = v128.load32_splat(a0, 4);
    s00 = plus(s00, a, left);
    s01 = plus(s01, a, right);
    a = v128.load32_splat(a1, 4);
    s10 = plus(s10, a, left);
    s11 = plus(s11, a, right);
    a = v128.load32_splat(a2, 4);
    s20 = plus(s20, a, left);
    s21 = plus(s21, a, right);
    a = v128.load32_splat(a3, 4);
    s30 = plus(s30, a, left);
    s31 = plus(s31, a, right);
  }
  if (a0 < end) {
    const left = v128.load(b);
    const right = v128.load(b, 16);
    let a = v128.load32_splat(a0);
    s00 = plus(s00, a, left);
    s01 = plus(s01, a, right);
    a = v128.load32_splat(a1);
    s10 = plus(s10, a, left);
    s11 = plus(s11, a, right);
    a = v128.load32_splat(a2);
    s20 = plus(s20, a, left);
    s21 = plus(s21, a, right);
    a = v128.load32_splat(a3);
    s30 = plus(s30, a, left);
    s31 = plus(s31, a, right);
  }
  v128.store(d, s00);
  v128.store(d, s01, 16);
  d += rowBytes;
  v128.store(d, s10);
  v128.store(d, s11, 16);
  d += rowBytes;
  v128.store(d, s20);
  v128.store(d, s21, 16);
  d += rowBytes;
  v128.store(d, s30);
  v128.store(d, s31, 16);
}

/** One row of a, to `end`, times four panels that are `panel` bytes apart. */
function fourPanels(d: usize, a: usize, end: usize, b0: usize, panel: usize): void {
  let b1 = b0 + panel;
  let b2 = b1 + panel;
  let b3 = b2 + panel;
  let s00 = f32x4.splat(0);
  let s01 = s00;
  let s10 = s00;
  let s11 = s00;
  let s20 = s00;
  let s21 = s00;
  let s30 = s00;
  let s31 = s00;
  for (; a < end; a += 4, b0 += 32, b1 += 32, b2 += 32, b3 += 32) {
    const value = v128.load32_splat(a);
    s00 = plus(s00, value, v128.load(b0));
    s01 = plus(s01, value, v128.load(b0, 16));
    s10 = plus(s10, value, v128.load(b1));
    s11 = plus(s11, value, v128.load(b1, 16));
    s20 = plus(s20, value, v128.load(b2));
    s21 = plus(s21, value, v128.load(b2, 16));
    s30 = plus(s30, value, v128.load(b3));
    s31 = plus(s31, value, v128.load(b3, 16));
  }
  v128.store(d, s00);
  v128.store(d, s01, 16);
  v128.store(d, s10, 32);
  v128.store(d, s11, 48);
  v128.store(d, s20, 64);
  v128.store(d, s21, 80);
  v128.store(d, s30, 96);
  v128.store(d, s31, 112);
}

function onePanel(d: usize, a: usize, end: usize, b: usize): void {
  let s0 = f32x4.splat(0);
  let s1 = s0;
  for (; a < end; a += 4, b += 32) {
    const value = v128.load32_splat(a);
    s0 = plus(s0, value, v128.load(b));
    s1 = plus(s1, value, v128.load(b, 16));
  }
  v128.store(d, s0);
  v128.store(d, s1, 16);
}

/** d (rows, columns) = a (rows, inner) · b, b packed. */
export function matmul(d: usize, a: usize, b: usize, rows: usize, inner: usize, columns: usize): void {
  const bytes = inner << 2;
  const rowBytes = columns << 2;
  const panel = inner << 5;
  const whole = columns & ~7;
  const rest = columns & 7;
  const fours = rows & ~3;
  if (fours > 0) {
    for (let j: usize = 0; j < whole; j += 8) {
      const at = b + (j >> 3) * panel;
      for (let i: usize = 0; i < fours; i += 4) {
        fourRows(d + i * rowBytes + (j << 2), rowBytes, a + i * bytes, bytes, at);
      }
    }
  }
  for (let i: usize = fours; i < rows; i++) {
    const from = a + i * bytes;
    const to = d + i * rowBytes;
    let j: usize = 0;
    for (; j + 32 <= whole; j += 32) {
      fourPanels(to + (j << 2), from, from + bytes, b + (j >> 3) * panel, panel);
    }
    for (; j < whole; j += 8) onePanel(to + (j << 2), from, from + bytes, b + (j >> 3) * panel);
  }
  if (rest == 0) return;
  const at = b + (whole >> 3) * panel;
  const last = d + (whole << 2);
  for (let i: usize = 0; i < fours; i += 4) {
    fourRows(tile, 32, a + i * bytes, bytes, at);
    fromTile(last + i * rowBytes, rowBytes, 4, rest);
  }
  for (let i: usize = fours; i < rows; i++) {
    const from = a + i * bytes;
    onePanel(tile, from, from + bytes, at);
    fromTile(last + i * rowBytes, rowBytes, 1, rest);
  }
}
