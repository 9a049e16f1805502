// Clusters and neighbours, where they are known.
import { join } from "node:path";
import { expect, test } from "vitest";
import { tableOf } from "#elbo/data/in-memory.js";
import { openData } from "#elbo/data/open.js";
import { parametersOf } from "#elbo/models/graphs.js";
import { clusterTo } from "#elbo/tasks/cluster.js";
import { nearest } from "#elbo/tasks/nearest.js";
import type { Run } from "#elbo/tasks/run.js";
import { collect } from "../data/rows.ts";
import { elboError } from "../helpers/errors.ts";
import { testFolder } from "../helpers/folder.ts";
import { linearGaussianRun, model, posteriorMeans, rowsOf } from "./linear-gaussian.ts";

const threads = 1;
const run = linearGaussianRun();
const width = model.columns.length;

async function clustered(own: Run, source: Parameters<typeof clusterTo>[2], clusters?: number) {
  const path = join(testFolder(), "c.parquet");
  const told = await clusterTo(path, own, source, {
    threads,
    ...(clusters === undefined ? {} : { clusters }),
  });
  const table = (await collect(await openData(path))) as Record<string, number[]>;
  return { told, ...(table as { cluster: number[]; probability: number[] }) };
}

test("rows of two kinds far apart are two clusters, the larger first", async () => {
  // Rows of the model's own; of a third of them the first latent is 12 deviations away.
  const set = rowsOf(300, 4);
  const far = Array.from({ length: 300 }, (_, i) => i % 3 === 0);
  const values = set.values.map((value, k) => {
    const [row, j] = [Math.floor(k / width), k % width];
    return far[row] ? value + 12 * model.loadings[0]![j]! * model.scales[j]!.deviation : value;
  });
  const source = tableOf(values, model.columns);
  const { told, cluster, probability } = await clustered(run, source);
  expect(told).toMatchObject({ rows: 300, clusters: 2, by: "mixture", sizes: [200, 100] });
  expect(cluster).toEqual(far.map(Number));
  expect(Math.min(...probability)).toBeGreaterThan(0.99);
  expect(told.criterion!.length).toBe(4);
  expect((await clustered(run, source, 3)).told).toMatchObject({ clusters: 3, criterion: null });
  const error = await elboError(() => clustered(run, source, 301));
  expect(error).toMatchObject({ code: "option-value", kind: "usage" });
});

test("a mixture prior's clusters are its components, by Bayes' rule", async () => {
  const config = {
    ...run.config,
    model: { ...run.config.model, method: "mixture-vae", options: { components: 3 } },
  } as const;
  const prior = {
    logits: [0.2, -0.4, 0.1],
    mean: [-1, 0.5, 1, 0, 0, 2],
    logVariance: [-0.5, 0.2, 0, 0, 0.3, -1],
  };
  const weights = new Map(run.weights);
  for (const [name, values] of Object.entries(prior)) {
    weights.set(`prior.${name}`, Float32Array.from(values));
  }
  parametersOf(config.schema, config.model).check(weights);
  const set = rowsOf(60, 8);
  const { told, cluster, probability } = await clustered({ ...run, config, weights }, set.source);
  expect(told).toMatchObject({ clusters: 3, by: "prior", criterion: null });
  for (const [i, z] of posteriorMeans(set).entries()) {
    const logs = prior.logits.map((logit, k) =>
      z.reduce((sum, value, j) => {
        const log = prior.logVariance[2 * k + j]!;
        return sum - (log + (value - prior.mean[2 * k + j]!) ** 2 / Math.exp(log)) / 2;
      }, logit),
    );
    const total = logs.reduce((sum, log) => sum + Math.exp(log), 0);
    const best = logs.indexOf(Math.max(...logs));
    expect(cluster[i]).toBe(best);
    expect(probability[i]).toBeCloseTo(Math.exp(logs[best]!) / total, 4);
  }
});

test("neighbours are those of a search through all rows, in posterior deviations", async () => {
  const set = rowsOf(1500, 5);
  const { queries, neighbours } = await nearest(run, set.source, {
    rows: [1400, 3],
    count: 4,
    threads,
  });
  expect(queries).toEqual([1400, 3]);
  const means = posteriorMeans(set);
  for (const [q, row] of queries.entries()) {
    const exact = means
      .map((z, place) => {
        const far = z.map((value, j) => (value - means[row]![j]!) ** 2 * model.precision[j]!);
        return { place, distance: Math.sqrt(far.reduce((sum, value) => sum + value, 0)) };
      })
      .filter(({ place }) => place !== row)
      .sort((a, b) => a.distance - b.distance)
      .slice(0, 4);
    expect(neighbours[q]!.map(({ place }) => place)).toEqual(exact.map(({ place }) => place));
    for (const [k, { distance }] of neighbours[q]!.entries()) {
      expect(distance).toBeCloseTo(exact[k]!.distance, 3);
    }
  }
});

test("rows of other data find themselves where they are there too", async () => {
  const set = rowsOf(50, 6);
  const some = tableOf(set.values.slice(10 * width, 12 * width), model.columns);
  const { neighbours } = await nearest(run, set.source, { to: some, count: 1, threads });
  expect(neighbours.map(([first]) => first!.place)).toEqual([10, 11]);
  expect(neighbours[0]![0]!.distance).toBe(0);
  const beyond = await elboError(() => nearest(run, set.source, { rows: [50], threads }));
  expect(beyond.code).toBe("option-value");
});
