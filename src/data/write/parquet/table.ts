// Tables as Parquet: rows are gathered until they make a row group, which is then written, so that no
// more than one is held. https://parquet.apache.org/docs/file-format/
import { endianness } from "node:os";
import {
  type TableColumn,
  type TableColumnType,
  type TableValues,
  usageError,
} from "../columns.ts";
import { openSink } from "../sink.ts";
import type { Output } from "../writer.ts";
import { columnChunk, typeNumber } from "./chunk.ts";
import { gathered, physicalOf } from "./gathered.ts";
import {
  binary,
  boolean,
  i32,
  i64,
  list,
  struct,
  type ThriftValue,
  thriftBytes,
} from "./thrift.ts";

const [OPTIONAL, UTF8, DATE] = [1, 0, 6].map(i32);
/** Integers of 8, 16, 32 and 64 bits, the older names of their types. */
const [UNSIGNED, SIGNED] = [[11, 12, 13, 14].map(i32), [15, 16, 17, 18].map(i32)];
const none = struct({});

/** What a column's values mean beside what they are stored as: the older name, and the newer. */
const meanings: Record<TableColumnType, { 6?: ThriftValue; 10?: ThriftValue }> = {
  ...{ float16: {}, float32: {}, float64: {} },
  boolean: {},
  ...{ int8: { 6: SIGNED![0]! }, int16: { 6: SIGNED![1]! }, int32: {}, int64: {} },
  ...{ uint8: { 6: UNSIGNED![0]! }, uint16: { 6: UNSIGNED![1]! } },
  ...{ uint32: { 6: UNSIGNED![2]! }, uint64: { 6: UNSIGNED![3]! } },
  text: { 6: UTF8!, 10: struct({ 1: none }) },
  date: { 6: DATE!, 10: struct({ 6: none }) },
  // Microseconds, of no time zone.
  time: { 10: struct({ 8: struct({ 1: boolean(false), 2: struct({ 2: none }) }) }) },
};

const MAGIC = new TextEncoder().encode("PAR1");

/** Rows of a row group, which is held as a whole: DuckDB's own number, of wide tables fewer. */
const [MOST_GROUP_ROWS, MOST_GROUP_CELLS, FEWEST_GROUP_ROWS] = [122_880, 4e6, 2048];

function groupRows(columns: number): number {
  const rows = Math.floor(MOST_GROUP_CELLS / columns);
  return Math.min(MOST_GROUP_ROWS, Math.max(FEWEST_GROUP_ROWS, rows));
}

/** Readers of SQL know columns by names that are not empty, and differ in more than capitals. */
function checkNames(columns: readonly TableColumn[], path: string): void {
  const seen = new Map<string, string>();
  for (const { name } of columns) {
    const twin = seen.get(name.toLowerCase());
    if (name !== "" && twin === undefined) {
      seen.set(name.toLowerCase(), name);
      continue;
    }
    throw usageError(
      "column-duplicate",
      twin === undefined
        ? `${path}: a column of Parquet needs a name, received ""`
        : `${path}: columns of Parquet differ in more than capitals, received ${JSON.stringify(twin)} and ${JSON.stringify(name)}`,
      "rename the column in the data, or write .csv or .json",
    );
  }
}

function footer(columns: readonly TableColumn[], rows: number, groups: ThriftValue[]): Uint8Array {
  const schema = columns.map(({ name, type }) =>
    struct({
      ...{ 1: typeNumber(physicalOf[type]), 3: OPTIONAL, 4: binary(name) },
      ...meanings[type],
    }),
  );
  const root = struct({ 4: binary("table"), 5: i32(columns.length) });
  const metadata = thriftBytes(
    struct({
      1: i32(2),
      2: list([root, ...schema]),
      3: i64(rows),
      4: list(groups),
      6: binary("elbo"),
      // By the order of their types are least and greatest values told.
      7: list(columns.map(() => struct({ 1: none }))),
    }),
  );
  const bytes = new Uint8Array(metadata.length + 8);
  bytes.set(metadata);
  new DataView(bytes.buffer).setUint32(metadata.length, metadata.length, true);
  bytes.set(MAGIC, metadata.length + 4);
  return bytes;
}

/** Missing values, NaN among them, are nulls. */
export async function parquetTable(
  path: string,
  columns: readonly TableColumn[],
): Promise<Output<[readonly TableValues[], number]>> {
  checkNames(columns, path);
  if (endianness() !== "LE") {
    throw usageError(
      "format-unknown",
      `${path}: Parquet is written on little-endian processors alone`,
      "write .csv or .npz",
    );
  }
  const sink = await openSink(path);
  const most = groupRows(columns.length);
  const held = columns.map(({ type }) => gathered(type, most));
  const groups: ThriftValue[] = [];
  let [rows, total, offset] = [0, 0, 0];

  async function put(bytes: Uint8Array): Promise<void> {
    offset += bytes.length;
    await sink.write(bytes);
  }

  async function writeGroup(): Promise<void> {
    const chunks: ThriftValue[] = [];
    const start = offset;
    for (const [i, { name }] of columns.entries()) {
      const chunk = await columnChunk(held[i]!.take(rows));
      chunks.push(struct({ 2: i64(offset), 3: chunk.metadata(name, offset) }));
      for (const piece of chunk.pieces) await put(piece);
    }
    groups.push(struct({ 1: list(chunks), 2: i64(offset - start), 3: i64(rows) }));
    total += rows;
    rows = 0;
  }

  await put(MAGIC).catch(async (cause: unknown) => {
    await sink.abort();
    throw cause;
  });
  return {
    async write(values, count) {
      for (let start = 0; start < count; ) {
        const taken = Math.min(count - start, most - rows);
        for (const [i, column] of held.entries()) column.add(values[i]!, start, taken, rows);
        start += taken;
        rows += taken;
        if (rows === most) await writeGroup();
      }
    },
    async close() {
      if (rows > 0) await writeGroup();
      await put(footer(columns, total, groups));
      await sink.close();
    },
    abort: () => sink.abort(),
  };
}
