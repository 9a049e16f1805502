// Rows packed, stored and read back: in memory, in pages of a file, and where there is no room.
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { pageFile, readStored, removeStored } from "#elbo/data/store/disk.js";
import { storeRows } from "#elbo/data/store/store.js";
import { type StoredRows, sliceRows } from "#elbo/data/store/stored.js";
import type { PackedRows } from "#elbo/fields/pack.js";
import { RowsHash } from "#elbo/train/rows-hash.js";
import { elboError } from "../../helpers/errors.ts";
import { testFolder } from "../../helpers/folder.ts";
import { onFullDisk } from "../../helpers/full-disk.ts";
import { drawOf, expectedRow, inputsOf, mixedSchema, mixedSource } from "./mixed.ts";

/** Packed rows, as the inputs of a graph. */
function unpacked(packed: PackedRows): number[][] {
  const { feeder, memory, inputs, rows } = inputsOf(mixedSchema, packed.rows);
  feeder.copy(memory, inputs, packed, 0, packed.rows, drawOf());
  return rows(packed.rows);
}

async function all(stored: StoredRows): Promise<number[][]> {
  const rows: number[][] = [];
  for await (const packed of readStored(stored)) rows.push(...unpacked(packed));
  return rows;
}

const rows = 2500;
/** Every tenth row is held out, every 25th neither. */
const parts = Uint8Array.from({ length: rows }, (_, i) =>
  i % 25 === 7 ? 2 : i % 10 === 3 ? 1 : 0,
);
const ofPart = (part: number) =>
  Array.from({ length: rows }, (_, i) => i).filter((i) => parts[i] === part);

describe.each([
  ["in memory", 1e9],
  ["in a file from the first row", 0],
  // 194 bytes a row, and 12 of sparse values on average.
  ["in a file once sparse rows have grown", 430_000],
])("%s", (_, memoryBytes) => {
  test("every kind comes back as it was, gaps masked, in the source's order", async () => {
    const file = join(testFolder(), "rows.bin");
    const done: number[] = [];
    const told: number[][] = [];
    const { training, validation } = await storeRows(mixedSource(rows, 600), mixedSchema, parts, {
      memoryBytes,
      overflow: pageFile(file),
      onRows: (n) => done.push(n),
      onTraining: (piece) => told.push(...unpacked(piece)),
    });
    expect(done).toEqual([600, 1200, 1800, 2400, 2500]);
    expect(training.in).toBe(memoryBytes > 1e8 ? "memory" : "file");
    expect(existsSync(file)).toBe(training.in === "file");
    expect(training.rows).toBe(ofPart(0).length);
    expect(await all(training)).toEqual(ofPart(0).map(expectedRow));
    expect(told).toEqual(ofPart(0).map(expectedRow));
    expect(validation.in).toBe("memory");
    expect(await all(validation)).toEqual(ofPart(1).map(expectedRow));
    await removeStored(training);
    expect(existsSync(file)).toBe(false);
  });
});

test("what is stored is plain data over shared memory, for worker threads", async () => {
  const file = join(testFolder(), "rows.bin");
  const options = { memoryBytes: 1e9, overflow: pageFile(file) };
  const { training } = await storeRows(mixedSource(50), mixedSchema, new Uint8Array(50), options);
  const copy = structuredClone(training);
  if (copy.in !== "memory" || training.in !== "memory") throw new Error("not in memory");
  for (const [name, values] of training.groups) {
    expect(values.values.buffer).toBeInstanceOf(SharedArrayBuffer);
    const same = copy.groups.get(name)!;
    values.values[0] = 77;
    expect(same.values[0]).toBe(77);
  }
  const spooled = { ...options, memoryBytes: 0 };
  const paged = (await storeRows(mixedSource(50), mixedSchema, new Uint8Array(50), spooled))
    .training;
  expect(await all(structuredClone(paged))).toEqual(await all(paged));
});

test("pages are at most 8 MB, with blocks at multiples of 64 bytes", async () => {
  const file = join(testFolder(), "rows.bin");
  const count = 70_000;
  const { training } = await storeRows(
    mixedSource(count, 4096),
    mixedSchema,
    new Uint8Array(count),
    { memoryBytes: 0, overflow: pageFile(file) },
  );
  if (training.in !== "file") throw new Error("not in a file");
  expect(training.pages.length).toBeGreaterThan(1);
  const ends = [...training.pages.slice(1).map(({ offset }) => offset), statSync(file).size];
  for (const [i, { rows: own, offset }] of training.pages.entries()) {
    expect(offset % 64).toBe(0);
    expect(ends[i]! - offset).toBeLessThan(8.5e6);
    if (i < training.pages.length - 1) expect(own).toBe(training.pageRows);
  }
});

