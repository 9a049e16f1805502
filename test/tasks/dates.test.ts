// Dates as people write them, and words that mean "missing", from a file to what is made of it and back.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { openData } from "#elbo/data/open.js";
import { knownFormat } from "#elbo/fields/times/format.js";
import { Random, streams } from "#elbo/runtime/random.js";
import { compressTo, decompressTo } from "#elbo/tasks/compress/archives.js";
import { encodeTo } from "#elbo/tasks/encode.js";
import { imputeTo } from "#elbo/tasks/impute.js";
import { inspect } from "#elbo/tasks/inspect.js";
import { reconstructTo } from "#elbo/tasks/reconstruct.js";
import { openRun, sourceFor } from "#elbo/tasks/run.js";
import type { TrainOptions } from "#elbo/train/options.js";
import { train } from "#elbo/train/train.js";
import { elboError } from "../helpers/errors.ts";
import { testFolder } from "../helpers/folder.ts";

const rows = 120;
const hour = 3_600_000;
const small = { network: "mlp:8", latent: 1, epochs: 1, threads: 1, report: false } as const;
const start = Date.UTC(2019, 2, 14);
const shuffled = new Random(5).permutation(streams.split, 0, rows);

/** A file of moments out of order in some formats, an id, and a number that is −999 now and then. */
function written(name: string, formats: readonly string[], folder: string, from = start): string {
  const lines = Array.from(shuffled, (place, i) => {
    const moment = from + place * 31 * hour;
    const cells = formats.map((format) => `"${knownFormat(format).write(moment)}"`);
    const size = i % 10 === 3 ? "-999" : i % 10 === 7 ? "unknown" : (place / 7).toFixed(2);
    return [...cells, size].join(",");
  });
  const path = join(folder, name);
  writeFileSync(
    path,
    `${[...formats.map((_, i) => `t${i}`), "size"].join(",")}\n${lines.join("\n")}\n`,
  );
  return path;
}

const cellsOf = (path: string, column: string) => {
  const [head, ...lines] = readFileSync(path, "utf8").trim().split("\n") as [string, ...string[]];
  const split = (line: string) =>
    [...line.matchAll(/"([^"]*)"|([^,]+)/g)].map(([, quoted, plain]) => quoted ?? plain!);
  const place = split(head).indexOf(column);
  return lines.map((line) => split(line)[place]!);
};

async function trainedOn(path: string, folder: string, options: TrainOptions = {}) {
  const run = join(folder, "run");
  await train(path, { ...small, out: run, missing: ["-999,unknown"], ...options });
  return run;
}

test("outputs write dates as the file does, and ids as they stand there", async () => {
  const folder = testFolder();
  const formats = ["%d.%m.%Y %H:%M", "%b %d, %Y", "%-m/%-d/%Y %-I:%M %p", "%Y-%m-%d %H:%M:%S"];
  const path = written("data.csv", formats, folder);
  const run = await trainedOn(path, folder, { id: ["t2", "t3"] });
  const out = (name: string) => join(folder, name);
  await encodeTo(out("z.csv"), run, path);
  for (const id of ["t2", "t3"]) expect(cellsOf(out("z.csv"), id)).toEqual(cellsOf(path, id));
  await reconstructTo(out("x.csv"), run, path);
  for (const [i, format] of formats.entries()) {
    const { read } = knownFormat(format);
    expect(cellsOf(out("x.csv"), `t${i}`).filter((cell) => Number.isNaN(read(cell)))).toEqual([]);
  }
});

test("declared words are filled in, and all else of the file stays", async () => {
  const folder = testFolder();
  const path = written("data.csv", ["%m/%d/%Y"], folder);
  const run = await trainedOn(path, folder);
  const { columns } = await imputeTo(join(folder, "full.csv"), run, path);
  expect(columns).toEqual([{ name: "size", filled: rows / 5 }]);
  const [before, after] = [path, join(folder, "full.csv")].map((file) => cellsOf(file, "size"));
  for (const [i, cell] of before!.entries()) {
    if (/^(-999|unknown)$/.test(cell)) expect(Number(after![i])).toBeGreaterThan(-20);
    else expect(after![i]).toBe(cell);
  }
  expect(cellsOf(join(folder, "full.csv"), "t0")).toEqual(cellsOf(path, "t0"));
});

test("dates that are filled in are written as the others", async () => {
  const folder = testFolder();
  const path = written("data.csv", ["%b %d, %Y", "%d.%m.%Y %H:%M"], folder);
  const run = await trainedOn(path, folder);
  const gaps = join(folder, "gaps.csv");
  writeFileSync(gaps, 't0,t1,size\n,unknown,1\n"Mar 14, 2019",,2\n');
  await imputeTo(join(folder, "full.csv"), run, gaps);
  const [day, moment] = ["t0", "t1"].map((name) => cellsOf(join(folder, "full.csv"), name));
  expect(day![0]).toMatch(/^[A-Z][a-z]{2} \d\d, 20\d\d$/);
  for (const cell of moment!) expect(cell).toMatch(/^\d\d\.\d\d\.20\d\d \d\d:\d\d$/);
});

