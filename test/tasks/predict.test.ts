// Targets of rows that a run has not seen: calibrated, and covered as promised.

import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { columnsOf } from "#elbo/data/in-memory.js";
import { openData } from "#elbo/data/open.js";
import type { DataSource } from "#elbo/data/source.js";
import { MISSING } from "#elbo/fields/layout.js";
import { calibrationError } from "#elbo/metrics/temperature.js";
import { streams } from "#elbo/runtime/random.js";
import { Sequence } from "#elbo/runtime/sequence.js";
import { type Predictions, predict, predictTo } from "#elbo/tasks/predict.js";
import { openRun, type Run } from "#elbo/tasks/run.js";
import { train } from "#elbo/train/train.js";
import { collect } from "../data/rows.ts";
import { elboError } from "../helpers/errors.ts";
import { sharedFolder, testFolder } from "../helpers/folder.ts";
import { linearGaussianRun, rowsOf } from "./linear-gaussian.ts";

/** Four numbers, a class and an amount that follow from two of them, with noise. */
function table(rows: number, seed: number, targets = true): DataSource {
  const draws = new Sequence(seed, streams.synthetic, 0);
  const made = Array.from({ length: rows }, (_, i) => {
    const x = [0, 1, 2, 3].map(() => draws.normal());
    const chance = 1 / (1 + Math.exp(-2 * x[0]! - x[1]!));
    return {
      id: `r${i}`,
      x,
      sort: draws.uniform() < chance ? "tall" : "flat",
      price: Math.exp(5 + 0.5 * x[1]! + 0.3 * draws.normal()),
    };
  });
  return columnsOf({
    id: made.map(({ id }) => id),
    ...Object.fromEntries([0, 1, 2, 3].map((j) => [`x${j}`, made.map(({ x }) => x[j]!)])),
    ...(targets ? { sort: made.map((r) => r.sort), price: made.map((r) => r.price) } : {}),
  });
}

const folder = sharedFolder();
let run: Run;
const HELD = 300;
beforeAll(async () => {
  // Many epochs on few rows: sure of what it has learned by heart.
  const settings = { target: ["sort", "price"], latent: 4, epochs: 150, threads: 1 };
  const out = join(folder, "run");
  await train(table(600, 1), { ...settings, validation: 0.5, out, kind: { price: "positive" } });
  run = await openRun(out);
}, 120_000);

const valuesOf = ({ columns, values }: Predictions, name: string) =>
  values[columns.findIndex((column) => column.name === name)]!.values;

describe("of rows that are like those held out", () => {
  const fresh = 4000;
  let given: Predictions;
  let truth: Record<string, (string | number | null)[]>;
  beforeAll(async () => {
    given = await predict(run, table(fresh, 2), { threads: 1 });
    truth = await collect(table(fresh, 2));
  });

  test("columns are the ids, then each target's", () => {
    expect(given.columns.map(({ name }) => name)).toEqual([
      ...["id", "sort_predicted", "sort_p_flat", "sort_p_tall"],
      ...["price_predicted", "price_low", "price_high"],
    ]);
    const [flat, tall] = [valuesOf(given, "sort_p_flat"), valuesOf(given, "sort_p_tall")];
    for (let i = 0; i < fresh; i++) {
      expect((flat[i] as number) + (tall[i] as number)).toBeCloseTo(1, 9);
      const likelier = (flat[i] as number) > (tall[i] as number) ? "flat" : "tall";
      expect(valuesOf(given, "sort_predicted")[i]).toBe(likelier);
    }
  });

  test("the temperature lowers the calibration error", async () => {
    const plain = await predict({ ...run, calibration: async () => null }, table(fresh, 2), {
      threads: 1,
    });
    const error = (told: Predictions) =>
      calibrationError(
        Array.from({ length: fresh }, (_, i) => {
          const p = valuesOf(told, "sort_p_tall")[i] as number;
          const predicted = valuesOf(told, "sort_predicted")[i];
          return { confidence: Math.max(p, 1 - p), right: predicted === truth["sort"]![i] };
        }),
      );
    expect(error(given)).toBeLessThan(error(plain));
    expect(plain.columns.map(({ name }) => name)).not.toContain("price_low");
  });

  test("intervals hold the share that is asked for", async () => {
    for (const interval of [0.5, 0.9]) {
      const { scores } = await predict(run, table(fresh, 2), { threads: 1, interval });
      const [sort, price] = scores;
      expect(sort).toMatchObject({ name: "sort", rows: fresh, rmse: null, covered: null });
      // The share of fresh rows varies with them, and with the rows held out.
      const deviation = Math.sqrt(interval * (1 - interval) * (1 / fresh + 1 / HELD));
      expect(Math.abs(price!.covered! - interval)).toBeLessThan(4 * deviation);
    }
  });

  test("scores are of the data's own targets, which are not used for predictions", async () => {
    const [sort, price] = given.scores;
    const right = truth["sort"]!.filter((v, i) => v === valuesOf(given, "sort_predicted")[i]);
    expect(sort!.accuracy).toBeCloseTo(right.length / fresh, 9);
    const squares = truth["price"]!.reduce<number>((sum, v, i) => {
      return sum + ((v as number) - (valuesOf(given, "price_predicted")[i] as number)) ** 2;
    }, 0);
    expect(price!.rmse).toBeCloseTo(Math.sqrt(squares / fresh), 6);
    const blind = await predict(run, table(fresh, 2, false), { threads: 1 });
    expect(blind.scores).toEqual([]);
    expect(blind.values).toEqual(given.values);
  });
});