test("unseen levels and lost digits are noted", async () => {
  const file = join(testFolder(), "rows.bin");
  const { notes } = await storeRows(mixedSource(10), mixedSchema, new Uint8Array(10), {
    memoryBytes: 1e9,
    overflow: pageFile(file),
  });
  expect(notes.map(({ code }) => code)).toEqual(["level-unseen"]);
});

test("a row that cannot be packed is named, and the file removed", async () => {
  const file = join(testFolder(), "rows.bin");
  const options = { memoryBytes: 0, overflow: pageFile(file) };
  const source = mixedSource(30_000, 1000, 29_000);
  const error = await elboError(() =>
    storeRows(source, mixedSchema, new Uint8Array(30_000), options),
  );
  expect(error.code).toBe("value-infinite");
  expect(error.where).toEqual({ file: "mixed", row: 29_001, column: "x" });
  expect(existsSync(file)).toBe(false);
});

test("a source with other rows than before is refused", async () => {
  const options = { memoryBytes: 1e9, overflow: pageFile(join(testFolder(), "rows.bin")) };
  for (const length of [9, 11]) {
    const error = await elboError(() =>
      storeRows(mixedSource(10), mixedSchema, new Uint8Array(length), options),
    );
    expect(error.code).toBe("data-changed");
  }
});

test("a disk that fills up while rows are written is an error, and the file goes", async (context) => {
  await onFullDisk(context, async (folder) => {
    const file = join(folder, "rows.bin");
    const options = { memoryBytes: 0, overflow: pageFile(file) };
    const error = await elboError(() =>
      storeRows(mixedSource(30_000, 1000), mixedSchema, new Uint8Array(30_000), options),
    );
    expect(error.code).toBe("disk-full");
    expect(error.message).toContain(file);
    expect(existsSync(file)).toBe(false);
  });
});

test("a file that was cut is named", async () => {
  const file = join(testFolder(), "rows.bin");
  const options = { memoryBytes: 0, overflow: pageFile(file) };
  const { training } = await storeRows(mixedSource(50), mixedSchema, new Uint8Array(50), options);
  const { truncateSync } = await import("node:fs");
  truncateSync(file, 1000);
  const error = await elboError(() => all(training));
  expect(error.code).toBe("file-shortened");
});

test("without a file, more rows than memory is allowed are an error that says how much", async () => {
  const parts = new Uint8Array(50);
  const { training } = await storeRows(mixedSource(50), mixedSchema, parts, { memoryBytes: 1e9 });
  expect(training).toMatchObject({ in: "memory", rows: 50 });
  for (const memoryBytes of [0, 8 << 10]) {
    const store = () => storeRows(mixedSource(50, 600), mixedSchema, parts, { memoryBytes });
    expect((await elboError(store)).code).toBe("memory-short");
  }
});

test("a hash of rows is of what they hold, not of the pieces that they come in", async () => {
  const store = { memoryBytes: 1e9 };
  const { training } = await storeRows(mixedSource(rows), mixedSchema, new Uint8Array(rows), store);
  if (training.in !== "memory") throw new Error("not in memory");
  const hashOf = (pieces: readonly (readonly [number, number])[]) => {
    const hash = new RowsHash();
    for (const [from, to] of pieces) hash.add("training", sliceRows(training, from, to));
    return hash.digest();
  };
  const whole = hashOf([[0, rows]]);
  expect(whole).toMatch(/^[0-9a-f]{64}$/);
  const cuts = [0, 1, 700, 701, 2400, rows];
  expect(hashOf(cuts.slice(1).map((to, i) => [cuts[i]!, to] as const))).toBe(whole);
  expect(hashOf([[0, rows - 1]])).not.toBe(whole);
  for (const values of training.groups.values()) {
    const bytes = new Uint8Array(values.values.buffer, values.values.byteOffset);
    bytes[5]! ^= 1;
    expect(hashOf([[0, rows]])).not.toBe(whole);
    bytes[5]! ^= 1;
  }
  expect(hashOf([[0, rows]])).toBe(whole);
});
