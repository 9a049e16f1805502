// The doctor: runs made ill in one way each, which it must name, and healthy runs, of which it must
// say nothing.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { columnsOf, imagesOf, tableOf } from "#elbo/data/in-memory.js";
import { Random, streams } from "#elbo/runtime/random.js";
import { remedyOf } from "#elbo/train/doctor/remedies.js";
import { variances } from "#elbo/train/doctor/variances.js";
import type { TrainOptions } from "#elbo/train/options.js";
import { encodeNpy } from "../data/npy-bytes.ts";
import { testFolder } from "../helpers/folder.ts";
import { correlated, correlatedValues, mixed, trained } from "./support.ts";

const small = { network: "mlp:16", seed: 1 } satisfies TrainOptions;

async function warned(...run: Parameters<typeof trained>): Promise<string[]> {
  const { events } = await trained(...run);
  return events.flatMap((event) => (event.event === "warning" ? [event.code] : []));
}

/** Rows of numbers each of which is one of so many common ones, with a little noise. */
function factors(rows: number, count: number, columns: number) {
  const z = new Random(6).normal(streams.synthetic, 0, rows * count);
  const noise = new Random(6).normal(streams.synthetic, 1, rows * columns);
  const values = noise.map((v, i) => {
    const [row, column] = [Math.floor(i / columns), i % columns];
    return 0.4 * v + z[row * count + (column % count)]!;
  });
  return tableOf(values, columns);
}

test("a KL term that costs too much closes the posterior", async () => {
  const codes = await warned(correlated(300, 4), { ...small, epochs: 12, beta: 40, warmup: 0 });
  expect(codes).toEqual(["posterior-collapse"]);
});

test("steps that are too large let the loss rise or jump", async () => {
  const codes = await warned(correlated(400, 5), { ...small, epochs: 20, learningRate: 0.5 });
  expect(codes).toContain("learning-rate-high");
});

test("steps that are too small leave it falling to the end", async () => {
  const options = { ...small, epochs: 20, learningRate: 2e-5, warmup: 0 };
  expect(await warned(correlated(1000, 5), options)).toContain("learning-rate-low");
});

test("columns of any size enter as they are with --scale none", async () => {
  const far = correlatedValues(300, 3).map((v) => 500 + 40 * v);
  const codes = await warned(tableOf(far, 3), { ...small, epochs: 5, scale: "none" });
  expect(codes).toContain("input-unscaled");
});

test("a step that kills all ReLUs of a layer", async () => {
  const options = { ...small, epochs: 8, learningRate: 30, optimizer: "sgd", clip: 1 } as const;
  expect(await warned(correlated(400, 5), options)).toContain("layer-dead");
});

test("one factor needs no sixteen latents", async () => {
  const options = { ...small, epochs: 60, latent: 16, learningRate: 0.005 };
  expect(await warned(correlated(400, 8), options)).toEqual(["latent-large"]);
});

test("one latent is too few for columns that hang on three numbers, and three are enough", async () => {
  const options = { ...small, network: "mlp:32", epochs: 60, learningRate: 0.002 };
  expect(await warned(factors(1500, 3, 6), { ...options, latent: 1 })).toContain("latent-small");
  expect(await warned(factors(1500, 3, 6), { ...options, latent: 3 })).toEqual([]);
});

test("what is learned by heart does not hold for other rows", async () => {
  const noise = tableOf(new Random(5).normal(streams.synthetic, 0, 300 * 6), 6);
  const options = { ...small, network: "mlp:256", method: "ae", latent: 4, epochs: 100 } as const;
  const codes = await warned(noise, { ...options, learningRate: 0.005, validation: 0.5 });
  expect(codes).toEqual(["over-fitting"]);
});

test("a column that is given exactly has no bound to its density", async () => {
  const x = Array.from(new Random(7).normal(streams.synthetic, 0, 400));
  const other = Array.from(new Random(8).normal(streams.synthetic, 0, 400));
  const data = columnsOf({ x, y: x.map((v) => 2 * v + 1), other });
  const options = { ...small, network: "linear", epochs: 120, latent: 1, condition: ["x"] };
  const codes = await warned(data, { ...options, learningRate: 0.01 });
  expect(codes).toContain("scale-degenerate");
});

