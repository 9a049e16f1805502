// What of a relation's values float64 and milliseconds do not hold: numbers of more digits, moments between
// microseconds, columns of types that are not read.
import { rowsOf, sqlName, withConnection } from "../duckdb.ts";
import { listed } from "../words.ts";
import type { Relation } from "./relation.ts";
import { listType } from "./sql-types.ts";

/** Decimals of so many digits are all told apart by float64. */
const surelyExact = /^DECIMAL\(([1-9]|1[0-5]),\d+\)$/;
const rounding = /^(U?HUGEINT|BIGNUM|DECIMAL\(.*\))$/;

/** SQL that is true of a number which float64, as it is written, is not. */
const isRounded = (number: string, type: string) =>
  `TRY_CAST((${number}::DOUBLE)::VARCHAR AS ${type}) IS DISTINCT FROM ${number}`;

/** The last microsecond, from 1970, that milliseconds in float64 surely tell from the next. */
const [toldApart, furthest] = ["4398046511104000", "8640000000000000000"];

/** SQL that is true of a cell which does not come back; undefined where all cells of the type do. */
function lostCell(column: string, type: string): string | undefined {
  if (rounding.test(type)) return surelyExact.test(type) ? undefined : isRounded(column, type);
  const element = listType(type)?.element;
  if (element !== undefined && rounding.test(element) && !surelyExact.test(element)) {
    return `len(list_filter(${column}::${element}[], lambda x: ${isRounded("x", element)})) > 0`;
  }
  if (!type.startsWith("TIMESTAMP")) return undefined;
  const micros = `abs(epoch_us(${type.endsWith("ZONE") ? column : `${column}::TIMESTAMP`}))`;
  const far = `${micros} > ${furthest} OR (${micros} > ${toldApart} AND ${micros} % 1000 <> 0)`;
  const between = type === "TIMESTAMP_NS" ? ` OR epoch_ns(${column}) % 1000 <> 0` : "";
  return `NOT isfinite(${column}) OR ${far}${between}`;
}

/** Each in words. */
export async function lostOf({
  database,
  from,
  columns,
  notes,
  lost = async () => [],
}: Relation): Promise<string[]> {
  const left = notes
    .filter(({ code }) => code === "columns-left-out")
    .map(({ message }) => message);
  const ofJson = columns.filter(({ type }) => type === "JSON").map(({ info }) => info.name);
  const tests = columns.flatMap(({ info, type }) => {
    const test = lostCell(sqlName(info.name), type);
    return test === undefined ? [] : [{ name: info.name, test }];
  });
  let names: string[] = [];
  if (tests.length > 0) {
    const counts = tests.map(({ test }, i) => `count(*) FILTER (${test})::DOUBLE AS c${i}`);
    const sql = `SELECT ${counts.join(", ")} FROM ${from}`;
    const [row] = await withConnection(database, (connection) => rowsOf(connection, sql));
    names = tests.filter((_, i) => Number(row![`c${i}`]) > 0).map(({ name }) => name);
  }
  return [...(await lost()), ...left, ...mixedJson(ofJson), ...digits(names)];
}

/** Of columns of JSON that are read as text: 1 and "1" come as one. */
export const mixedJson = (names: readonly string[]) =>
  names.length === 0 ? [] : [`${listed(names)}: JSON of several types, which is read as text`];

/** Of columns with values that are rounded. */
export const digits = (names: readonly string[]) =>
  names.length === 0
    ? []
    : [`${listed(names)}: values of more digits than float64, or times in milliseconds, hold`];
