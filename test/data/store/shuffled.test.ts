// The order in which epochs take stored rows, and batches from any place in it.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { openShuffled, pageFile } from "#elbo/data/store/disk.js";
import { epochWindows, memoryOrder, windowOrder } from "#elbo/data/store/order.js";
import type { ShuffledRows } from "#elbo/data/store/shuffled.js";
import { storeRows } from "#elbo/data/store/store.js";
import type { StoredRows } from "#elbo/data/store/stored.js";
import { Random, streams } from "#elbo/runtime/random.js";
import { real, schemaOf } from "../../fields/schemas.ts";
import { elboError } from "../../helpers/errors.ts";
import { sharedFolder, testFolder } from "../../helpers/folder.ts";
import { drawOf, expectedRow, inputsOf, mixedSchema, mixedSource } from "./mixed.ts";

const rows = 2503;
const seed = 11;

/** Rows of an epoch from `from` to `to`, `batch` at a time. */
async function epochOf(
  shuffled: ShuffledRows,
  epoch: number,
  [from, to]: readonly [number, number] = [0, rows],
  batch = 64,
): Promise<number[][]> {
  const { feeder, memory, inputs, rows: filled } = inputsOf(mixedSchema, batch);
  const all: number[][] = [];
  for (let place = from; place < to; place += batch) {
    const end = Math.min(to, place + batch);
    await shuffled.fill(feeder, memory, inputs, epoch, place, end, drawOf());
    all.push(...filled(end - place));
  }
  return all;
}

const ids = (all: number[][]) => all.map(([id]) => id!);
const ascending = (all: number[][]) => [...ids(all)].sort((a, b) => a - b);

/** The same rows in pages of `pageRows`: small, so that an epoch has many windows. */
async function paged(folder: string, pageRows: number): Promise<StoredRows> {
  const { PageWriter } = await import("#elbo/data/store/page-file.js");
  const { Packer } = await import("#elbo/fields/pack.js");
  const { layoutOf } = await import("#elbo/fields/layout.js");
  const groups = layoutOf(mixedSchema).map(({ name, dtype, elements, sparse }) => ({
    ...{ name, dtype, elements, sparse },
  }));
  const source = mixedSource(rows);
  const packer = new Packer(mixedSchema, source, "training");
  const writer = await PageWriter.open(join(folder, `rows-${pageRows}`), groups, true, pageRows);
  for await (const chunk of source.chunks(packer.names)) {
    await writer.add(packer.pack(chunk), 0, chunk.rows);
  }
  return writer.finish();
}