test("rows are scored in the format that training read", async () => {
  const folder = testFolder();
  const run = await trainedOn(written("data.csv", ["%d/%m/%Y"], folder), folder);
  const opened = await openRun(run);
  expect(opened.config.schema.fields[0]).toMatchObject({ kind: "time", format: "%d/%m/%Y" });
  // Alone, these rows could not tell the day from the month.
  const few = join(folder, "few.csv");
  writeFileSync(few, "t0,size\n01/02/2019,-999\n03/04/2019,2\n");
  const source = await sourceFor(opened, few);
  for await (const { columns } of source.chunks()) {
    expect([...columns[0]!.values]).toEqual([Date.UTC(2019, 1, 1), Date.UTC(2019, 3, 3)]);
    expect([...columns[1]!.values]).toEqual([Number.NaN, 2]);
  }
  writeFileSync(few, "t0,size\n01/02/2019,1\n03/14/2019,2\n");
  const error = await elboError(() => encodeTo(join(folder, "z.csv"), run, few));
  expect(error).toMatchObject({ code: "data-mismatch", where: { row: 3, column: "t0" } });
});

test("rows that validate are read as those that train", async () => {
  const folder = testFolder();
  const path = written("data.csv", ["%d/%m/%Y"], folder);
  const few = join(folder, "few.csv");
  writeFileSync(few, "t0,size\n01/02/2019,unknown\n03/04/2019,2\n05/06/2019,3\n");
  const run = await trainedOn(path, folder, { validation: few });
  expect((await openRun(run)).config.training.validation).toBe(few);
});

test("texts of numbers that are declared so are those without what is missing", async () => {
  const folder = testFolder();
  const path = join(folder, "data.csv");
  const lines = Array.from({ length: 60 }, (_, i) => `0${i % 9},${i % 7 ? i * 1.5 : "?!"}`);
  writeFileSync(path, `code,x\n${lines.join("\n")}\n`);
  const options = { kind: { code: "real" }, missing: ["?!", "code=03"] } as const;
  const { fields, schema } = await inspect(path, options);
  expect(fields.map(({ kind, missing }) => `${kind} ${missing}`)).toEqual(["real 7", "real 9"]);
  expect(schema).toContain('"missing": ["?!", "03"]');
});

test("a run whose format is none is refused", async () => {
  const folder = testFolder();
  const run = await trainedOn(written("data.csv", ["%d/%m/%Y"], folder), folder);
  const config = join(run, "config.json");
  writeFileSync(config, readFileSync(config, "utf8").replace("%d/%m/%Y", "%d/%q/%Y"));
  expect((await elboError(() => openRun(run))).code).toBe("run-config");
});

test("a schema file keeps formats and words, and takes them", async () => {
  const folder = testFolder();
  const path = written("data.csv", ["%d/%m/%Y"], folder);
  const { schema } = await inspect(path, { missing: ["size=-999,unknown"] });
  expect(schema).toContain('"format": "%d/%m/%Y"');
  expect(schema).toContain('"missing": ["-999", "unknown"]');
  const file = join(folder, "fields.json");
  writeFileSync(file, schema);
  const again = await inspect(path, { schema: file });
  expect(again.schema).toBe(schema);
  expect(again.fields[1]).toMatchObject({ kind: "real", missing: rows / 5 });
});

test("dates whose day and month cannot be told apart are named with how to say it", async () => {
  const folder = testFolder();
  const path = join(folder, "data.csv");
  const lines = Array.from(
    { length: 60 },
    (_, i) => `0${1 + (i % 9)}/0${1 + (i % 4)}/2019,${i * 1.5}`,
  );
  writeFileSync(path, `when,x\n${lines.join("\n")}\n`);
  const { findings } = await inspect(path);
  expect(findings).toMatchObject([
    {
      code: "dates-ambiguous",
      message:
        'column "when" holds dates of which no cell tells the day from the month ("01/01/2019"), and is taken as text',
      hint: 'say what stands first: --time-format "when=%d/%m/%Y" for the day, --time-format "when=%m/%d/%Y" for the month',
    },
  ]);
  const error = await elboError(() => inspect(path, { kind: { when: "time" } }));
  expect(error).toMatchObject({
    code: "kind-impossible",
    hint: 'if they are dates, say how they are written: --time-format "when=%d/%m/%Y"; else declare it categorical, ordinal, text, or correct the values',
  });
  const read = await inspect(path, { timeFormat: { when: "%m/%d/%Y" } });
  expect(read.findings).toEqual([]);
  expect(read.fields[0]).toMatchObject({ kind: "time", max: "2019-09-04", format: "%m/%d/%Y" });
});

