// Values of a column, as they are given, gathered until they make a row group, as Parquet stores them.
import type { TableColumnType, TableValues } from "../columns.ts";
import { isMissing } from "../columns.ts";
import { daysOf, microsOf } from "../times.ts";
import type { ColumnPart } from "./chunk.ts";
import type { Physical } from "./values.ts";

export const physicalOf: Record<TableColumnType, Physical> = {
  ...{ float16: "float", float32: "float", float64: "double", text: "text" },
  ...{ int8: "int32", int16: "int32", int32: "int32", int64: "int64" },
  ...{ uint8: "int32", uint16: "int32", uint32: "int32", uint64: "int64" },
  ...{ boolean: "boolean", time: "int64", date: "int32" },
};

export interface Gathered {
  /** Rows `start` to `start + count − 1` of the values, from row `at` of the group on. */
  add(values: TableValues, start: number, count: number, at: number): void;
  /** Those of the first rows. */
  take(rows: number): ColumnPart;
}

function hasNaN(values: Float32Array | Float64Array): boolean {
  for (let i = 0; i < values.length; i++) if (Number.isNaN(values[i]!)) return true;
  return false;
}

/** Floats wait in an array of their own type, in which a missing one is NaN. */
function floats(physical: "float" | "double", most: number): Gathered {
  const held = physical === "float" ? new Float32Array(most) : new Float64Array(most);
  return {
    add(values, start, count, at) {
      if (values instanceof Float32Array || values instanceof Float64Array)
        held.set(values.subarray(start, start + count), at);
      else
        for (let i = 0; i < count; i++) held[at + i] = (values[start + i] as number) ?? Number.NaN;
    },
    take(rows) {
      const values = held.subarray(0, rows);
      if (!hasNaN(values)) return { physical, values, there: null, rows };
      const there = new Uint8Array(rows);
      for (let i = 0; i < rows; i++) there[i] = Number.isNaN(values[i]!) ? 0 : 1;
      return { physical, values: values.filter((value) => !Number.isNaN(value)), there, rows };
    },
  };
}

type Whole = Int32Array | BigInt64Array;

/** Whole numbers, of which one that is missing is told beside. */
function wholes<Held extends Whole>(
  physical: Physical,
  held: Held,
  stored: (value: number | bigint) => Held[number],
): Gathered {
  const there = new Uint8Array(held.length);
  return {
    add(values, start, count, at) {
      for (let i = 0; i < count; i++) {
        const value = values[start + i]!;
        there[at + i] = isMissing(value) ? 0 : 1;
        if (there[at + i] === 1) held[at + i] = stored(value as number | bigint);
      }
    },
    take(rows) {
      const own = there.subarray(0, rows);
      if (!own.includes(0)) {
        return { physical, values: held.subarray(0, rows) as Whole, there: null, rows };
      }
      let count = 0;
      const present = held.slice(0, rows) as Held;
      for (let i = 0; i < rows; i++) if (own[i] === 1) present[count++] = held[i] as Held[number];
      return { physical, values: present.subarray(0, count) as Whole, there: own, rows };
    },
  };
}

/** Those that stand in the bits of numbers with a sign, by which their range is not told. */
const unsigned = (column: Gathered): Gathered => ({
  ...column,
  take: (rows) => ({ ...column.take(rows), unsigned: true }),
});

function texts(most: number): Gathered {
  const held = new Array<string | null>(most).fill(null);
  return {
    add(values, start, count, at) {
      for (let i = 0; i < count; i++) held[at + i] = values[start + i] as string | null;
    },
    take(rows) {
      const own = held.slice(0, rows);
      const values = own.filter((text) => text !== null);
      if (values.length === rows) return { physical: "text", values, there: null, rows };
      const there = Uint8Array.from(own, (text) => (text === null ? 0 : 1));
      return { physical: "text", values, there, rows };
    },
  };
}

/** @param most rows of a group. */
export function gathered(type: TableColumnType, most: number): Gathered {
  const physical = physicalOf[type];
  switch (type) {
    case "float16":
    case "float32":
      return floats("float", most);
    case "float64":
      return floats("double", most);
    case "text":
      return texts(most);
    case "time":
      return wholes(physical, new BigInt64Array(most), (value) => microsOf(Number(value)));
    case "date":
      return wholes(physical, new Int32Array(most), (value) => daysOf(Number(value)));
    case "int64":
      return wholes(physical, new BigInt64Array(most), BigInt);
    case "uint64":
      return unsigned(wholes(physical, new BigInt64Array(most), BigInt));
    case "uint32":
      return unsigned(wholes(physical, new Int32Array(most), Number));
    case "int8":
    case "int16":
    case "int32":
    case "uint8":
    case "uint16":
      return wholes(physical, new Int32Array(most), Number);
    case "boolean":
      return wholes(physical, new Int32Array(most), (value) => (Number(value) === 0 ? 0 : 1));
    default:
      return type satisfies never;
  }
}
