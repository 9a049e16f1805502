// Tables for the comparison, written by DuckDB where it can.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { DuckDBInstance } from "@duckdb/node-api";
import { realData } from "../../helpers/data.ts";

/** Every type that has a place in Parquet, each with gaps. */
const types = `
  SELECT i AS id, if(i % 7 = 0, NULL, i)::TINYINT AS tiny, i::SMALLINT AS small,
    if(i % 5 = 0, NULL, i * 70000)::INTEGER AS whole, (i * 1e12)::BIGINT AS big,
    (i + 200)::UTINYINT AS utiny, (4294967000 + i)::UINTEGER AS uwhole,
    if(i % 3 = 0, NULL, 18446744073709551000 + i)::UBIGINT AS ubig,
    (i / 7)::FLOAT AS single, if(i % 4 = 0, NULL, i / 7)::DOUBLE AS double,
    (i / 8)::DECIMAL(4, 3) AS d4, if(i % 6 = 0, NULL, i / 7)::DECIMAL(9, 2) AS d9,
    (1e12 * i / 7)::DECIMAL(18, 4) AS d18, (i * 10000000000000000)::DECIMAL(18, 0) AS wide,
    (1e20 * i / 7)::DECIMAL(38, 10) AS d38, if(i % 3 = 0, NULL, i % 2 = 0) AS flag,
    CASE i % 5 WHEN 0 THEN NULL WHEN 1 THEN '' WHEN 2 THEN ' zwei — 二' ELSE 'level ' || i % 3 END AS word,
    if(i % 2 = 0, 'on', 'off')::ENUM('off', 'on') AS choice,
    if(i % 8 = 0, NULL, DATE '1969-12-30' + i::INTEGER) AS day,
    TIMESTAMP '1969-12-31 23:59:59.123456' + INTERVAL (i) SECOND AS moment,
    if(i % 3 = 0, NULL, TIMESTAMPTZ '2024-02-29 10:00:00.5+02' + INTERVAL (i) HOUR) AS zoned,
    (TIMESTAMP '2001-01-01 00:00:00' + INTERVAL (i) MINUTE)::TIMESTAMP_S AS seconds,
    (TIMESTAMP '2001-01-01 00:00:00.123' + INTERVAL (i) MINUTE)::TIMESTAMP_MS AS millis,
    '2001-01-01 00:00:00.123456789'::TIMESTAMP_NS AS nanos,
    TIME '10:00:00.25' + INTERVAL (i) MINUTE AS clock,
    ('00000000-0000-4000-8000-0000000000' || lpad(i::VARCHAR, 2, '0'))::UUID AS id128,
    [i, NULL, i / 3]::FLOAT[] AS vector, [i, 1]::INTEGER[2] AS pair,
    CASE i % 4 WHEN 0 THEN NULL ELSE [i / 7, 2, 3, 4] END::DOUBLE[] AS gaps,
    range(i % 3)::INTEGER[] AS ragged, {'a': i, 'b': 'x'} AS nested,
    MAP {'k': i} AS pairs, 'blob'::BLOB AS bytes, NULL::INTEGER AS nothing,
    CASE i % 4 WHEN 0 THEN '{"a": 1}' WHEN 1 THEN '"text"' WHEN 2 THEN 'null' ELSE '1.5' END::JSON AS json
  FROM range(40) t(i)`;

const housing = (csv: string) => `
  SELECT *, DATE '1990-01-01' + (row_number() OVER ())::INTEGER AS sold,
    (median_income * 1000)::DECIMAL(12, 3) AS income,
    if(housing_median_age > 40, NULL, ocean_proximity) AS near
  FROM read_csv('${csv}')`;

const odd = [
  {
    n: 1,
    mixed: "1",
    text: "1",
    flag: true,
    day: "2020-02-29",
    at: "2020-02-29 10:00:00",
    v: [1, 2],
  },
  {
    n: 2.5,
    mixed: 2,
    text: 'x\u2028"\\',
    flag: null,
    day: null,
    at: "2021-01-01 00:00:00",
    v: null,
  },
  {
    mixed: "word",
    text: "null",
    flag: false,
    day: "2021-01-01",
    at: null,
    v: [null, 3.5],
    late: 7,
  },
];

export async function writeTables(folder: string): Promise<void> {
  const path = (name: string) => join(folder, name);
  const csv = realData("housing", "housing.csv");
  const small = "SELECT i, i / 7 AS x, 'level ' || i % 3 AS word FROM range(5000) t(i)";
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  const copy = (sql: string, name: string, options = "FORMAT parquet") =>
    connection.run(`COPY (${sql}) TO '${path(name)}' (${options})`);
  try {
    await copy(types, "types.parquet");
    await copy(csv ? housing(csv) : small, "groups.parquet", "FORMAT parquet, ROW_GROUP_SIZE 4096");
    await copy(
      `SELECT * EXCLUDE (uwhole) FROM (${types})`,
      "two.parquet",
      "FORMAT parquet, PARQUET_VERSION v2",
    );
    await copy(
      "SELECT (4294967000 + i)::UINTEGER AS x FROM range(40) t(i)",
      "unsigned.parquet",
      "FORMAT parquet, PARQUET_VERSION v2",
    );
    for (const codec of ["zstd", "gzip", "brotli", "lz4_raw", "uncompressed"]) {
      await copy(small, `${codec}.parquet`, `FORMAT parquet, COMPRESSION ${codec}`);
    }
    const wide = "SELECT i, repeat('text ' || i, 60) AS text FROM range(12000) t(i)";
    await copy(wide, "pages.parquet");
    await copy(csv ? `${housing(csv)} LIMIT 3000` : small, "lines.ndjson", "FORMAT json");
    await copy(small, "records.json", "FORMAT json, ARRAY true");
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
  writeFileSync(path("lines.ndjson.gz"), gzipSync(readFileSync(path("lines.ndjson"))));
  writeFileSync(path("odd.json"), JSON.stringify(odd, null, 2));
  const nested = `[
    {"one": [1], "some": {"b": 1}, "number": 9007199254740993, "huge": 1e30, "left": {"c": 2}},
    {"one": 2, "some": "x", "number": 1, "huge": 1, "left": null, "lists": [1, 2]},
    {"constructor": "own", "lists": [3]}
  ]`;
  writeFileSync(path("nested.json"), nested);
  writeFileSync(path("members.csv.gz"), members());
  writeFileSync(path("quoted.csv"), '\ufeff\n"a","b ""c""",d\nx,"line\nbreak",17\n"","y",2\n');
}

/** Several gzip files in one, as `cat` and bgzip make them; the text looks like a start of one itself. */
function members(): Buffer {
  const magic = "\u001f\u008b\u0008";
  const row = (i: number) =>
    `${i},${(i * 7919) % 1000},${i % 500 === 0 ? magic : "name"} ${i % 97}\n`;
  const rows = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, i) => row(from + i)).join("");
  const [first, second] = [rows(0, 15_000), rows(15_000, 60_000)];
  // Stored and not packed, the magic stands in the file itself, as UTF-8 and as Latin-1 never would.
  return Buffer.concat([gzipSync("a,b,c\n"), gzipSync(first, { level: 0 }), gzipSync(second)]);
}