test("windows of a series are in the order of its dates, and carry them as they stand", async () => {
  const folder = testFolder();
  const lines = Array.from({ length: 60 }, (_, i) => {
    const text = knownFormat("%d/%m/%Y %H:%M").write(start + i * hour);
    return `${text},${i % 9 === 4 ? -999 : Math.sin(i)}`;
  });
  const path = join(folder, "series.csv");
  writeFileSync(path, `when,x\n${lines.join("\n")}\n`);
  const run = await trainedOn(path, folder, { window: 5 });
  await encodeTo(join(folder, "z.csv"), run, path);
  expect(cellsOf(join(folder, "z.csv"), "when")).toEqual(cellsOf(path, "when").slice(4));
  const source = await sourceFor(await openRun(run), path);
  for await (const { columns } of source.chunks(["x"])) {
    expect([...columns[0]!.values.slice(0, 5)].map(Number.isNaN)).toEqual([
      false,
      false,
      false,
      false,
      true,
    ]);
    expect([...columns[0]!.values]).not.toContain(-999);
  }
});

test("ids of times that are written in several ways come out so", async () => {
  const folder = testFolder();
  const path = join(folder, "data.csv");
  const at = (i: number) =>
    i % 2 ? `2019-03-14T10:00:${10 + (i % 50)}Z` : `2019-03-14 10:00:${10 + (i % 50)}.5`;
  const lines = Array.from({ length: 60 }, (_, i) => `${at(i)},${(i * 37) % 11}.5`);
  writeFileSync(path, `when,x\n${lines.join("\n")}\n`);
  const run = await trainedOn(path, folder, { id: ["when"] });
  await encodeTo(join(folder, "z.csv"), run, path);
  expect(cellsOf(join(folder, "z.csv"), "when")).toEqual(cellsOf(path, "when"));
});

test("files with dates come back byte for byte, whatever stands in their cells", {
  timeout: 60_000,
}, async () => {
  const folder = testFolder();
  const formats = ["%d.%m.%Y %H:%M", "%b %d, %Y", "%-m/%-d/%y", "%Y/%m/%d", "%Y-%m-%d %H:%M:%S"];
  const run = await trainedOn(written("data.csv", formats, folder), folder);
  const file = join(folder, "other.csv");
  const moment = fc.integer({
    min: Date.UTC(1970, 0, 1) / 60_000,
    max: Date.UTC(2060, 0, 1) / 60_000,
  });
  const odd = fc.constantFrom("", "NA", "31.02.2019 10:00", "1/2/2019", "07.3.2019 1:00", "soon");
  const cell = (format: string) =>
    fc.oneof(
      { weight: 9, arbitrary: moment.map((of) => knownFormat(format).write(of * 60_000)) },
      { weight: 1, arbitrary: odd },
    );
  const size = fc.constantFrom("-999", "unknown", "1.50", "-0", "");
  const line = fc.tuple(...formats.map(cell), size);
  let coded = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(line, { minLength: 1, maxLength: 12 }), async (lines) => {
      const head = [...formats.map((_, i) => `t${i}`), "size"].join(",");
      const text = [head, ...lines.map((cells) => cells.map((of) => `"${of}"`).join(","))].join(
        "\n",
      );
      writeFileSync(file, text);
      const options = { force: true, threads: 1, rivals: false };
      const { content } = await compressTo(join(folder, "a.elbo"), run, file, options);
      if (content === "delimited") coded++;
      await decompressTo(join(folder, "back.csv"), run, join(folder, "a.elbo"), options);
      expect(readFileSync(join(folder, "back.csv"), "utf8")).toBe(text);
    }),
    { numRuns: 25 },
  );
  expect(coded).toBeGreaterThan(0);
});

test("data of JSON and Parquet has the same fields", async () => {
  const folder = testFolder();
  const csv = written("data.csv", ["%d.%m.%Y %H:%M", "%Y-%m-%d"], folder);
  const json = join(folder, "data.ndjson");
  const [t0, t1, size] = ["t0", "t1", "size"].map((name) => cellsOf(csv, name));
  writeFileSync(
    json,
    t0!.map((_, i) => `${JSON.stringify({ t0: t0![i], t1: t1![i], size: size![i] })}\n`).join(""),
  );
  const missing = ["-999,unknown"];
  const { fields } = await inspect(csv, { missing });
  expect((await inspect(json, { missing })).fields).toEqual(fields);
  const query = `select * from read_json('${json}', columns = {t0: 'VARCHAR', t1: 'VARCHAR', size: 'VARCHAR'})`;
  expect((await inspect(query, { missing })).fields).toEqual(fields);
  const source = await openData(query);
  // As training reads them; sizes are numbers once it is said what stands for none.
  expect(source.columns.map(({ type }) => type)).toEqual(["time", "time", "text"]);
  await source.close!();
});
