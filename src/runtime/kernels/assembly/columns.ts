// Sums over the rows of bytes, column by column.

/** Rows whose sums stay below 2¹⁶ (257 do), and that are still in the cache at the next columns. */
const ROWS: usize = 64;

/** sums[j] += Σ values[row · width + j], whole numbers of 32 bits. */
export function addColumns(sums: usize, values: usize, rows: usize, width: usize): void {
  const vectorWidth = width & ~15;
  for (let from: usize = 0; from < rows; from += ROWS) {
    const first = values + from * width;
    const end = first + min(ROWS, rows - from) * width;
    for (let column: usize = 0; column < vectorWidth; column += 16) {
      let low = i16x8.splat(0);
      let high = i16x8.splat(0);
      for (let at = first + column; at < end; at += width) {
        const bytes = v128.load(at);
        low = i16x8.add(low, i16x8.extend_low_i8x16_u(bytes));
        high = i16x8.add(high, i16x8.extend_high_i8x16_u(bytes));
      }
      const to = sums + (column << 2);
      v128.store(to, i32x4.add(v128.load(to), i32x4.extend_low_i16x8_u(low)));
      v128.store(to, i32x4.add(v128.load(to, 16), i32x4.extend_high_i16x8_u(low)), 16);
      v128.store(to, i32x4.add(v128.load(to, 32), i32x4.extend_low_i16x8_u(high)), 32);
      v128.store(to, i32x4.add(v128.load(to, 48), i32x4.extend_high_i16x8_u(high)), 48);
    }
    for (let column = vectorWidth; column < width; column++) {
      const to = sums + (column << 2);
      let sum = load<u32>(to);
      for (let at = first + column; at < end; at += width) sum += <u32>load<u8>(at);
      store<u32>(to, sum);
    }
  }
}
