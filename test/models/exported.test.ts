// The score of an exported model is the negative ELBO at the posterior mean.
import { expect, test } from "vitest";
import { scoreGraph } from "#elbo/models/exported.js";
import { resolveOptions } from "#elbo/models/method-options.js";
import { methods } from "#elbo/models/methods/index.js";
import { evaluate } from "#elbo/tasks/evaluate.js";
import type { Run } from "#elbo/tasks/run.js";
import { useModel } from "#elbo/tasks/stream.js";
import { caseOf, every, picture, runOf } from "../tasks/export/every.ts";
import { expectAlike } from "../tasks/export/ports.ts";
import { linearGaussianRun, model, posteriorMeans, rowsOf } from "../tasks/linear-gaussian.ts";
import { modelConfig } from "./config.ts";

const threads = 1;

async function scoresOf(run: Run, source: Parameters<typeof useModel>[1]) {
  const { score, shares, kl } = scoreGraph(run.config.schema, run.config.model);
  const graph = { score, shares, ...(kl ? { kl } : {}) };
  for await (const { output } of useModel(run, source, graph, { threads }).chunks) {
    return {
      score: output("score"),
      shares: output("shares"),
      kl: kl ? output("kl") : null,
    };
  }
  throw new Error("no rows");
}

test("of a linear Gaussian model it is the formula's", async () => {
  const set = rowsOf(40, 6);
  const { score, shares, kl } = await scoresOf(linearGaussianRun(), set.source);
  const { columns, scales, loadings, offset, variance, precision } = model;
  const width = columns.length;
  for (const [i, z] of posteriorMeans(set).entries()) {
    let total = 0;
    for (let j = 0; j < width; j++) {
      const { mean, deviation } = scales[j]!;
      const x = (set.values[i * width + j]! - mean) / deviation;
      const decoded = offset[j]! + loadings.reduce((sum, w, l) => sum + w[j]! * z[l]!, 0);
      const nats =
        (x - decoded) ** 2 / variance / 2 +
        Math.log(2 * Math.PI * variance) / 2 +
        Math.log(deviation);
      expect(Math.abs(shares[i * width + j]! - nats)).toBeLessThan(1e-4);
      total += nats;
    }
    const divergence = z.reduce((sum, mean, l) => {
      const v = 1 / precision[l]!;
      return sum + (mean * mean + v - Math.log(v) - 1) / 2;
    }, 0);
    expect(Math.abs(kl![i]! - divergence)).toBeLessThan(1e-5);
    expect(Math.abs(score[i]! - total - divergence)).toBeLessThan(2e-4);
  }
});

test.each(["ae", "topk", "rae", "wae-mmd"] as const)(
  "of %s it is the squared error, whose mean evaluate tells",
  async (method) => {
    const { schema, source } = caseOf([every.real, every.date, every.vector]);
    const squared = schema.fields.map((field) => ({ ...field, likelihood: "squared-error" }));
    const config = modelConfig({
      method,
      options: resolveOptions(method, methods[method].options, {}),
    });
    const run = runOf({ fields: squared as typeof schema.fields }, config);
    const { score, shares, kl } = await scoresOf(run, source);
    const mean = score.reduce((sum, each) => sum + each, 0) / score.length;
    const linear = async () => ({ mean: new Float32Array(5), components: null, reason: "" });
    const report = await evaluate({ ...run, linear }, source, { threads });
    expectAlike([mean], [report.reconstruction], "reconstruction");
    expect(kl).toBeNull();
    for (const [i, error] of score.entries()) {
      const own = shares.subarray(3 * i, 3 * i + 3);
      expectAlike([own.reduce((sum, each) => sum + each, 0)], [error], "shares");
    }
  },
);

test("on a sphere the row is decoded at its mean direction", async () => {
  const { schema, source } = caseOf([picture]);
  const config = modelConfig({ method: "hyperspherical", latent: 3 });
  const run = runOf(schema, config);
  const { score, shares, kl } = await scoresOf(run, source);
  for (const [i, each] of score.entries()) expectAlike([each], [shares[i]! + kl![i]!], "score");
  // Nothing of it is drawn: another seed's noise does not change it.
  const { shares: tensor } = scoreGraph(schema, config);
  for await (const { output } of useModel(run, source, { tensor }, { threads, seed: 9 }).chunks) {
    expect(output("tensor")).toEqual(shares);
  }
});
