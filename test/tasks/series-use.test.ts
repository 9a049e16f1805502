// A model of windows of a series at the series' own rows: how strange they are, their gaps, their like.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { columnsOf } from "#elbo/data/in-memory.js";
import { openData } from "#elbo/data/open.js";
import { rocAuc } from "#elbo/metrics/roc.js";
import { detect, detectTo } from "#elbo/tasks/detect/detect.js";
import { evaluate } from "#elbo/tasks/evaluate.js";
import { impute, imputeTo } from "#elbo/tasks/impute.js";
import { nearest } from "#elbo/tasks/nearest.js";
import { openRun } from "#elbo/tasks/run.js";
import { train } from "#elbo/train/train.js";
import { collect } from "../data/rows.ts";
import { elboError } from "../helpers/errors.ts";
import { sharedFolder, testFolder } from "../helpers/folder.ts";
import { columns, fast, of, part, rows, series, size, training } from "./sines.ts";

const threads = 1;
const run = join(sharedFolder(), "run");
const trained = train(series, { ...training, out: run });
const mean = (values: readonly number[]) => values.reduce((a, b) => a + b) / values.length;

describe("detect", () => {
  test("tells each row the mean of what the windows that hold it are told", async () => {
    await trained;
    const told = async (from: number, count: number) => {
      const given = await detect(run, part(from, count), { threads, explain: true });
      expect(given.rows).toBe(count);
      expect(given.repairs).toEqual(new Array(count).fill(null));
      expect(given.because?.fields).toEqual(["slow", "fast"]);
      return given;
    };
    // Of one window all rows are alike; of three, the outer rows are in one or two of them.
    const windows = await Promise.all([100, 101, 102].map((from) => told(from, size)));
    const all = await told(100, size + 2);
    for (let row = 0; row < size + 2; row++) {
      const held = windows.filter((_, w) => w <= row && row < w + size);
      const expected = (of: (one: (typeof windows)[number]) => number) => mean(held.map(of));
      expect(all.scores[row]).toBeCloseTo(
        expected(({ scores }) => scores[0]!),
        9,
      );
      expect(all.negElbo?.[row]).toBeCloseTo(
        expected(({ negElbo }) => negElbo![0]!),
        9,
      );
      for (const j of [0, 1]) {
        expect(all.because?.nats[2 * row + j]).toBeCloseTo(
          expected(({ because }) => because!.nats[j]!),
          9,
        );
      }
    }
  });

  test("gives them under their own times, and a row that is off its highest score", async () => {
    await trained;
    const slow = columns.slow.map((value, i) => (i === 400 ? value + 4 : value));
    const path = join(testFolder(), "alarms.csv");
    const told = await detectTo(path, run, part(200, 400, { slow }), { threads });
    expect(told.rows).toBe(400);
    const written = await collect(await openData(path));
    expect(Object.keys(written)).toEqual([
      ...["time", "word", "score", "neg_elbo", "p_value", "alarm"],
    ]);
    const times = columns.time.slice(200, 600).map((time) => time.getTime());
    expect(written["time"]).toEqual(times);
    expect(written["word"]).toEqual(columns.word.slice(200, 600));
    const scores = written["score"] as number[];
    const highest = scores.indexOf(Math.max(...scores));
    expect(Math.abs(highest - 200)).toBeLessThan(3);
    expect(written["alarm"]?.[200]).toBe(1);
  });

  test("ranks them among rows of the windows that were held out, told alike", async () => {
    await trained;
    const { heldOut } = await (await openRun(run)).reference();
    // The latest windows: of their own rows, those in the middles are what they are ranked among.
    const count = heldOut.rows + size - 1;
    const { scores, pValues, calibrationRows } = await detect(run, part(rows - count, count), {
      threads,
    });
    expect(calibrationRows).toBe(heldOut.rows);
    const first = Math.floor((size - 1) / 2);
    const ranked = scores.slice(first, first + heldOut.rows);
    for (const [row, score] of scores.entries()) {
      const above = ranked.filter((other) => other >= score - 1e-9).length;
      expect(Math.abs(pValues[row]! - (1 + above) / (heldOut.rows + 1))).toBeLessThan(1e-9);
    }
  });
});

