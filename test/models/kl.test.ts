// How the KL counts: weighed, with free bits of each latent or in all, held at a capacity.
import { expect, test } from "vitest";
import { layoutOf, maskInput, noiseInput, rowsInput } from "#elbo/fields/layout.js";
import { gradients } from "#elbo/graph/index.js";
import {
  build,
  INVERSE_BATCH,
  KL_CAPACITY,
  KL_WEIGHT,
  trainingGraph,
  validationGraph,
} from "#elbo/models/graphs.js";
import { type MethodName, methodNames, methods } from "#elbo/models/methods/index.js";
import type { KlConfig } from "#elbo/models/model.js";
import { Random } from "#elbo/runtime/random.js";
import { real, schemaOf } from "../fields/schemas.ts";
import { evaluate } from "../oracle/index.ts";
import { modelConfig } from "./config.ts";
import { make } from "./values/made.ts";

const schema = schemaOf(real("x", { gaps: false }), real("y", { gaps: false }));
const rows = 6;
const [layout] = layoutOf(schema);

function feedsOf(config: ReturnType<typeof modelConfig>, klWeight: number, capacity: number) {
  const { parameters } = trainingGraph(schema, config);
  const random = new Random(1);
  const matrix = (stream: number) => ({
    shape: [rows, 2],
    data: [...random.normal(stream, 0, 12)],
  });
  return {
    [rowsInput(layout!)]: matrix(900),
    [maskInput(layout!)]: { shape: [rows, 2], data: new Array<number>(12).fill(1) },
    [noiseInput("normal")]: matrix(901),
    [KL_WEIGHT]: { shape: [], data: [klWeight] },
    [KL_CAPACITY]: { shape: [], data: [capacity] },
    [INVERSE_BATCH]: { shape: [], data: [1 / rows] },
    ...Object.fromEntries(
      [...parameters.initialize(random)].map(([name, values]) => [
        name,
        // Larger than they begin, so that latents differ in their KL.
        { shape: [], data: [...values].map((value) => 3 * value) },
      ]),
    ),
  };
}

/** The loss less reconstruction, and the KL of each latent, means over the batch. */
function klPart(kl: Partial<KlConfig>, klWeight = 0.5, capacity = 0) {
  const config = modelConfig({ kl: { ...modelConfig().kl, ...kl } });
  const feeds = feedsOf(config, klWeight, capacity);
  const graph = trainingGraph(schema, config);
  const terms = build(schema, config, { drawn: true, training: true, cut: null, gaps: false });
  const [loss, reconstruction] = graph.metrics;
  const [total, data, each] = evaluate([loss!, reconstruction!, terms.kl!], feeds, rows);
  const perLatent = [0, 1].map((j) => {
    const own = Array.from({ length: rows }, (_, i) => each!.data[2 * i + j]!);
    return own.reduce((sum, value) => sum + value, 0) / rows;
  });
  return { part: total!.data[0]! - data!.data[0]!, perLatent: perLatent as [number, number] };
}

test("without more it is β times its sum", () => {
  const {
    part,
    perLatent: [a, b],
  } = klPart({});
  expect(Math.abs(a - b)).toBeGreaterThan(0.1);
  expect(part).toBeCloseTo(0.5 * (a + b), 6);
});

test("free bits are of each latent's mean over the batch, or of all together", () => {
  const {
    perLatent: [a, b],
  } = klPart({});
  const between = (a + b) / 2;
  const each = klPart({ freeBits: between });
  expect(each.part).toBeCloseTo(0.5 * (Math.max(a, between) + Math.max(b, between)), 6);
  const below = klPart({ freeBits: a + b - 0.01, freeBitsOf: "total" });
  expect(below.part).toBeCloseTo(0.5 * (a + b), 6);
  const above = klPart({ freeBits: a + b + 0.25, freeBitsOf: "total" });
  expect(above.part).toBeCloseTo(0.5 * (a + b + 0.25), 6);
});

test("a latent below its free bits is not pulled", () => {
  const config = modelConfig({ kl: { freeBits: 1e6, freeBitsOf: "latent", capacity: null } });
  const free = trainingGraph(schema, config);
  const only = trainingGraph(schema, modelConfig());
  const of = (graph: typeof free) => gradients(graph.loss, graph.parameters.tensors("encoder."));
  const pulled = evaluate(of(free), feedsOf(config, 1, 0), rows);
  const unweighed = evaluate(of(only), feedsOf(config, 0, 0), rows);
  for (const [i, { data }] of pulled.entries()) {
    for (const [j, value] of data.entries()) expect(value).toBeCloseTo(unweighed[i]!.data[j]!, 9);
  }
});

test("a capacity is what the KL is held at, from both sides", () => {
  const {
    perLatent: [a, b],
  } = klPart({});
  for (const capacity of [0, (a + b) / 2, 2 * (a + b)]) {
    const { part } = klPart({ capacity: 25 }, 4, capacity);
    expect(part).toBeCloseTo(4 * Math.abs(a + b - capacity), 5);
  }
});

test("outside training the KL itself counts", () => {
  for (const kl of [{ freeBits: 3 }, { capacity: 5 }]) {
    const config = modelConfig({ kl: { ...modelConfig().kl, ...kl } });
    const feeds = feedsOf(config, 0.5, 1);
    const of = (chosen: typeof config) => [
      ...evaluate([validationGraph(schema, chosen).loss], feeds, rows)[0]!.data,
    ];
    expect(of(config)).toEqual(of(modelConfig()));
  }
});

const free = methodNames.filter((name) => {
  const { hasKl, ownKl }: { hasKl: boolean; ownKl?: string } = methods[name];
  return hasKl && ownKl === undefined;
});

test.each<MethodName>(free)("%s heeds free bits and a capacity", (method) => {
  const lossOf = (kl: Partial<KlConfig>) => {
    const { graph, of } = make(method, {}, { kl: { ...modelConfig().kl, ...kl } });
    return of(graph.loss)[0]![0]!;
  };
  const plain = lossOf({});
  expect(Math.abs(lossOf({ freeBits: 100 }) - plain)).toBeGreaterThan(1);
  expect(Math.abs(lossOf({ capacity: 100 }) - plain)).toBeGreaterThan(1e-3);
});