test("a written table holds the same", async () => {
  const path = join(testFolder(), "p.parquet");
  const { rows, scores } = await predictTo(path, run, table(20, 3), { threads: 1 });
  const given = await predict(run, table(20, 3), { threads: 1 });
  expect([rows, scores]).toEqual([20, given.scores]);
  const written = await collect(await openData(path));
  for (const [i, { name }] of given.columns.entries()) {
    expect(written[name]).toEqual([...given.values[i]!.values]);
  }
});

test("targets of every kind have their columns", async () => {
  const draws = new Sequence(4, streams.synthetic, 0);
  const u = Array.from({ length: 200 }, () => draws.uniform());
  const source = columnsOf({
    x: u.map((v) => v + 0.01 * draws.normal()),
    grade: u.map((v) => 1 + Math.floor(5 * v)),
    fit: u.map((v) => v > 0.4),
    bit: u.map((v) => +(v > 0.6)),
    count: u.map((v) => Math.round(50 * v)),
    day: u.map((v) => new Date(Date.UTC(2020, 0, 1 + Math.floor(700 * v)))),
    // So many levels that the softmax has two factors.
    word: u.map((_, i) => `w${i}`).map((word, i) => (i < 199 ? word : "w0")),
    many: u.map((_, i) => `m${i % 299}`),
  });
  const out = join(testFolder(), "run");
  const target = source.columns.map(({ name }) => name).slice(1);
  const kind = { grade: "ordinal", bit: "binary", count: "count", word: "categorical" } as const;
  const settings = {
    target,
    kind: { ...kind, many: "categorical" as const },
    latent: 2,
    epochs: 5,
  };
  await train(source, { ...settings, validation: 0.3, threads: 1, out });
  const given = await predict(out, source, { threads: 1 });
  for (const name of target) {
    const own = given.columns.filter((column) => column.name.startsWith(`${name}_`));
    const [predicted, ...others] = own.map((column) => valuesOf(given, column.name));
    const levels = own.slice(1).map((column) => column.name.slice(`${name}_p_`.length));
    for (let row = 0; row < 200; row++) {
      const told = others.map((values) => values[row] as number);
      if (own[1]!.name === `${name}_low`) {
        expect(told[0]).toBeLessThanOrEqual(predicted![row] as number);
        expect(told[1]).toBeGreaterThanOrEqual(predicted![row] as number);
        continue;
      }
      expect(told.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 6);
      const likeliest = levels[told.indexOf(Math.max(...told))]!;
      const shown = predicted![row];
      expect(name === "fit" ? String(shown === 1) : String(shown)).toBe(likeliest);
    }
  }
  expect(given.scores.map(({ name }) => name)).toEqual(target);
}, 60_000);

test("the ends of intervals have the column's own places after the point", async () => {
  const draws = new Sequence(5, streams.synthetic, 0);
  const x = Array.from({ length: 400 }, () => draws.normal());
  const cents = x.map((v) => Math.round(100 * (3 * v + draws.normal())) / 100);
  const source = columnsOf({ x, cents });
  const out = join(testFolder(), "run");
  const settings = { target: ["cents"], latent: 1, epochs: 2, validation: 0.3, threads: 1 };
  await train(source, { ...settings, out });
  const given = await predict(out, source, { threads: 1 });
  for (const name of ["cents_predicted", "cents_low", "cents_high"]) {
    const values = valuesOf(given, name) as Float64Array;
    expect(Array.from(values, (value) => Number(value.toFixed(2)))).toEqual([...values]);
  }
}, 60_000);

