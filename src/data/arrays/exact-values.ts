// Numbers as they stand as a column's values: what these round stands beside them, and nothing is refused.
import {
  type ColumnInfo,
  type ColumnValues,
  isRounded,
  type WideNumbers,
} from "../../fields/columns.ts";
import type { StoredNumbers } from "./elements.ts";

const isLong = (numbers: StoredNumbers) =>
  numbers instanceof BigInt64Array || numbers instanceof BigUint64Array;

const wideOf = (numbers: StoredNumbers): WideNumbers =>
  isLong(numbers) || numbers instanceof Float64Array ? numbers : Float64Array.from(numbers);

/** @param info a column whose element is known. */
export function exactValues(info: ColumnInfo, numbers: StoredNumbers): ColumnValues {
  if (info.type === "text" || info.type === "time") throw new Error(`${info.type} is no numbers`);
  const { type, element } = info;
  if (type === "image" && element === "u1") return { type, values: numbers as Uint8Array };
  const wide = isRounded(info, element!) ? { wide: wideOf(numbers) } : {};
  if (type === "number") return { type, values: floatsOf(Float64Array, numbers), ...wide };
  return { type, values: floatsOf(Float32Array, numbers), ...wide };
}

function floatsOf<Floats extends Float32Array | Float64Array>(
  type: { new (length: number): Floats; from(values: ArrayLike<number>): Floats },
  numbers: StoredNumbers,
): Floats {
  if (numbers instanceof type) return numbers;
  if (!isLong(numbers)) return type.from(numbers);
  const floats = new type(numbers.length);
  for (let i = 0; i < numbers.length; i++) floats[i] = Number(numbers[i]);
  return floats;
}
