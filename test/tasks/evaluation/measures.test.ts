// What is measured of latents and images, on models of which latents and pixels are known.
import { describe, expect, test } from "vitest";
import { columnsOf, imagesOf } from "#elbo/data/in-memory.js";
import { psnr } from "#elbo/metrics/image-quality.js";
import { neighbourhoods } from "#elbo/metrics/neighbourhoods.js";
import { evaluate } from "#elbo/tasks/evaluate.js";
import { elboError } from "../../helpers/errors.ts";
import { linearGaussianRun, model, posteriorMeans, rowsOf } from "../linear-gaussian.ts";
import { fitted, schemaOf } from "../schema-of.ts";

const threads = 1;

describe("latents", () => {
  const set = rowsOf(400, 9);
  const means = posteriorMeans(set);
  const column = (j: number) => Float64Array.from(means, (_, i) => set.values[4 * i + j]!);
  const source = columnsOf({
    ...{ length: column(0), depth: column(1), mass: column(2), age: column(3) },
    side: means.map(([a]) => (a! > 0 ? "right" : "left")),
    other: means.map(([, b], i) => (i % 10 === 0 ? null : b! > 0 ? "up" : "down")),
    place: means.map(([a, b]) => 2 * a! - b!),
    batch: means.map((_, i) => i % 2),
  });
  const ask = (options: object) => evaluate(linearGaussianRun(), source, { threads, ...options });

  test("neighbourhoods are those of posterior means in the rows as the encoder has them", async () => {
    const { latents } = await ask({ neighbourhoods: true });
    const values = set.values.map((value, at) => {
      const { mean, deviation } = model.scales[at % 4]!;
      return (value - mean) / deviation;
    });
    const told = neighbourhoods(
      { rows: 400, size: 4, values },
      { rows: 400, size: 2, values: means.flat() },
      15,
    );
    const { rows, neighbours, model: own, pca } = latents!.neighbourhoods!;
    expect([rows, neighbours]).toEqual([400, 15]);
    // A neighbour that float32 makes the fifteenth or the sixteenth moves a sum of thousands of ranks.
    expect(own.trustworthiness).toBeCloseTo(told.trustworthiness, 3);
    expect(own.continuity).toBeCloseTo(told.continuity, 3);
    // Of four columns two components keep as many neighbours as the model that made them.
    expect(pca!.trustworthiness).toBeGreaterThan(0.8);
    expect(latents).toMatchObject({ label: null, batches: null, factors: null });
  });

  test("a label that latents decide is told by probes; one that is amounts by R²", async () => {
    const { latents } = await ask({ label: "side", batch: "batch" });
    const { label, batches } = latents!;
    expect(label).toMatchObject({ name: "side", of: "classes", rows: 400 });
    const { probes, groups } = label!.model;
    expect(probes.linear).toMatchObject({ accuracy: expect.closeTo(1, 1) });
    expect(probes.neighbours).toMatchObject({ accuracy: expect.closeTo(1, 1) });
    expect(groups!.silhouette).toBeGreaterThan(0.2);
    // Every second row: batches are mixed, and labels are apart from each other.
    expect(batches!.model.batchLisi).toBeGreaterThan(0.9);
    expect(batches!.model.batchSilhouette).toBeGreaterThan(0.9);
    expect(batches!.model.labelLisi).toBeGreaterThan(0.9);
    expect(batches!.model.isolatedLabelSilhouette).toBeNull();
    const amounts = (await ask({ label: "place" })).latents!.label!;
    expect(amounts).toMatchObject({ of: "numbers", model: { groups: null } });
    expect(amounts.model.probes.linear).toMatchObject({ r2: expect.closeTo(1, 2) });
  });

  test("factors with a latent each have the scores of that, and rows without one are left out", async () => {
    const { latents } = await ask({ factors: ["side", "other"] });
    const { rows, names, model: own } = latents!.factors!;
    expect([rows, names]).toEqual([360, ["side", "other"]]);
    expect(own.mig).toBeGreaterThan(0.7);
    expect(own.factorVaeScore).toBeGreaterThan(0.95);
    // Nine tenths of what splits take from impurity by the factor's own latent would be 0.53: half of the
    // splits are of the other one, which is all that they may choose.
    expect(own.dci.disentanglement).toBeGreaterThan(0.53);
    expect(own.dci.informativeness).toBeGreaterThan(0.95);
    const again = (await ask({ factors: ["side", "other"] })).latents;
    expect(again).toEqual(latents);
  });

  test("what cannot be measured is told by the option that asked for it", async () => {
    const error = (options: object) => elboError(() => ask(options));
    expect(await error({ batch: "batch" })).toMatchObject({ code: "option-needs" });
    expect(await error({ factors: ["side"] })).toMatchObject({ code: "option-needs" });
    expect(await error({ label: "sid" })).toMatchObject({ code: "column-unknown" });
    const one = columnsOf({
      ...Object.fromEntries(model.columns.map((name) => [name, [1, 2]])),
      one: ["a", "a"],
    });
    const alone = await elboError(() =>
      evaluate(linearGaussianRun(), one, { threads, label: "one" }),
    );
    expect(alone).toMatchObject({ code: "label-column" });
  });
});

test("images of a model that decodes the mean image: its PSNR, and components that do better", async () => {
  const pixels = Uint8Array.from({ length: 40 * 6 }, (_, i) => (i * 89 + (i % 7) * 31) % 256);
  const source = imagesOf(pixels, [2, 3, 1]);
  const schema = await schemaOf(source, { everyLikelihood: "gaussian" });
  const run = await fitted({ ...linearGaussianRun().config, schema }, source);
  const { images } = await evaluate(run, source, { threads });
  const mean = Array.from({ length: 6 }, (_, p) => {
    const sum = Array.from({ length: 40 }, (_, row) => pixels[6 * row + p]!).reduce(
      (a, b) => a + b,
    );
    return Math.round(sum / 40) / 255;
  });
  const ratios = Array.from({ length: 40 }, (_, row) =>
    psnr(
      [...pixels.subarray(6 * row, 6 * row + 6)].map((value) => value / 255),
      mean,
    ),
  );
  const { rows, model: own, pca, frechet } = images!;
  expect(rows).toBe(40);
  expect(own.psnr).toBeCloseTo(ratios.reduce((a, b) => a + b) / 40, 3);
  expect([own.ssim, pca!.ssim]).toEqual([null, null]);
  expect(pca!.psnr).toBeGreaterThan(own.psnr + 1);
  expect(frechet).toMatchObject({ features: 2, training: expect.closeTo(0, 6) });
  // Draws about one image, with noise of deviation 1 cut off at black and white.
  expect(frechet!.samples).toBeGreaterThan(0.01);
});

test("a run whose kept rows were taken away is evaluated without simple models", async () => {
  const { ElboError } = await import("#elbo/base/errors.js");
  const missing = new ElboError({ code: "file-missing", message: "none", hint: "" });
  const run = { ...linearGaussianRun(), reference: () => Promise.reject(missing) };
  const report = await evaluate(run, rowsOf(60, 3).source, { threads, neighbourhoods: true });
  expect(report.elbo).toBeLessThan(0);
  expect(report.latents!.neighbourhoods).toMatchObject({ rows: 60, pca: null });
});
