// Rows come back as they stood in the data: no number is rounded, and no type becomes another.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { encode } from "fast-png";
import { beforeAll, expect, test } from "vitest";
import { storedNumbers } from "#elbo/data/arrays/elements.js";
import { npzArrays } from "#elbo/data/arrays/npz.js";
import { arrayRows } from "#elbo/data/arrays/stored-array.js";
import { rowsOf, withConnection, withDatabase } from "#elbo/data/duckdb.js";
import { fileBytes } from "#elbo/data/file-bytes.js";
import { nodeInflater } from "#elbo/data/node-inflater.js";
import { npzFile } from "#elbo/data/write/npz.js";
import { compressTo, decompressTo } from "#elbo/tasks/compress/archives.js";
import { type Run, runOf } from "#elbo/tasks/run.js";
import { train } from "#elbo/train/train.js";
import { sharedFolder } from "../../helpers/folder.ts";

const folder = sharedFolder();
const at = (name: string) => join(folder, name);
const options = { force: true, threads: 1, rivals: false };
let run: Run;

const sql = (text: string) =>
  withDatabase("memory", (database) =>
    withConnection(database, async (connection) => rowsOf(connection, text)),
  );

beforeAll(async () => {
  await sql(`COPY (SELECT i / 3 AS n, [i / 2, i, 0.1] AS v, i * 3 AS whole FROM range(200) t(i))
    TO '${at("seen.parquet")}'`);
  const small = { network: "mlp:8", latent: 2, epochs: 1, validation: 0, report: false } as const;
  await train(at("seen.parquet"), { ...small, out: at("run") });
  run = await runOf(at("run"));
}, 60_000);

const whole = (bits: number, signed: boolean) =>
  signed
    ? fc.bigInt({ min: -(2n ** BigInt(bits - 1)), max: 2n ** BigInt(bits - 1) - 1n })
    : fc.bigInt({ min: 0n, max: 2n ** BigInt(bits) - 1n });
const finite = fc.double({ min: -3e38, max: 3e38, noDefaultInfinity: true });
const decimals = fc.integer({ min: -99_999, max: 99_999 }).map((x) => x / 100);

const elements = [
  { type: "i1", of: whole(8, true), array: Int8Array },
  { type: "u1", of: whole(8, false), array: Uint8Array },
  { type: "i2", of: whole(16, true), array: Int16Array },
  { type: "u2", of: whole(16, false), array: Uint16Array },
  { type: "i4", of: whole(32, true), array: Int32Array },
  { type: "u4", of: whole(32, false), array: Uint32Array },
  { type: "i8", of: whole(64, true), array: BigInt64Array },
  { type: "u8", of: whole(64, false), array: BigUint64Array },
  { type: "f4", of: fc.oneof(decimals, finite), array: Float32Array },
  { type: "f8", of: fc.oneof(decimals, finite), array: Float64Array },
] as const;

const inners = [[], [3], [2, 2], [2, 1, 3]];

/** Some arrays of as many rows; those called as the model's fields are coded by it. */
const arrays = fc.integer({ min: 1, max: 12 }).chain((rows) =>
  fc.tuple(
    ...["v", "n", "other"].map((name) =>
      fc
        .tuple(fc.constantFrom(...elements), fc.constantFrom(...inners))
        .chain(([{ type, of, array }, inner]) => {
          const length = inner.reduce((product, size) => product * size, rows);
          const numbers = fc.array(of as fc.Arbitrary<number | bigint>, {
            minLength: length,
            maxLength: length,
          });
          const isLong = array === BigInt64Array || array === BigUint64Array;
          return numbers.map((values) => ({
            ...{ name, inner, rows, description: `${type.endsWith("1") ? "|" : "<"}${type}` },
            values: isLong
              ? array.from(values as bigint[])
              : (array as Float64ArrayConstructor).from(values, Number),
          }));
        }),
    ),
  ),
);

const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView) =>
  new Uint8Array(buffer, byteOffset, byteLength);

async function contentOf(path: string) {
  const { arrays } = await npzArrays(await fileBytes(path), nodeInflater);
  const contents = [];
  for (const array of arrays) {
    const values = [];
    for await (const part of arrayRows(array, 5, storedNumbers)) values.push(...part);
    contents.push({ name: array.name, element: array.element, shape: array.shape, values });
  }
  return contents;
}

test("npz archives come back with their arrays, types and shapes", async () => {
  await fc.assert(
    fc.asyncProperty(arrays, async (given) => {
      const output = await npzFile(at("a.npz"), given);
      await output.write(
        given.map(({ values }) => bytesOf(values)),
        given[0]!.rows,
      );
      await output.close();
      await compressTo(at("a.elbo"), run, at("a.npz"), options);
      await decompressTo(at("b.npz"), run, at("a.elbo"), { force: true, threads: 1 });
      expect(await contentOf(at("b.npz"))).toEqual(await contentOf(at("a.npz")));
    }),
    { numRuns: 25 },
  );
}, 60_000);

/** Rows of a query that differ, or stand in one alone. */
async function differing(from: string, other: string): Promise<number> {
  const [row] = await sql(`SELECT count(*)::INTEGER AS n FROM ((${from}) EXCEPT ALL (${other}))`);
  return Number(row!["n"]);
}