test("evaluate ranks labelled rows of a series as detect does", async () => {
  await trained;
  const odd = (i: number) => i >= 400 && i < 404;
  const slow = columns.slow.map((value, i) => (odd(i) ? value + 3 : value));
  const bad = of((i) => +odd(i));
  const source = columnsOf({ ...columns, slow, bad });
  const report = await evaluate(run, source, { threads, anomalyLabel: "bad" });
  expect(report.anomalies).toMatchObject({ rows, anomalies: 4 });
  const { scores } = await detect(run, columnsOf({ ...columns, slow }), { threads });
  const [strange, normal] = [odd, (i: number) => !odd(i)].map((is) =>
    [...scores].filter((_, i) => is(i)),
  );
  expect(report.anomalies?.model.rocAuc).toBeCloseTo(rocAuc(normal!, strange!), 9);
});

describe("impute", () => {
  const gap = (i: number) => i % 50 === 7 || (i >= 300 && i < 305);
  const gaps = { fast: of((i) => (gap(i) ? null : fast(i))) };
  const missing = of((i) => i).filter(gap);
  /** Beside the deviation of what was hidden, which is 71. */
  const errorOf = (values: ArrayLike<number>) =>
    Math.sqrt(mean(missing.map((i) => (values[i]! - fast(i)) ** 2)));

  test("fills each missing cell of the series and leaves all others", async () => {
    await trained;
    const given = await impute(run, part(0, rows, gaps), { threads });
    expect(given.infos.map(({ name, type }) => [name, type])).toEqual([
      ["slow", "number"],
      ["time", "time"],
      ["word", "text"],
      ["fast", "number"],
    ]);
    expect(given).toMatchObject({ rows, filled: missing.length });
    expect(given.columns).toEqual([{ name: "fast", filled: missing.length }]);
    const [slow, time, word, filled] = given.tables[0]!.map(({ values }) => values);
    expect([...slow!]).toEqual(columns.slow);
    expect([...time!]).toEqual(columns.time.map((moment) => moment.getTime()));
    expect(word).toEqual(columns.word);
    for (const i of of((row) => row).filter((row) => !gap(row))) expect(filled![i]).toBe(fast(i));
    expect(errorOf(filled as Float64Array)).toBeLessThan(25);
  });

  test("with the mean over the windows that hold it", async () => {
    await trained;
    const of = async (from: number, count: number) => {
      const given = await impute(run, part(from, count, gaps), { threads, importanceSamples: 400 });
      return given.tables[0]![3]!.values as Float64Array;
    };
    const [both, first, second] = [
      await of(297, size + 1),
      await of(297, size),
      await of(298, size),
    ];
    // Draws differ, and their means by little.
    for (let row = 3; row < 8; row++) {
      expect(both[row]).toBeCloseTo((first[row]! + second[row - 1]!) / 2, -1);
    }
    expect(both[3]).toBe(Number(both[3]!.toPrecision(7)));
  });

  test("draws differ by what is not known", async () => {
    await trained;
    const draws = 40;
    const { tables } = await impute(run, part(280, 60, gaps), { threads, draws });
    const cells = tables.map((table) =>
      Array.from({ length: 5 }, (_, k) => {
        return (table[3]!.values as Float64Array)[20 + k]!;
      }),
    );
    for (let k = 0; k < 5; k++) {
      const own = cells.map((of) => of[k]!);
      expect(new Set(own).size).toBeGreaterThan(1);
      expect(Math.abs(mean(own) - fast(300 + k))).toBeLessThan(60);
    }
  });

  test("a class at the ends of windows is filled there, and before them said to be missing", async () => {
    await trained;
    const rising = columns.rising.map((value, i) => (i === 5 || i === 310 ? null : value));
    const notes: string[] = [];
    const source = columnsOf({ ...columns, rising });
    const { tables, filled } = await impute(run, source, {
      threads,
      onNotes: (all) => notes.push(...all.map(({ message }) => message)),
    });
    const values = tables[0]![4]!.values as Float64Array;
    expect(values[5]).toBeNaN();
    expect(values[310]).toBe(Number(columns.rising[310]));
    expect(values[311]).toBe(Number(columns.rising[311]));
    expect(filled).toBe(1 + columns.fast.filter((value) => value === null).length);
    expect(notes).toContain("1 missing cell stays so: no window ends in the first 15 rows");
  });

  test.each([0, 2])("however rows and windows come at a time (%d draws)", async (draws) => {
    await trained;
    const long = Array.from({ length: 9000 }, (_, i) => i);
    // Gaps stand where chunks end, at the ends, and here and there.
    const open = (i: number) => i < 2 || i > 8997 || i % 97 === 5 || (i >= 4078 && i < 4100);
    const source = columnsOf({
      slow: long.map((i) => 5 + Math.sin(i / 8)),
      time: long.map((i) => new Date(Date.UTC(2024, 0, 1, i))),
      word: long.map(String),
      fast: long.map((i) => (open(i) ? null : fast(i))),
    });
    const given = { threads, importanceSamples: 20, ...(draws > 0 ? { draws } : {}) };
    const { tables, rows: count, filled } = await impute(run, source, given);
    expect([count, filled]).toEqual([9000, long.filter(open).length]);
    for (const table of tables) {
      expect(table[2]?.values).toEqual(long.map(String));
      const values = table[3]!.values as Float64Array;
      for (const i of long) {
        if (open(i)) expect(Math.abs(values[i]! - fast(i))).toBeLessThan(250);
        else expect(values[i]).toBe(fast(i));
      }
      const off = long.filter(open).map((i) => (values[i]! - fast(i)) ** 2);
      expect(Math.sqrt(mean(off))).toBeLessThan(draws > 0 ? 60 : 35);
    }
  });

  const csv = (order: readonly number[]) => {
    const lines = order.map((i) => {
      const time = columns.time[i]!.toISOString().slice(0, 16);
      return `${time},${columns.slow[i]!.toFixed(3)},${gap(i) ? "" : fast(i).toFixed(2)}`;
    });
    return `time,slow,fast\n${lines.join("\n")}\n`;
  };

  test("of a CSV file all else stays as it is, byte by byte", async () => {
    await trained;
    const folder = testFolder();
    const [path, out] = [join(folder, "gaps.csv"), join(folder, "whole.csv")];
    const text = csv(of((i) => i));
    writeFileSync(path, text);
    const { filled, outputs } = await imputeTo(out, run, path, { threads });
    expect([filled, outputs]).toEqual([missing.length, [out]]);
    const written = readFileSync(out, "utf8").split("\n");
    for (const [i, line] of text.split("\n").entries()) {
      if (line.endsWith(",")) expect(written[i]).toMatch(new RegExp(`^${line}\\d+(\\.\\d+)?$`));
      else expect(written[i]).toBe(line);
    }
  });

  test("of one whose rows are out of order they come in order", async () => {
    await trained;
    const folder = testFolder();
    const [path, out] = [join(folder, "gaps.csv"), join(folder, "whole.csv")];
    writeFileSync(path, csv(of((i) => (i < 350 ? i + 350 : i - 350))));
    await imputeTo(out, run, path, { threads });
    const written = await collect(await openData(out));
    expect(written["time"]).toEqual(columns.time.map((time) => time.getTime()));
    const values = written["fast"] as number[];
    expect(values[100]).toBe(Number(fast(100).toFixed(2)));
    expect(errorOf(values)).toBeLessThan(25);
  });

  test("has no intervals", async () => {
    await trained;
    const error = await elboError(() => impute(run, part(0, 60), { threads, intervals: 0.9 }));
    expect(error).toMatchObject({ code: "no-interval", kind: "usage" });
    expect(error.message).toContain("windows of a series");
  });
});

test("the nearest of a window share no row with it, nor with each other", async () => {
  await trained;
  const count = 6;
  const { neighbours } = await nearest(run, series, { rows: [100, 684], count, threads });
  for (const [q, query] of [100, 684].entries()) {
    const places = neighbours[q]!.map(({ place }) => place);
    expect(places).toHaveLength(count);
    const all = [query, ...places].toSorted((a, b) => a - b);
    for (let i = 1; i < all.length; i++) {
      expect(all[i]! - all[i - 1]!).toBeGreaterThanOrEqual(size);
    }
    // Both sines come again after 48π rows, 151, and after as many more.
    const turns = (places[0]! - query) / (48 * Math.PI);
    expect(Math.abs(turns - Math.round(turns))).toBeLessThan(0.04);
  }
});
