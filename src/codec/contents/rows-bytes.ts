// Rows as bytes, for compressors that know of nothing else: column by column, pixels last, where image formats
// can take them.
import {
  type ColumnInfo,
  type ColumnValues,
  isLong,
  isRounded,
  wideArrays,
} from "../../fields/columns.ts";
import { damaged } from "../ans/coder.ts";
import { ByteReader } from "../bytes.ts";
import { sizeOf } from "../columns.ts";
import { checkedValues } from "./rows.ts";

const isPixels = (info: ColumnInfo) => info.type === "image" && (info.element ?? "u1") === "u1";

/** The places of the columns, in the order in which they stand in the bytes. */
function order(info: readonly ColumnInfo[]): number[] {
  const places = info.map((_, i) => i);
  return places.toSorted((a, b) => Number(isPixels(info[a]!)) - Number(isPixels(info[b]!)));
}

/** The one column of pixels, which stands last; null where there are several, or none. */
export function pixelsOf(info: readonly ColumnInfo[], values: readonly ColumnValues[]) {
  const places = order(info).filter((place) => isPixels(info[place]!));
  const [column, own] = [info[places[0] ?? -1], values[places[0] ?? -1]];
  if (places.length !== 1 || column?.type !== "image" || own?.type !== "image") return null;
  const { height, width, channels } = column;
  return { data: own.values as Uint8Array, height, width, channels };
}

export const rowsBytes = (info: readonly ColumnInfo[], values: readonly ColumnValues[]) =>
  checkedValues(order(info).map((place) => values[place]!));

/** @throws ElboError `archive-damaged`. */
export function rowsOfBytes(
  info: readonly ColumnInfo[],
  rows: number,
  bytes: Uint8Array,
): ColumnValues[] {
  const reader = new ByteReader(bytes);
  const values = new Array<ColumnValues>(info.length);
  for (const place of order(info)) values[place] = columnOf(info[place]!, rows, reader);
  if (reader.left > 0) throw damaged();
  return values;
}

function columnOf(info: ColumnInfo, rows: number, reader: ByteReader): ColumnValues {
  if (info.type === "text") {
    if (rows > reader.left) throw damaged();
    const values = Array.from({ length: rows }, () => (reader.byte() === 0 ? null : reader.text()));
    return { type: "text", values };
  }
  const length = rows * (sizeOf(info).size ?? 1);
  if (length > reader.left) throw damaged();
  const own = (bytes: number) => reader.raw(bytes * length).slice().buffer as ArrayBuffer;
  if (info.type === "time") return { type: "time", values: new Float64Array(own(8)) };
  if (isPixels(info)) return { type: "image", values: new Uint8Array(own(1)) };
  const { type, element } = info;
  if (element === undefined || !isRounded(info, element)) {
    return type === "number"
      ? { type, values: new Float64Array(own(8)) }
      : { type, values: new Float32Array(own(4)) };
  }
  const bits = own(8);
  const wide = new (wideArrays(element))(bits);
  const there = isLong(element) ? reader.raw(length) : null;
  const near = type === "number" ? new Float64Array(length) : new Float32Array(length);
  for (let i = 0; i < length; i++) near[i] = there?.[i] === 0 ? Number.NaN : Number(wide[i]);
  return { type, values: near, wide } as ColumnValues;
}
