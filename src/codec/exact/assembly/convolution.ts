// Convolutions as products: the windows of a picture as columns, packed as ./matmul.ts takes them,
// and back. Geometry is read from a table of whole numbers, in this order.

// @ts-ignore: decorator
@unmanaged
class Geometry {
  channels: i32;
  /** Of the large picture, from which windows are taken. */
  height: i32;
  width: i32;
  /** Of the small one: the windows. */
  rows: i32;
  columns: i32;
  tapRows: i32;
  tapColumns: i32;
  strideRows: i32;
  strideColumns: i32;
  paddingRows: i32;
  paddingColumns: i32;
  dilationRows: i32;
  dilationColumns: i32;
}

/**
 * The windows of one picture x, packed: row k is tap k of each window, for channels, then rows, then
 * columns of the kernel; columns are windows. What lies outside the picture is 0.
 */
export function unfold(d: usize, x: usize, table: usize): void {
  const g = changetype<Geometry>(table);
  const windows = g.rows * g.columns;
  const taps = g.channels * g.tapRows * g.tapColumns;
  const panel = <usize>taps << 5;
  memory.fill(d, 0, <usize>((windows + 7) >> 3) * panel);
  for (let channel = 0; channel < g.channels; channel++) {
    for (let tapRow = 0; tapRow < g.tapRows; tapRow++) {
      for (let tapColumn = 0; tapColumn < g.tapColumns; tapColumn++, d += 32) {
        for (let row = 0; row < g.rows; row++) {
          const y = row * g.strideRows - g.paddingRows + tapRow * g.dilationRows;
          if (y < 0 || y >= g.height) continue;
          const line = x + (<usize>(y * g.width) << 2);
          let column = tapColumn * g.dilationColumns - g.paddingColumns;
          let window = row * g.columns;
          for (const end = window + g.columns; window < end; window++, column += g.strideColumns) {
            if (<u32>column >= <u32>g.width) continue;
            const to = d + <usize>(window >> 3) * panel + (<usize>(window & 7) << 2);
            store<f32>(to, load<f32>(line + (<usize>column << 2)));
          }
        }
      }
    }
    x += <usize>(g.height * g.width) << 2;
  }
}

/**
 * Windows (channels, taps, windows) added up to the picture d that they are of: from 0 on, each pixel
 * the taps that fall on it in their order. What falls outside the picture is left out.
 */
export function fold(d: usize, s: usize, table: usize): void {
  const g = changetype<Geometry>(table);
  const bytes = <usize>(g.height * g.width) << 2;
  for (let channel = 0; channel < g.channels; channel++, d += bytes) {
    memory.fill(d, 0, bytes);
    for (let tapRow = 0; tapRow < g.tapRows; tapRow++) {
      for (let tapColumn = 0; tapColumn < g.tapColumns; tapColumn++) {
        for (let row = 0; row < g.rows; row++) {
          const y = row * g.strideRows - g.paddingRows + tapRow * g.dilationRows;
          const isInside = <u32>y < <u32>g.height;
          const line = d + (<usize>(y * g.width) << 2);
          let x = tapColumn * g.dilationColumns - g.paddingColumns;
          for (let column = 0; column < g.columns; column++, x += g.strideColumns, s += 4) {
            if (!isInside || <u32>x >= <u32>g.width) continue;
            const to = line + (<usize>x << 2);
            store<f32>(to, load<f32>(to) + load<f32>(s));
          }
        }
      }
    }
  }
}
