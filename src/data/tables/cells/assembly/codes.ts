// Tables of a column's different cells, by their bytes: each new one gets the next code. How a table lies in
// memory: its head, the codes by hashes, the places of the cells, the cells one behind the other. Behind
// every cell stand eight bytes that may be read.

/** Longer cells rarely come again. */
const LONGEST: u32 = 64;
/** After so many, a column of which most come once is not looked up any more. */
const TRIED: u32 = 256;
/** Bytes for each cell that a table has room for. */
const EACH: u32 = 32;

const SIZE: usize = 0;
/** How many cells were found again. */
const AGAIN: usize = 4;
const HOPELESS: usize = 8;
/** How many cells there is room for, a power of two. */
const MOST: usize = 12;
const HEAD: usize = 16;

export function tableBytes(most: u32): u32 {
  return <u32>HEAD + 8 * most + 4 * (most + 1) + EACH * most + LONGEST + 8;
}

/** An empty table of `most` cells, in bytes of 0 at a multiple of 4. */
export function openTable(table: usize, most: u32): void {
  store<u32>(table, most, MOST);
}

// @ts-ignore: decorator
@inline
function placesOf(table: usize, most: u32): usize {
  return table + HEAD + 8 * <usize>most;
}

export function tableSize(table: usize): u32 {
  return load<u32>(table, SIZE);
}

/** Where the cell of a code begins; that of the next one is its end. */
export function cellStart(table: usize, code: u32): usize {
  const most = load<u32>(table, MOST);
  const places = placesOf(table, most);
  return places + 4 * <usize>(most + 1) + load<u32>(places + (<usize>code << 2));
}

/** Eight bytes of a cell from i on, those behind its end as 0. */
// @ts-ignore: decorator
@inline
function word(cell: usize, i: u32, length: u32): u64 {
  const bytes = load<u64>(cell + i);
  const left = length - i;
  return left < 8 ? bytes & (((<u64>1) << (<u64>left << 3)) - 1) : bytes;
}

function hashOf(cell: usize, length: u32): u32 {
  let hash: u64 = length;
  for (let i: u32 = 0; i < length; i += 8) {
    hash = (hash ^ word(cell, i, length)) * 0x9e3779b97f4a7c15;
    hash ^= hash >> 32;
  }
  return <u32>hash;
}

function isSame(cell: usize, other: usize, length: u32): bool {
  for (let i: u32 = 0; i < length; i += 8) {
    if (word(cell, i, length) != word(other, i, length)) return false;
  }
  return true;
}

/** The code of a cell; −1 of one that is long, or that there is no room for. */
function codeOf(table: usize, cell: usize, length: u32): i32 {
  if (length > LONGEST || load<u32>(table, HOPELESS) != 0) return -1;
  const most = load<u32>(table, MOST);
  const slots = table + HEAD;
  const places = placesOf(table, most);
  const cells = places + 4 * <usize>(most + 1);
  const last = 4 * most - 1;
  let slot = hashOf(cell, length) & last;
  let next = <u32>load<u16>(slots + (<usize>slot << 1));
  while (next != 0) {
    const place = places + (<usize>(next - 1) << 2);
    const at = load<u32>(place);
    if (load<u32>(place, 4) - at == length && isSame(cell, cells + at, length)) {
      store<u32>(table, load<u32>(table, AGAIN) + 1, AGAIN);
      return next - 1;
    }
    slot = (slot + 1) & last;
    next = <u32>load<u16>(slots + (<usize>slot << 1));
  }
  const size = load<u32>(table, SIZE);
  const at = load<u32>(places + (<usize>size << 2));
  const isFull = size == most || at + length > EACH * most;
  if ((isFull || size >= TRIED) && load<u32>(table, AGAIN) < size) store<u32>(table, 1, HOPELESS);
  if (isFull || load<u32>(table, HOPELESS) != 0) return -1;
  memory.copy(cells + at, cell, length);
  store<u32>(places + (<usize>size << 2), at + length, 4);
  store<u16>(slots + (<usize>slot << 1), <u16>(size + 1));
  store<u32>(table, size + 1, SIZE);
  return size;
}

/**
 * Writes the codes of cells `first`, `first` + `step`, … below `end`, i16, one after the other; −1 of those with
 * doubled quotes. Returns how many have none.
 */
export function codeCells(
  table: usize,
  bytes: usize,
  starts: usize,
  ends: usize,
  doubled: usize,
  codes: usize,
  first: u32,
  end: u32,
  step: u32,
): u32 {
  let without: u32 = 0;
  for (let cell = first; cell < end; cell += step, codes += 2) {
    const at = <usize>cell << 2;
    const start = load<u32>(starts + at);
    const quotes = load<u8>(doubled + <usize>cell) != 0;
    const code = quotes ? -1 : codeOf(table, bytes + start, load<u32>(ends + at) - start);
    if (code < 0) without++;
    store<i16>(codes, <i16>code);
  }
  return without;
}