const typed = `SELECT i * 4611686018427387 - 4611686018427387904 AS big,
    if(i % 7 = 0, NULL, i * 3) AS whole, i::UBIGINT * 18446744073709551::UBIGINT AS huge, i / 3 AS n,
    (i / 7)::FLOAT AS short, (i % 100)::TINYINT AS tiny, (i / 8)::DECIMAL(9, 3) AS price, i % 2 = 0 AS yes,
    if(i % 5 = 0, NULL, 'a' || chr(0) || i) AS words, '' AS blank, NULL::INTEGER AS none,
    DATE '1900-01-01' + i::INTEGER AS day, -0.0::DOUBLE AS nil, if(i = 3, 'inf'::DOUBLE, i) AS endless,
    TIMESTAMP '1931-01-01 00:00:00.123456' + INTERVAL (i) HOUR AS moment FROM range(300) t(i)`;

test("Parquet's columns come back with their types, none of their numbers rounded", async () => {
  await sql(`COPY (${typed}) TO '${at("typed.parquet")}'`);
  await compressTo(at("t.elbo"), run, at("typed.parquet"), options);
  await decompressTo(at("back.parquet"), run, at("t.elbo"), { force: true });
  expect(await differing(`FROM '${at("typed.parquet")}'`, `FROM '${at("back.parquet")}'`)).toBe(0);
  const types = (path: string) =>
    sql(
      `SELECT column_name, column_type FROM (DESCRIBE FROM '${at(path)}') WHERE column_name <> 'price'`,
    );
  expect(await types("back.parquet")).toEqual(await types("typed.parquet"));
});

test("lists of wide numbers come back as columns of their type", async () => {
  await sql(`COPY (SELECT [i / 3, i / 7, NULL] AS v, [i * 9007199254740993, -i] AS ids FROM range(99) t(i))
    TO '${at("lists.parquet")}'`);
  await compressTo(at("l.elbo"), run, at("lists.parquet"), options);
  await decompressTo(at("lists.back.parquet"), run, at("l.elbo"), { force: true });
  const given = `SELECT v[1] AS v0, v[2] AS v1, v[3]::DOUBLE AS v2, ids[1] AS ids0, ids[2] AS ids1 FROM '${at("lists.parquet")}'`;
  expect(await differing(given, `FROM '${at("lists.back.parquet")}'`)).toBe(0);
});

// Of a text's rows those were missing that are blank.
test("a text with blank lines comes back as bytes, and not as rows", async () => {
  writeFileSync(at("blank.txt"), "one\n\ntwo\n");
  const rows = compressTo(at("b.elbo"), run, at("blank.txt"), { ...options, rows: true });
  await expect(rows).rejects.toMatchObject({ code: "compress-lost" });
  await compressTo(at("b.elbo"), run, at("blank.txt"), options);
  await decompressTo(at("blank.back"), run, at("b.elbo"));
  expect(readFileSync(at("blank.back"), "utf8")).toBe("one\n\ntwo\n");
});

// Nanoseconds became microseconds.
test.each([
  ["2020-01-01 00:00:00.123456", false],
  ["2020-01-01 00:00:00.123456000", false],
  ["2020-01-01 00:00:00.123456700", true],
  ["2020-01-01T00:00:00.123456789Z", true],
])("csv's time %s: its rows are refused: %s", async (time, isLost) => {
  writeFileSync(at("moments.csv"), `n,t\n1,${time}\n2,${time}\n`);
  const rows = compressTo(at("b.elbo"), run, at("moments.csv"), { ...options, rows: true });
  if (isLost) await expect(rows).rejects.toMatchObject({ code: "compress-lost" });
  else expect(await rows).toMatchObject({ content: "rows" });
});

// Pixels of 16 bits became 8, transparent ones white, and other sizes were stretched.
test("images whose pixels are not all of them are refused", async () => {
  const at16 = at("deep");
  mkdirSync(at16);
  const data = Uint16Array.from({ length: 12 }, (_, i) => 5000 * i);
  writeFileSync(join(at16, "a.png"), encode({ width: 4, height: 3, data, channels: 1, depth: 16 }));
  const folder = compressTo(at("d.elbo"), run, at16, options);
  await expect(folder).rejects.toThrow("pixels of more than 8 bits");
  const see = { width: 1, height: 1, channels: 4, data: Uint8Array.of(9, 9, 9, 100) } as const;
  writeFileSync(join(at16, "a.png"), encode(see));
  await expect(compressTo(at("d.elbo"), run, at16, options)).rejects.toThrow("transparent parts");
});

const inexact = {
  struct: "SELECT i, {'a': i} AS s FROM range(50) t(i)",
  digits: "SELECT i, 12345678901234567890.123::DECIMAL(30, 3) + i AS x FROM range(50) t(i)",
  nanoseconds: "SELECT i, make_timestamp_ns(i * 1001) AS x FROM range(50) t(i)",
  far: "SELECT i, TIMESTAMP '9999-01-01 00:00:00.000001' AS x FROM range(50) t(i)",
};

test.each(Object.entries(inexact))(
  "a file whose rows do not say all comes back byte for byte, and its rows are refused: %s",
  async (name, query) => {
    const file = at(`${name}.parquet`);
    await sql(`COPY (${query}) TO '${file}'`);
    const { content, notes } = await compressTo(at("i.elbo"), run, file, options);
    expect(content).toBe("bytes");
    expect(notes).toMatchObject([{ code: "compress-bytes" }]);
    await decompressTo(at("i.back"), run, at("i.elbo"), { force: true });
    const bytes = async (path: string) => {
      const source = await fileBytes(path);
      return source.read(0, source.size);
    };
    expect(Buffer.compare(await bytes(at("i.back")), await bytes(file))).toBe(0);
    const rows = compressTo(at("i.elbo"), run, file, { ...options, rows: true });
    await expect(rows).rejects.toMatchObject({ code: "compress-lost" });
  },
);
