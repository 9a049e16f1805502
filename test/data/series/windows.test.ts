// Windows of tables whose rows are moments: what is cut, in which order, and what is refused.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { columnsOf, tableOf } from "#elbo/data/in-memory.js";
import { openData } from "#elbo/data/open.js";
import { windowsOf } from "#elbo/data/series/windows.js";
import { elboError } from "../../helpers/errors.ts";
import { testFolder } from "../../helpers/folder.ts";
import { collect } from "../rows.ts";

const hour = 3_600_000;
const at = (hours: number) => new Date(hours * hour);
const table = (hours: readonly number[]) =>
  columnsOf({
    station: hours.map((h) => `S${h}`),
    time: hours.map(at),
    load: hours.map((h) => 10 * h),
    holiday: hours.map((h) => h === 2),
    wind: hours.map((h) => (h === 1 ? null : -h)),
  });

describe("windows", () => {
  test("are vectors of the numbers, with the values at their end beside", async () => {
    const source = await windowsOf(table([0, 1, 2, 3]), { size: 3 });
    const vector = (name: string) => ({
      ...{ name, type: "vector", size: 3, sparse: false, series: true },
      names: [0, 1, 2].map((i) => `${name}_${i}`),
    });
    expect(source.columns).toEqual([
      { name: "station", type: "text", role: "id" },
      { name: "time", type: "time", role: "id" },
      vector("load"),
      { name: "holiday", type: "number", boolean: true, role: "id" },
      vector("wind"),
    ]);
    expect(source.windows).toMatchObject({ size: 3, by: "time" });
    expect(source.notes).toEqual([]);
    const rows = {
      station: ["S2", "S3"],
      time: [2 * hour, 3 * hour],
      load: [0, 10, 20, 10, 20, 30],
      holiday: [1, 0],
      wind: [-0, Number.NaN, -2, Number.NaN, -2, -3],
    };
    expect(await collect(source)).toEqual(rows);
    expect(await collect(source, ["time"])).toEqual({ time: rows.time });
    expect(await collect(source, ["wind", "load"])).toEqual({ wind: rows.wind, load: rows.load });
  });

  test("are those of any table, however its chunks and theirs fall", async () => {
    const property = fc.asyncProperty(
      fc.integer({ min: 2, max: 6000 }),
      fc.integer({ min: 2, max: 3000 }),
      async (size, further) => {
        const rows = size + further - 1;
        const values = Float64Array.from({ length: rows }, (_, i) => i);
        const source = await windowsOf(columnsOf({ x: values }), { size });
        expect(source.rows).toBe(further);
        let window = 0;
        for await (const { columns } of source.chunks()) {
          const [x, row] = columns.map(({ values }) => values as Float32Array | Float64Array);
          for (const [i, number] of row!.entries()) {
            expect(number).toBe(window + size);
            expect(x![i * size]).toBe(window);
            expect(x![(i + 1) * size - 1]).toBe(window + size - 1);
            window++;
          }
        }
        expect(window).toBe(further);
      },
    );
    await fc.assert(property, {
      seed: 1,
      numRuns: 8,
      examples: [
        [4096, 4097],
        [4097, 1],
      ],
    });
  });

  test("without a time are in the order of the rows, which are numbered", async () => {
    const source = await windowsOf(tableOf([[1], [2], [3]], ["row"]), { size: 2 });
    expect(await collect(source)).toEqual({ row: [1, 2, 2, 3], row_: [2, 3] });
    expect(source.windows?.by).toBe("row_");
  });

  test("keep the last value of columns that are declared something else", async () => {
    const source = await windowsOf(table([0, 1, 2]), { size: 2, last: ["wind", "station"] });
    expect(source.columns[0]).toEqual({ name: "station", type: "text" });
    expect(source.columns[4]).toEqual({ name: "wind", type: "number" });
    expect(await collect(source, ["wind"])).toEqual({ wind: [Number.NaN, -2] });
  });

  test("of rows out of order are cut after sorting, and locate finds their rows", async () => {
    const source = await windowsOf(table([3, 0, 1, 5]), { size: 2 });
    const sorted = await windowsOf(table([0, 1, 3, 5]), { size: 2 });
    expect(await collect(source)).toEqual(await collect(sorted));
    expect(source.notes.map(({ code }) => code)).toEqual(["series-sorted", "series-irregular"]);
    expect(source.locate?.(2).row).toBe(1);
  });

  test("of uneven steps come with a note of the most common", async () => {
    const { notes } = await windowsOf(table([0, 2, 4, 6, 9]), { size: 2 });
    expect(notes).toHaveLength(1);
    expect(notes[0]?.message).toContain('the steps of "time" differ: 2 hours in 75 % of the rows');
    const shared = (await windowsOf(table([0, 1, 1, 2, 3]), { size: 2 })).notes;
    expect(shared[1]?.message).toContain('1 row has the "time" of the row before');
  });
});

describe("refused are", () => {
  test.each([
    [2.5, "option-value", "received 2.5"],
    [1, "option-value", "2 to 65,536 rows"],
    [5, "series-short", "a window of 5 needs as many rows, and a table in memory has 4 rows"],
  ])("a window of %d", async (size, code, message) => {
    const error = await elboError(() => windowsOf(table([0, 1, 2, 3]), { size }));
    expect(error).toMatchObject({ code, kind: "usage" });
    expect(error.message).toContain(message);
  });

  test("a row without a time, by its number in the file", async () => {
    const path = join(testFolder(), "t.csv");
    writeFileSync(path, "t,x\n2020-01-01,1\n2020-01-02,2\n,3\n");
    const error = await elboError(() => openData(path, { window: 2 }));
    expect(error).toMatchObject({
      code: "series-time",
      where: { file: path, row: 4, column: "t" },
    });
  });

  test("tables without numbers", async () => {
    const error = await elboError(() => windowsOf(columnsOf({ x: ["a", "b"] }), { size: 2 }));
    expect(error.code).toBe("series-column");
    const declared = await elboError(() =>
      windowsOf(tableOf([[1]], ["y"]), { size: 2, last: ["y"] }),
    );
    expect(declared.message).toContain("has none that is data");
  });
});

test("a table of a file, a pattern or SQL is cut", async () => {
  const folder = testFolder();
  const path = join(folder, "a.csv");
  writeFileSync(path, "t,x\n2020-01-01,1\n2020-01-02,2\n2020-01-03,3\n");
  const expected = { t: [2, 3].map((day) => Date.UTC(2020, 0, day)), x: [1, 2, 2, 3] };
  for (const data of [path, join(folder, "*.csv"), `select * from '${path}' order by t desc`]) {
    const source = await openData(data, { window: 2 });
    expect(await collect(source)).toEqual(expected);
    expect(source.columns[0]).toEqual({ name: "t", type: "time", date: true, role: "id" });
    await source.close?.();
  }
});
