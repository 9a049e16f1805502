// Columns read as a person, their own texts, or a run say.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openCsv } from "#elbo/data/by-path.js";
import { openData } from "#elbo/data/open.js";
import { readBy } from "#elbo/data/reading/choice.js";
import { type ColumnReading, readAs } from "#elbo/data/reading/read-as.js";
import type { DataSource } from "#elbo/data/source.js";
import { type Declarations, declaredReading } from "#elbo/fields/declarations.js";
import { table, texts } from "../../fields/table.ts";
import { elboError } from "../../helpers/errors.ts";
import { testFolder } from "../../helpers/folder.ts";
import { readColumns } from "../tables/collect.ts";

const csv = async (...lines: string[]) => {
  const path = join(testFolder(), "data.csv");
  writeFileSync(path, lines.join("\n"));
  return openCsv([path]);
};
const read = (source: DataSource, declarations: Declarations = {}) =>
  readBy(source, { declared: declaredReading(declarations) });

test("texts that are all dates in one format are times, and others are none", async () => {
  const source = await read(
    await csv(
      "us,both,words,iso,day",
      '03/14/2019,03/04/2019,soon,2019-03-14 16:05,"Mar 14, 2019"',
      "NA,01/02/2019,later,,NA",
      '1/2/2020,,now,2019-03-14 16:06,"Apr 1, 2020"',
    ),
  );
  expect(source.columns).toEqual([
    { name: "us", type: "time", date: true, format: "%-m/%-d/%Y" },
    { name: "both", type: "text" },
    { name: "words", type: "text" },
    { name: "iso", type: "time", format: "%Y-%m-%d %H:%M" },
    { name: "day", type: "time", date: true, format: "%b %-d, %Y" },
  ]);
  const nan = Number.NaN;
  expect(await readColumns(source, ["us", "day", "both"])).toEqual([
    [Date.UTC(2019, 2, 14), nan, Date.UTC(2020, 0, 2)],
    [Date.UTC(2019, 2, 14), nan, Date.UTC(2020, 3, 1)],
    ["03/04/2019", "01/02/2019", null],
  ]);
});

test("what a person declares goes before what the texts seem to be", async () => {
  const lines = ["a,b,c,d,e", "03/04/2019,14/03/2019,20190314,2019-04-03,04032019"] as const;
  const source = await read(await csv(...lines), {
    timeFormat: { a: "%m/%d/%Y", c: "%Y%m%d", d: "%Y-%d-%m", e: "%d%m%Y" },
    kind: { b: "categorical" },
  });
  const march = (day: number) => Date.UTC(2019, 2, day);
  // Of e a number would have lost the zero in front.
  expect(await readColumns(source)).toEqual([
    [march(4)],
    ["14/03/2019"],
    [march(14)],
    [march(4)],
    [march(4)],
  ]);
});

test("a cell that is not in the format is an error that names it", async () => {
  const source = await read(await csv("x,when", "1,31/12/2019", "2,12/31/2019"), {
    timeFormat: { when: "%d/%m/%Y" },
  });
  const error = await elboError(() => readColumns(source));
  expect(error).toMatchObject({ code: "data-mismatch", where: { row: 3, column: "when" } });
  expect(error.message).toMatch(
    /row 3, column "when": the column holds times written as %d\/%m\/%Y, received "12\/31\/2019"$/,
  );
  expect(error.hint).toContain('--missing "when=12/31/2019"');
});

test("declared words are missing, whatever the column holds without them", async () => {
  const source = await read(
    await csv(
      "size,price,word,when,code,flag",
      "1,-999,unknown,2019-03-14,007,x",
      "Unknown,-999.0,b,unknown,unknown,-999",
      "2.5,3,-999,2019-03-15,12,y",
    ),
    { missing: { every: ["-999", "unknown"], of: { flag: ["y"] } } },
  );
  expect(source.columns.map(({ name, type, missing }) => [name, type, missing?.join()])).toEqual([
    ["size", "number", "-999,unknown"],
    ["price", "number", "-999,unknown"],
    ["word", "text", "-999,unknown"],
    ["when", "time", "-999,unknown"],
    ["code", "text", "-999,unknown"],
    ["flag", "text", "-999,unknown,y"],
  ]);
  const nan = Number.NaN;
  expect(await readColumns(source)).toEqual([
    [1, nan, 2.5],
    [nan, nan, 3],
    [null, "b", null],
    [Date.UTC(2019, 2, 14), nan, Date.UTC(2019, 2, 15)],
    ["007", null, "12"],
    ["x", null, null],
  ]);
});

test("declared numbers are missing in vectors too", async () => {
  const path = join(testFolder(), "data.ndjson");
  writeFileSync(path, '{"v":[1,-999]}\n{"v":[-999,2]}\n');
  const declared = declaredReading({ missing: { every: ["-999"], of: {} } });
  const source = await openData(path, { reading: { declared } });
  const nan = Number.NaN;
  expect(await readColumns(source)).toEqual([
    [
      [1, nan],
      [nan, 2],
    ],
  ]);
  await source.close!();
});

test("texts are looked at until none can be dates, and once", async () => {
  const rows = 100;
  const cells = (text: (i: number) => string) => Array.from({ length: rows }, (_, i) => text(i));
  const words = texts(
    "word",
    cells((i) => `w${i}`),
  );
  const source = (columns: Parameters<typeof table>[0]) => {
    const made = table(columns);
    return Object.assign(made, { notes: [] });
  };
  const none = source([words]);
  await read(none as unknown as DataSource);
  expect(none.chunksRead).toBe(1);
  const dates = source([
    words,
    texts(
      "day",
      cells((i) => `${1 + (i % 28)}.3.2019`),
    ),
  ]);
  await read(dates as unknown as DataSource);
  expect(dates.readNames).toEqual([["word", "day"]]);
});

test("windows are cut in the order of dates in any notation", async () => {
  const path = join(testFolder(), "data.csv");
  writeFileSync(path, "when,x\n15/02/2019,2\n14/03/2019,3\n01/01/2019,1\n");
  const source = await openData(path, { window: 2 });
  expect(source.windows!.by).toBe("when");
  expect(await readColumns(source, ["x"])).toEqual([
    [
      [1, 2],
      [2, 3],
    ],
  ]);
});

test("a run's readings are not looked for anew", async () => {
  const settled = new Map<string, ColumnReading>([["when", { format: "%d/%m/%Y" }]]);
  const source = readAs(await csv("when,other", "03/04/2019,14/03/2019"), settled);
  expect(source.columns.map(({ type }) => type)).toEqual(["time", "text"]);
  expect((await readColumns(source))[0]).toEqual([Date.UTC(2019, 3, 3)]);
  // Moments that the source knows are those, whatever their format.
  const iso = readAs(await csv("when", "2019-04-03"), settled);
  expect((await readColumns(iso))[0]).toEqual([Date.UTC(2019, 3, 3)]);
});