/** Rows of six numbers that share one factor, with noise of their own. */
function lines(noise: number, place = (value: number, _: number) => value): Float32Array {
  const random = new Random(7);
  const z = random.normal(streams.synthetic, 0, 400);
  const own = random.normal(streams.synthetic, 1, 400 * 6);
  return own.map((v, i) => place(noise * v + (1 + (i % 6)) * z[Math.floor(i / 6)]!, i % 6));
}

function vectors(values: Float32Array): string {
  const path = join(testFolder(), "data.npy");
  writeFileSync(path, Buffer.concat(encodeNpy([400, 6], values)));
  return path;
}

test.each([
  {
    name: "a vector with a place that never changes",
    options: { learningRate: 0.01, lrSchedule: "cosine", epochs: 120 } as const,
    ill: () => vectors(lines(1, (value, place) => (place === 2 ? 5 : value))),
    healthy: () => vectors(lines(1)),
    hint: "Leave out of data the places",
  },
  {
    name: "an image that is given exactly",
    options: {
      ...({ learningRate: 0.01, epochs: 150 } as const),
      ...({ likelihood: "gaussian", output: "linear" } as const),
    },
    ill: () => imagesOf(lines(0), [2, 3, 1]),
    healthy: () => imagesOf(lines(0.3), [2, 3, 1]),
    hint: "Give fewer --latent, or pixels as bytes",
  },
])("the density of $name has no bound", async ({ options, ill, healthy, hint }) => {
  const all = { ...small, network: "linear", latent: 1, ...options };
  const { events, epochs } = await trained(ill(), all);
  const warnings = events.filter((event) => event.event === "warning");
  expect(warnings).toContainEqual(
    expect.objectContaining({ code: "scale-degenerate", hint: expect.stringContaining(hint) }),
  );
  expect(Object.values(epochs.at(-1)!.figures!.narrowScales)[0]).toBeLessThan(0.003);
  const other = await trained(healthy(), all);
  expect(other.epochs.at(-1)!.figures!.narrowScales).toEqual({});
  expect(other.events.map((event) => event.event === "warning" && event.code)).not.toContain(
    "scale-degenerate",
  );
});

test("pixels of bytes get a likelihood with a bound, and no field that is whole becomes a condition", () => {
  const remedy = (field: object) => {
    const fields = ["a", "b"].map((name) => ({ name, role: "data", ...field }));
    const settings = { schema: { fields }, training: {}, model: {} };
    return remedyOf("scale-degenerate", settings as never, { column: "a" })?.words;
  };
  expect(remedy({ kind: "image", bytes: true })).toBe("--likelihood a=discretized-logistic");
  expect(remedy({ kind: "image", bytes: false })).toBeUndefined();
  expect(remedy({ kind: "vector" })).toBeUndefined();
  expect(remedy({ kind: "real" })).toContain("--condition a");
});

test("without a KL term posteriors become points", async () => {
  const options = { ...small, epochs: 700, beta: 0, learningRate: 0.002 };
  expect(await warned(correlated(400, 5), options)).toContain("variance-vanishing");
});

test("weights that suit columns of size 1 open posteriors without end where columns are far from it", async () => {
  const data = tableOf(
    correlatedValues(200, 3).map((v) => 500 + 40 * v),
    3,
  );
  const options = { ...small, seed: 2, epochs: 9, latent: 1 };
  const { events, epochs } = await trained(data, { ...options, scale: "none" });
  for (const { figures } of epochs) {
    expect(figures!.posteriorDeviations!.least).toBeGreaterThan(1000);
  }
  expect(events).toContainEqual(
    expect.objectContaining({
      code: "variance-exploding",
      hint: expect.stringContaining("--scale at standardize"),
    }),
  );
  // Scaled, the same steps on the same rows.
  expect(await warned(data, options)).toEqual([]);
});

