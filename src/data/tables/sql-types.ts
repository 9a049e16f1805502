// DuckDB's types of columns as ours, and the SQL that brings their values to what is read.
import {
  type ColumnInfo,
  type ColumnType,
  type Element,
  isLong,
  isRounded,
} from "../../fields/columns.ts";
import { sqlName } from "../duckdb.ts";

/** A column of a relation, and the expression whose values are read. */
export interface SqlColumn {
  info: ColumnInfo;
  /** DOUBLE without nulls for numbers and times, VARCHAR for texts, FLOAT[size] for vectors. */
  expression: string;
  /** Its type in DuckDB. */
  type: string;
}

/** A column with its element, where it is of numbers, and the numbers as they stand where values round them. */
export interface ExactColumn extends SqlColumn {
  wide: string | null;
}

const numberType =
  /^(U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)|FLOAT|DOUBLE|BIGNUM|DECIMAL\(.*\))$/;
const textType = /^(VARCHAR|UUID|JSON|BIT|INTERVAL|TIME|TIME_NS|TIME WITH TIME ZONE|ENUM\(.*\))$/s;
const timeType = /^(DATE|TIMESTAMP(_S|_MS|_NS)?|TIMESTAMP WITH TIME ZONE)$/;

/** The type of the elements of a list, and its length where it is part of the type. */
export function listType(type: string): { element: string; size?: number } | undefined {
  const found = /^(.*)\[(\d*)\]$/s.exec(type);
  if (found === null) return undefined;
  const [, element, size] = found as unknown as [string, string, string];
  return size === "" ? { element } : { element, size: Number(size) };
}

/** Integers of sixteen bytes, or lists of them, which Parquet holds as float64. */
export const isHuge = (type: string) => /HUGEINT(\[\d*\])?$/.test(type);

export const isNumberType = (type: string) => numberType.test(type);

/** Integer types that hold numbers which float64 does not. */
export const isWideInteger = (type: string) =>
  /^(U?(BIGINT|HUGEINT)|BIGNUM|DECIMAL\((1[6-9]|[23]\d),0\))$/.test(type);

const withoutNull = (expression: string) => `coalesce(${expression}, 'nan'::DOUBLE)`;

/**
 * The column `name` of a DuckDB type; undefined where there is nothing that it could be.
 * @param size of a list's rows, where all have one length.
 */
export function sqlColumn(name: string, type: string, size?: number): SqlColumn | undefined {
  const column = sqlName(name);
  const as = (info: ColumnType, expression: string) => ({
    ...{ info: { name, ...info }, expression, type },
  });
  if (numberType.test(type)) {
    const float32 = type === "FLOAT" ? ({ float32: true } as const) : {};
    return as({ type: "number", ...float32 }, withoutNull(`${column}::DOUBLE`));
  }
  if (type === "BOOLEAN") {
    return as({ type: "number", boolean: true }, withoutNull(`${column}::DOUBLE`));
  }
  if (type === '"NULL"') return as({ type: "number" }, "'nan'::DOUBLE");
  if (timeType.test(type)) {
    const zoned = type === "TIMESTAMP WITH TIME ZONE" ? column : `${column}::TIMESTAMP`;
    const date = type === "DATE" ? ({ date: true } as const) : {};
    return as({ type: "time", ...date }, withoutNull(`epoch_us(${zoned}) / 1000.0::DOUBLE`));
  }
  if (type === "JSON") return as({ type: "text" }, `${column} ->> '$'`);
  if (textType.test(type)) return as({ type: "text" }, `${column}::VARCHAR`);
  const list = listType(type);
  if (list === undefined || !numberType.test(list.element) || !(size! > 0)) return undefined;
  // What float32 cannot hold is infinite, and met as such.
  const element = "coalesce(TRY_CAST(x AS FLOAT), if(x IS NULL, 'nan', 'inf')::FLOAT)";
  const vector = vectorOf(column, list.element, size!, element, "'nan'::FLOAT", "FLOAT");
  return as({ type: "vector", size: size!, sparse: false }, vector);
}

/** Lists as vectors of a type. */
function vectorOf(
  column: string,
  from: string,
  size: number,
  element: string,
  missing: string,
  type: string,
): string {
  const none = `[${Array.from({ length: size }, () => missing).join(", ")}]`;
  const values = `list_transform(${column}::${from}[], lambda x: ${element})`;
  return `coalesce(${values}, ${none})::${type}[${size}]`;
}

const elementsOf: Readonly<Record<string, Element>> = {
  ...{ TINYINT: "i1", SMALLINT: "i2", INTEGER: "i4", BIGINT: "i8", FLOAT: "f4", DOUBLE: "f8" },
  ...{ UTINYINT: "u1", USMALLINT: "u2", UINTEGER: "u4", UBIGINT: "u8" },
};

/** What of a column's numbers stands beside its values where they are wanted as they are. */
export function exactColumn(column: SqlColumn): ExactColumn {
  const { info, type } = column;
  const name = sqlName(info.name);
  if (info.type === "number" && !info.boolean) {
    const element = elementsOf[type];
    // Decimals and integers of sixteen bytes are float64, or are said to be lost.
    if (element === undefined) return { ...column, wide: null };
    const wide = isRounded(info, element) ? `coalesce(${name}, 0)::${type}` : null;
    return { ...column, info: { ...info, element }, wide };
  }
  if (info.type !== "vector") return { ...column, wide: null };
  const list = listType(type)!.element;
  const element = elementsOf[list] ?? "f8";
  if (!isRounded(info, element)) return { ...column, info: { ...info, element }, wide: null };
  const [as, missing] = isLong(element) ? [list, "0"] : ["DOUBLE", "'nan'::DOUBLE"];
  const each = `coalesce(x, ${missing})::${as}`;
  const wide = vectorOf(name, list, info.size, each, `${missing}::${as}`, as);
  return { ...column, info: { ...info, element }, wide };
}