describe("of a file", () => {
  const folder = sharedFolder();
  let stored: StoredRows;
  beforeAll(async () => {
    stored = await paged(folder, 30);
  });

  test("every epoch has all rows once, in an order of its own, which the seed repeats", async () => {
    const shuffled = await openShuffled(stored, seed);
    const first = await epochOf(shuffled, 0);
    const second = await epochOf(shuffled, 1);
    await shuffled.close();
    expect(ascending(first)).toEqual(Array.from({ length: rows }, (_, i) => i));
    expect(ascending(second)).toEqual(ascending(first));
    expect(ids(second)).not.toEqual(ids(first));
    for (const row of first) expect(row).toEqual(expectedRow(row[0]!));

    const again = await openShuffled(stored, seed);
    expect(ids(await epochOf(again, 1))).toEqual(ids(second));
    await again.close();
    const other = await openShuffled(stored, seed + 1);
    expect(ids(await epochOf(other, 1))).not.toEqual(ids(second));
    await other.close();
  });

  test("any place is reached at once, and batches of any size agree", async () => {
    const shuffled = await openShuffled(stored, seed);
    const whole = ids(await epochOf(shuffled, 3));
    const places = new Random(1).permutation(streams.synthetic, 0, rows).slice(0, 20);
    for (const place of places) {
      const end = Math.min(rows, place + 100);
      expect(ids(await epochOf(shuffled, 3, [place, end], 100))).toEqual(whole.slice(place, end));
    }
    // A batch over more than two windows of 300 rows.
    expect(ids(await epochOf(shuffled, 3, [250, 1250], 1000))).toEqual(whole.slice(250, 1250));
    await shuffled.close();
    const resumed = await openShuffled(stored, seed);
    expect(ids(await epochOf(resumed, 3, [1234, rows]))).toEqual(whole.slice(1234));
    await resumed.close();
  });

  test("rows within a window are those of its ten pages, shuffled", async () => {
    if (stored.in !== "file") throw new Error("not in a file");
    const shuffled = await openShuffled(stored, seed);
    const order = ids(await epochOf(shuffled, 2));
    await shuffled.close();
    const windows = epochWindows(stored, seed, 2);
    expect(windows.length).toBe(Math.ceil(stored.pages.length / 10));
    expect(windows.flatMap(({ pages }) => [...pages])).toEqual([
      ...new Random(seed).permutation(streams.shuffle, 2, stored.pages.length),
    ]);
    for (const window of windows) {
      const own = [...window.pages].flatMap((page) =>
        Array.from(
          { length: stored.in === "file" ? stored.pages[page]!.rows : 0 },
          (_, i) => page * 30 + i,
        ),
      );
      const expected = [...windowOrder(stored, window, seed, 2)].map((i) => own[i]!);
      expect(order.slice(window.first, window.first + window.rows)).toEqual(expected);
    }
  });

  test("no promise comes while a window is at hand, and the next is read meanwhile", async () => {
    const shuffled = await openShuffled(stored, seed);
    const { feeder, memory, inputs } = inputsOf(mixedSchema, 50);
    const fill = (from: number) =>
      shuffled.fill(feeder, memory, inputs, 0, from, from + 50, drawOf());
    const first = fill(0);
    expect(first).toBeInstanceOf(Promise);
    await first;
    expect(fill(50)).toBeUndefined();
    await new Promise((resolve) => setTimeout(resolve, 200));
    // The second window begins at place 300.
    expect(fill(275)).toBeUndefined();
    expect(fill(300)).toBeUndefined();
    expect(fill(0)).toBeInstanceOf(Promise);
    await shuffled.close();
  });

  test("the next epoch's first window is read at the end of this one", async () => {
    const shuffled = await openShuffled(stored, seed);
    const { feeder, memory, inputs } = inputsOf(mixedSchema, 50);
    const last = () => shuffled.fill(feeder, memory, inputs, 0, rows - 50, rows, drawOf());
    await last();
    expect(last()).toBeUndefined();
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(shuffled.fill(feeder, memory, inputs, 1, 0, 50, drawOf())).toBeUndefined();
    await shuffled.close();
  });

  test("a file that was cut stops training with an error, not a crash", async () => {
    const cut = await paged(testFolder(), 30);
    if (cut.in !== "file") throw new Error("not in a file");
    writeFileSync(cut.path, "");
    const shuffled = await openShuffled(cut, seed);
    const error = await elboError(() => epochOf(shuffled, 0));
    expect(error.code).toBe("file-shortened");
    await shuffled.close();
  });
});

describe("in memory", () => {
  test("rows come in the seed's permutation for the epoch", async () => {
    const { training } = await storeRows(mixedSource(rows), mixedSchema, new Uint8Array(rows), {
      memoryBytes: 1e9,
      overflow: pageFile(join(testFolder(), "none")),
    });
    const shuffled = await openShuffled(training, seed);
    for (const epoch of [0, 4]) {
      const order = [...new Random(seed).permutation(streams.shuffle, epoch, rows)];
      expect([...memoryOrder(seed, epoch, rows)]).toEqual(order);
      const all = await epochOf(shuffled, epoch);
      expect(ids(all)).toEqual(order);
      for (const row of all) expect(row).toEqual(expectedRow(row[0]!));
    }
    expect(ids(await epochOf(shuffled, 4, [777, 900]))).toEqual(
      [...memoryOrder(seed, 4, rows)].slice(777, 900),
    );
    await shuffled.close();
  });

  test("nothing to train on fills nothing", async () => {
    const schema = schemaOf(real("id"));
    const { training } = await storeRows(mixedSource(3), schema, new Uint8Array(3).fill(1), {
      memoryBytes: 1e9,
      overflow: pageFile(join(testFolder(), "none")),
    });
    expect(training.rows).toBe(0);
    const shuffled = await openShuffled(training, seed);
    const { feeder, memory, inputs } = inputsOf(schema, 2);
    expect(shuffled.fill(feeder, memory, inputs, 0, 0, 0, drawOf())).toBeUndefined();
  });
});
