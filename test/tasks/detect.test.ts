// Detection with a model of which the exact densities are known.
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { tableOf } from "#elbo/data/in-memory.js";
import { openData } from "#elbo/data/open.js";
import { rocAuc } from "#elbo/metrics/roc.js";
import { type Detection, detect, detectTo } from "#elbo/tasks/detect/detect.js";
import type { DetectOptions } from "#elbo/tasks/detect/judge.js";
import { scoreNames } from "#elbo/tasks/detect/scores.js";
import { collect } from "../data/rows.ts";
import { elboError } from "../helpers/errors.ts";
import { testFolder } from "../helpers/folder.ts";
import {
  linearGaussianRun,
  logDensities,
  model,
  packed,
  posteriorMeans,
  rowsOf,
} from "./linear-gaussian.ts";

const threads = 1;
const run = linearGaussianRun();
const { columns } = model;
const width = columns.length;

/** Rows with some of their values changed, in deviations of the columns. */
function changed(count: number, seed: number, by: (row: number) => readonly [number, number][]) {
  const { values } = rowsOf(count, seed);
  for (let row = 0; row < count; row++) {
    for (const [j, deviations] of by(row)) {
      values[row * width + j]! += deviations * model.scales[j]!.deviation;
    }
  }
  return values;
}

async function noted(values: Float32Array, options: DetectOptions = {}) {
  const codes: string[] = [];
  const messages: string[] = [];
  const found = await detect(run, tableOf(values, columns), {
    threads,
    ...options,
    onNotes: (notes) => {
      codes.push(...notes.map(({ code }) => code));
      messages.push(...notes.map(({ message }) => message));
    },
  });
  return { ...found, codes, messages };
}

const sums = ({ because }: Detection, row: number) => {
  const { fields, nats } = because!;
  const own = nats.subarray(row * fields.length, (row + 1) * fields.length);
  return own.reduce((sum, value) => sum + value, 0);
};

describe("the ELBO of a row", () => {
  test("is the fields' nats and the KL of its posterior", async () => {
    const set = rowsOf(40, 21);
    const found = await detect(run, set.source, { threads, explain: true });
    for (const [i, z] of posteriorMeans(set).entries()) {
      const kl = z.reduce((sum, mean, l) => {
        const variance = 1 / model.precision[l]!;
        return sum + 0.5 * (mean ** 2 + variance - 1 - Math.log(variance));
      }, 0);
      expect(found.negElbo![i]! - sums(found, i)).toBeCloseTo(kl, 4);
    }
  });

  test("with draws of an exact posterior is the row's density, whatever the draws", async () => {
    const set = rowsOf(40, 22);
    for (const importanceSamples of [1, 7]) {
      const found = await detect(run, set.source, { threads, importanceSamples, seed: 3 });
      for (const [i, logDensity] of logDensities(set).entries()) {
        expect(found.negElbo![i]).toBeCloseTo(-logDensity, 4);
      }
    }
  });
});

test.each(scoreNames)(
  "a row's %s score is the same alone, in any batch and in any order",
  async (score) => {
    const options = { threads, score, importanceSamples: 2 } as const;
    const set = rowsOf(700, 23);
    const whole = await detect(run, set.source, options);
    const property = fc.asyncProperty(
      fc.array(fc.integer({ min: 0, max: 699 }), { minLength: 1, maxLength: 30 }),
      async (picked) => {
        const values = Float32Array.from(
          picked.flatMap((row) => [...set.values.subarray(row * width, (row + 1) * width)]),
        );
        const part = await detect(run, tableOf(values, columns), options);
        expect([...part.scores]).toEqual(picked.map((row) => whole.scores[row]));
        expect([...part.negElbo!]).toEqual(picked.map((row) => whole.negElbo![row]));
      },
    );
    await fc.assert(property, { seed: 1, numRuns: 3, examples: [[[0]], [[699]]] });
  },
);

describe("alarms", () => {
  test("of normal rows come at the rate", async () => {
    const rows = 4000;
    const { alarm, codes, calibrationRows } = await noted(rowsOf(rows, 24).values, {
      alarmRate: 0.05,
    });
    expect(calibrationRows).toBe(999);
    // Beta-binomial, as in test/metrics/conformal.test.ts: a = 0.05 · 1000.
    const [a, b] = [50, 950];
    const variance = (a * b * (a + b + rows)) / (rows * (a + b) ** 2 * (a + b + 1));
    const share = alarm.reduce((sum, value) => sum + value, 0) / rows;
    expect(Math.abs(share - 0.05)).toBeLessThan(5 * Math.sqrt(variance));
    expect(codes).toEqual([]);
  });

  test("name the field that is wrong, and the value that would be right", async () => {
    // Length is what depth makes probable, but for five deviations.
    const values = changed(60, 25, () => [[0, 5]]);
    const found = await noted(values, { explain: true });
    expect(found.alarms).toBe(60);
    expect(found.because!.fields).toEqual(columns);
    const repaired = columns.map(() => 0);
    for (const [i, repair] of found.repairs!.entries()) {
      if (repair === null) continue;
      const [name, value] = repair.split(" = ");
      const place = columns.indexOf(name!);
      values[i * width + place] = Number(value);
      repaired[place]!++;
    }
    // Depth tells of the same latent, and may be what is taken for wrong.
    expect(repaired[0]).toBeGreaterThan(20);
    expect(repaired.slice(2)).toEqual([0, 0]);
    const again = await noted(values);
    expect(60 - again.alarms).toBe(repaired[0]! + repaired[1]!);
  });

  test("tell no rate below what the calibration rows can, and say so", async () => {
    const calibration = rowsOf(30, 26).source;
    const { values } = rowsOf(10, 27);
    const { codes, alarmRate, calibrationRows } = await noted(values, { calibration });
    expect([calibrationRows, alarmRate]).toEqual([30, 1 / 31]);
    expect(codes).toEqual(["calibration-few"]);
  });
});

