// The values of a field among those of its group, which are computed together.
import type { FieldSymbols } from "./cells/cells.ts";
import type { GroupCoding, Symbols } from "./values.ts";

/** The values of all fields of a group, missing until they are put there. */
export function blankSymbols({ values, gridded, group }: GroupCoding, rows: number): Symbols {
  const length = rows * values;
  const all = (value: number) => new Float64Array(length).fill(value);
  const isImage = group.layout.fields[0]!.kind === "image";
  return {
    codes: all(0),
    present: isImage ? null : new Uint8Array(length),
    grid: gridded ? { lows: all(0), powers: all(1), counts: all(1) } : null,
  };
}

/** Where a field's values are among those of its group: `width` in each row of `stride`, from `first` on. */
interface Seats {
  width: number;
  stride: number;
  first: number;
}

export function seatsOf({ values, group }: GroupCoding, field: number): Seats {
  const width = values / group.layout.fields.length;
  return { width, stride: values, first: field * width };
}

type Numbers = Float64Array | Uint8Array;

/** Puts a field's values among those of its group. */
function put<Values extends Numbers>(to: Values, from: Values, { width, stride, first }: Seats) {
  const rows = from.length / width;
  for (let row = 0; row < rows; row++) {
    const [target, source] = [row * stride + first, row * width];
    for (let i = 0; i < width; i++) to[target + i] = from[source + i]!;
  }
}

export function seat(symbols: Symbols, own: FieldSymbols, seats: Seats): void {
  const { present, grid } = symbols;
  put(symbols.codes, own.codes, seats);
  if (present) put(present, own.present ?? new Uint8Array(own.codes.length).fill(1), seats);
  if (!grid || !own.lows) return;
  put(grid.lows, own.lows, seats);
  put(grid.powers, own.powers!, seats);
  put(grid.counts, own.counts!, seats);
}

/** A field's codes out of those of its group. */
export function codesAt(
  { codes }: Symbols,
  { width, stride, first }: Seats,
  rows: number,
): Float64Array {
  const own = new Float64Array(rows * width);
  for (let row = 0; row < rows; row++) {
    const [target, source] = [row * width, row * stride + first];
    for (let i = 0; i < width; i++) own[target + i] = codes[source + i]!;
  }
  return own;
}
