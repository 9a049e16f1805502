// What zstd makes of bytes, by the library that DuckDB has in it: as one page of a Parquet file. The page is no
// file of zstd's, since something stands before the bytes, so that its size is told and nothing is kept.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rowsOf, sqlText, withConnection, withDatabase } from "../../data/duckdb.ts";

const LEVEL = 19;

/** More are not one value of DuckDB's. */
const LARGEST = 2 ** 30;

/** How many bytes zstd -19 makes of these, with some thirty of the page's own; null where DuckDB is not here. */
export async function duckdbZstdSize(bytes: Uint8Array): Promise<number | null> {
  const duckdb = await import("@duckdb/node-api").catch(() => null);
  if (duckdb === null) return null;
  if (bytes.length > LARGEST) throw new Error(`DuckDB packs ${LARGEST} bytes at most`);
  const folder = await mkdtemp(join(tmpdir(), "elbo-zstd-"));
  const path = sqlText(join(folder, "page.parquet"));
  const options = `FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL ${LEVEL}, PARQUET_VERSION v1`;
  try {
    return await withDatabase("bytes in memory", (database) =>
      withConnection(database, async (connection) => {
        await connection.run("CREATE TEMP TABLE held AS SELECT $1::BLOB AS bytes", [
          duckdb.blobValue(bytes),
        ]);
        await connection.run(`COPY held TO ${path} (${options}, DICTIONARY_SIZE_LIMIT 0)`);
        const sql = `SELECT sum(total_compressed_size)::DOUBLE AS size FROM parquet_metadata(${path})`;
        const [row] = await rowsOf(connection, sql);
        return Number(row!["size"]);
      }),
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
