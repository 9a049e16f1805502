// DuckDB's vectors are read alike through the members that node-api 1.5 has and without them.
import type { DuckDBVector } from "@duckdb/node-api";
import { expect, test } from "vitest";
import { withDuckDB } from "#elbo/data/duckdb.js";
import { hashExpression, textsReader } from "#elbo/data/tables/text-vectors.js";
import { numericValues } from "#elbo/data/tables/vectors.js";

/** The same vector as a version of node-api would give it that keeps its members to itself. */
const closed = (vector: DuckDBVector) =>
  ({ getItem: (row: number) => vector.getItem(row) }) as unknown as DuckDBVector;

test("numbers, vectors and texts", async () => {
  const rows = 300;
  const text = "CASE WHEN i % 5 = 0 THEN NULL ELSE 'a text of some length ' || i % 20 END";
  await withDuckDB("a test", async (connection) => {
    const result = await connection.stream(`SELECT i / 8, [i, i / 3]::FLOAT[2], ${text},
      ${hashExpression(text)} FROM range(${rows}) t(i)`);
    const chunk = (await result.fetchChunk())!;
    const [numbers, vectors, texts, hashes] = [0, 1, 2, 3].map((i) => chunk.getColumnVector(i));
    const expected = Array.from({ length: rows }, (_, i) => i);
    for (const open of [true, false]) {
      const seen = (vector: DuckDBVector | undefined) => (open ? vector! : closed(vector!));
      expect(numericValues({ name: "n", type: "number" }, seen(numbers), rows)).toEqual({
        type: "number",
        values: Float64Array.from(expected, (i) => i / 8),
      });
      const info = { name: "v", type: "vector", size: 2, sparse: false } as const;
      expect(numericValues(info, seen(vectors), rows)).toEqual({
        type: "vector",
        values: Float32Array.from(expected.flatMap((i) => [i, i / 3])),
      });
      expect(textsReader()(seen(texts), seen(hashes), rows)).toEqual(
        expected.map((i) => (i % 5 === 0 ? null : `a text of some length ${i % 20}`)),
      );
    }
    // Else every cell costs a call: a sign to look at what node-api offers now.
    expect(Reflect.get(numbers!, "items")).toBeInstanceOf(Float64Array);
    expect(Reflect.get(hashes!, "items")).toBeInstanceOf(BigUint64Array);
  });
});