test("without held-out rows, probabilities are the model's own and there are no intervals", async () => {
  const out = join(testFolder(), "run");
  const settings = { target: ["sort", "price"], epochs: 1, threads: 1, validation: 0, out };
  await train(table(60, 1), settings);
  const codes: string[] = [];
  const given = await predict(out, table(5, 2), {
    threads: 1,
    onNotes: (notes) => codes.push(...notes.map(({ code }) => code)),
  });
  expect(codes).toEqual(["not-calibrated", "no-interval"]);
  expect(given.columns.map(({ name }) => name)).not.toContain("price_low");
});

test("a run without targets, and an interval that is none, are refused", async () => {
  const error = await elboError(() => predict(linearGaussianRun(), rowsOf(2, 1).source));
  expect(error).toMatchObject({ code: "no-target", kind: "usage" });
  const bad = await elboError(() => predict(run, table(2, 1), { interval: 1 }));
  expect(bad).toMatchObject({ code: "option-value", kind: "usage" });
});

describe("classes that few rows have", () => {
  /** Two half moons, one inside the other's arms: a class each. Of those that train two have it. */
  function moons(rows: number, seed: number, labelled: number): DataSource {
    const draws = new Sequence(seed, streams.synthetic, 0);
    const points = Array.from({ length: rows }, (_, i) => {
      const upper = i % 2 === 0;
      const angle = Math.PI * draws.uniform();
      const [x, y] = upper
        ? [Math.cos(angle), Math.sin(angle)]
        : [1 - Math.cos(angle), 0.5 - Math.sin(angle)];
      return { x: x + 0.05 * draws.normal(), y: y + 0.05 * draws.normal(), upper };
    });
    return columnsOf({
      x: points.map(({ x }) => x),
      y: points.map(({ y }) => y),
      moon: points.map(({ upper }, i) => (i < labelled ? (upper ? "upper" : "lower") : null)),
    });
  }
  const settings = {
    target: ["moon"],
    kind: { moon: "categorical" },
    // Latents are where the points are.
    method: "ae",
    network: "linear",
    latent: 2,
    threads: 1,
  } as const;

  test("spread over the rows around them", async () => {
    const out = join(testFolder(), "run");
    await train(moons(600, 1, 12), { ...settings, epochs: 60, batch: 50, validation: 0, out });
    const test = moons(400, 2, 400);
    const codes: string[] = [];
    const onNotes = (notes: readonly { code: string }[]) => {
      codes.push(...notes.map(({ code }) => code));
    };
    const { scores, values, columns } = await predict(out, test, { spread: true, onNotes });
    // The twelve alone part the moons by a line, which leaves some tenth on the wrong side.
    expect(scores[0]!.accuracy).toBeGreaterThan(0.95);
    expect(codes).toEqual(["not-calibrated"]);
    expect(columns.map(({ name }) => name)).toEqual([
      "moon_predicted",
      "moon_p_lower",
      "moon_p_upper",
    ]);
    const [lower, upper] = values.slice(1).map((column) => column.values as Float64Array);
    for (const [i, p] of lower!.entries()) expect(p + upper![i]!).toBeCloseTo(1, 12);
    expect(await predict(out, test, { spread: true })).toEqual(
      await predict(out, test, { spread: true, threads: 2 }),
    );
  }, 60_000);

  test("nothing to spread, and numbers, are refused", async () => {
    const out = join(testFolder(), "run");
    const named = columnsOf({ x: [1, 2, 3, 4], n: [1.5, 2.5, 3.5, 4.25] });
    await train(named, { target: ["n"], epochs: 1, threads: 1, validation: 0, out });
    const numbers = await elboError(() => predict(out, named, { spread: true }));
    expect(numbers).toMatchObject({ code: "spread-numbers", kind: "usage" });
    // Rows that a run keeps are some of many, so none of them may have its class.
    const few = join(testFolder(), "few");
    await train(moons(40, 1, 2), { ...settings, validation: 0, epochs: 1, out: few });
    const opened = await openRun(few);
    const kept = await opened.reference();
    for (const values of kept.training.groups.values()) {
      if (values.type === "dense" && values.values instanceof Int32Array)
        values.values.fill(MISSING);
    }
    const without: Run = { ...opened, reference: async () => kept };
    const nothing = await elboError(() => predict(without, moons(4, 2, 4), { spread: true }));
    expect(nothing).toMatchObject({ code: "spread-nothing" });
  });
});
