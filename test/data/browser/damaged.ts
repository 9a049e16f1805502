// The readers that only web pages use, over damaged files: a result or a clear error, never a crash
// or a hang. They run in Node too. Each property takes the number of files.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { jsonSource } from "#elbo/data/browser/json.js";
import { parquetSource } from "#elbo/data/browser/parquet.js";
import { memoryBytes } from "#elbo/data/bytes.js";
import { withDuckDB } from "#elbo/data/duckdb.js";
import type { DataSource } from "#elbo/data/source.js";
import { unpackedMemory } from "#elbo/data/unpacked.js";
import { testFolder } from "../../helpers/folder.ts";
import { readsDamaged } from "../../helpers/mutate.ts";

type Counts = Awaited<ReturnType<typeof readsDamaged>>;

async function readAll(source: DataSource): Promise<number> {
  let rows = 0;
  for await (const chunk of source.chunks()) rows += chunk.rows;
  expect(rows).toBe(source.rows);
  // What dictionaries and runs expand to has no bound by the file's size.
  return 0;
}

export async function damagedJson(runs: number): Promise<Counts> {
  const records = [
    { a: 1, b: "x", c: [1, 2], d: null },
    { a: 2.5, b: 'y"\\', c: [3, 4], d: true },
    { b: "2020-01-01", e: { f: [] } },
  ];
  const files = [
    JSON.stringify(records, null, 1),
    records.map((record) => JSON.stringify(record)).join("\n"),
  ].map((text) => new TextEncoder().encode(text));
  const read = async (bytes: Uint8Array) =>
    readAll(await jsonSource([unpackedMemory(bytes, "damaged.json")]));
  return readsDamaged(files, read, runs);
}

export async function damagedParquet(runs: number): Promise<Counts> {
  const folder = testFolder();
  const codecs = ["snappy", "zstd", "gzip", "uncompressed"];
  const kinds = ["v1", "v2"].flatMap((version) => codecs.map((codec) => [version, codec] as const));
  const sql = `SELECT i, i / 7 AS x, 'level ' || i % 3 AS word, DATE '2020-01-01' + i::INTEGER AS day,
    [i, 2]::FLOAT[] AS v, if(i % 3 = 0, NULL, i)::DECIMAL(9, 2) AS d FROM range(50) t(i)`;
  await withDuckDB("test", async (connection) => {
    for (const [version, codec] of kinds) {
      const path = join(folder, `${codec}${version}.parquet`);
      const options = `FORMAT parquet, PARQUET_VERSION ${version}, COMPRESSION ${codec}`;
      await connection.run(`COPY (${sql}) TO '${path}' (${options})`);
    }
  });
  const files = kinds.map(([version, codec]) =>
    readFileSync(join(folder, `${codec}${version}.parquet`)),
  );
  const read = async (bytes: Uint8Array) =>
    readAll(await parquetSource([memoryBytes(bytes, "damaged.parquet")]));
  return readsDamaged(files, read, runs);
}