describe("drift", () => {
  test("is silent on rows of the same kind", async () => {
    for (let seed = 30; seed < 50; seed++) {
      expect((await noted(rowsOf(500, seed).values)).codes).toEqual([]);
    }
  });

  test("names the field that moved, though no row is strange", async () => {
    // The age has most of its variance by itself: half a deviation more is no strange row.
    const values = changed(600, 51, () => [[3, 0.6]]);
    const { drift, codes, messages } = await noted(values);
    expect(codes).toEqual(["data-drifted"]);
    expect(drift!.fields.map(({ name }) => name)).toEqual(["age"]);
    expect(messages[0]).toContain('"age"');
  });
});

test("a written table keeps order and names its columns", async () => {
  const path = join(testFolder(), "d.csv");
  const values = changed(20, 52, (row) => (row === 7 ? [[2, 9]] : []));
  const source = tableOf(values, columns);
  const all = await detectTo(path, run, source, { threads, explain: true });
  const found = await detect(run, source, { threads, explain: true });
  expect(all).toMatchObject({ rows: 20, score: "ensemble", alarms: found.alarms });
  const written = await collect(await openData(path));
  expect(Object.keys(written)).toEqual([
    "score",
    "neg_elbo",
    "p_value",
    "alarm",
    "because",
    "repair",
  ]);
  expect(written["score"]).toEqual([...found.scores]);
  expect(written["alarm"]![7]).toBe(1);
  const because = JSON.parse(written["because"]![7] as string) as Record<string, number>;
  expect(Object.keys(because)[0]).toBe("mass");
  const told = Object.values(because).reduce((sum, value) => sum + value, 0);
  expect(told).toBeCloseTo(sums(found, 7), 3);
});

test("known anomalies choose the score that tells them best", async () => {
  // Rows whose latents are far out, and whose columns are as those tell: no field is strange by itself.
  const { loadings, offset, scales } = model;
  const values = Float32Array.from({ length: 30 * width }, (_, i) => {
    const [row, j] = [Math.floor(i / width), i % width];
    const z = [3 + 0.1 * (row % 7), -3 - 0.05 * (row % 5)];
    const x = offset[j]! + z[0]! * loadings[0]![j]! + z[1]! * loadings[1]![j]!;
    return x * scales[j]!.deviation + scales[j]!.mean;
  });
  const kept = await run.reference();
  const knowing = {
    ...run,
    reference: async () => ({ ...kept, anomalies: packed({ rows: 30, values }) }),
  };
  const { values: normal } = kept.heldOut.groups.get("data-real-gaussian") as {
    values: Float32Array;
  };
  const areas: [string, number][] = [];
  for (const score of scoreNames) {
    const of = async (rows: Float32Array) =>
      (await detect(run, tableOf(rows, columns), { threads, score })).scores;
    areas.push([score, rocAuc(await of(normal), await of(values))]);
  }
  const most = Math.max(...areas.map(([, area]) => area));
  const [name] = areas.find(([, area]) => area === most)!;
  const { source } = rowsOf(30, 61);
  const chosen = await detect(knowing, source, { threads });
  expect(chosen).toMatchObject({ score: name, known: { anomalies: 30, rocAuc: most } });
  expect(name).not.toBe("reconstruction");
  const asked = await detect(knowing, source, { threads, score: "elbo" });
  expect(asked).toMatchObject({ score: "elbo", known: null });
});

test("an autoencoder has scores and no ELBO", async () => {
  const config = { ...run.config, model: { ...run.config.model, method: "ae" } } as const;
  const weights = new Map(
    [...run.weights].map(([name, data]) => [
      name.replace("posterior", "code"),
      // Means alone, in rows of as many latents.
      name === "encoder.posterior.weight"
        ? data.filter((_, i) => i % 4 < 2)
        : name === "encoder.posterior.bias"
          ? data.subarray(0, 2)
          : data,
    ]),
  );
  const ae = { ...run, config, weights };
  const { source } = rowsOf(20, 53);
  const found = await detect(ae, source, { threads });
  expect(found.negElbo).toBeNull();
  expect(new Set(found.scores).size).toBe(20);
  const error = await elboError(() => detect(ae, source, { threads, score: "elbo" }));
  expect(error).toMatchObject({ code: "no-density", kind: "usage" });
});