test("where one posterior is a point and another has no bounds, both are told", () => {
  const epochs = (least: number, most: number) =>
    Array.from({ length: 8 }, () => ({ figures: { posteriorDeviations: { least, most } } }));
  const told = (least: number, most: number) =>
    variances({ epochs: epochs(least, most), config: { training: { beta: 1 } } } as never);
  expect(told(1e-5, 500)).toMatchObject({
    code: "variance-vanishing",
    what: expect.stringMatching(/deviation of 0\.00001.*; another's has one of 500, where/),
  });
  expect(told(1e-5, 1)?.what).not.toContain("another");
  expect(told(0.5, 2)).toBeNull();
});

test("vectors of a codebook that nothing revives are never chosen", async () => {
  const options = { ...small, method: "vq-vae", latent: 16, batch: 256, epochs: 10 } as const;
  const methodOption = { revival: 0, width: 16 };
  expect(await warned(correlated(800, 5), { ...options, methodOption })).toContain("dead-codes");
});

test("values of a k-sparse code that nothing revives stay dead", async () => {
  const options = { ...small, method: "topk", latent: 64, epochs: 80 } as const;
  const methodOption = { k: 2, revival: 0, patience: 50 };
  expect(await warned(correlated(400, 5), { ...options, methodOption })).toContain("dead-codes");
});

test("a column of heaps is no Gaussian", async () => {
  const random = new Random(11);
  const normal = random.normal(streams.synthetic, 0, 3000 * 3);
  const even = random.uniform(streams.synthetic, 1, 3000);
  // Nine in ten rows have the one value.
  const heap = Array.from(even, (u, i) => (u < 0.9 ? 0.5 : 3 + normal[3 * i]!));
  const plain = (j: number) => heap.map((_, i) => normal[3 * i + j]!);
  const data = columnsOf({ heap, a: plain(1), b: plain(2) });
  const { epochs, events } = await trained(data, { ...small, epochs: 8, kind: { heap: "real" } });
  const { misfits } = epochs.at(-1)!.figures!;
  expect(misfits!["heap"]!.distance).toBeGreaterThan(0.2);
  expect(misfits!["a"]!.distance).toBeLessThan(0.15);
  const [warning] = events.filter((event) => event.event === "warning");
  expect(warning).toMatchObject({ code: "likelihood-misfit" });
  expect(warning).toMatchObject({ hint: expect.stringContaining("heap=student-t or laplace") });
});

test.each([
  { name: "numbers", data: () => correlated(600, 6) },
  { name: "more columns", data: () => correlated(1000, 12) },
])("of $name under default settings it says nothing", async ({ data }) => {
  expect(await warned(data(), {})).toEqual([]);
});

test("counts that hang on one factor exactly are narrower than any Poisson, and nearer to numbers", async () => {
  const { events, epochs } = await trained(mixed(3000, 0.1), {});
  const warnings = events.filter((event) => event.event === "warning");
  expect(warnings.map(({ code }) => code)).toEqual(["likelihood-misfit"]);
  expect(warnings[0]).toMatchObject({ hint: expect.stringContaining("--kind count=real") });
  const other = await trained(mixed(3000, 0.1), { kind: { count: "real" } });
  const [counts, numbers] = [epochs, other.epochs].map((all) => all.at(-1)!.figures!.misfits!);
  expect(counts!["count"]!.spread).toBeLessThan(0.7);
  expect(numbers!["count"]!.distance).toBeLessThan(counts!["count"]!.distance);
});

test("sixty rows in two hundred epochs: it says that they are too few epochs, and they are", async () => {
  const of = (epochs: number) => trained(correlated(60, 4), { epochs, warmup: 0 });
  const short = await of(200);
  const codes = short.events.flatMap((e) => (e.event === "warning" ? [e.code] : []));
  expect(codes).toEqual(["learning-rate-low"]);
  const loss = ({ result }: typeof short) => result.best.validation!.loss;
  expect(loss(await of(600))).toBeLessThan(loss(short) - 0.1);
});
