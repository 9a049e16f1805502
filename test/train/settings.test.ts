// Every default and every refusal of `train`'s options.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { tableOf } from "#elbo/data/in-memory.js";
import { rowUse, splitRows } from "#elbo/data/split.js";
import type { FieldSchema } from "#elbo/fields/field.js";
import type { MethodName } from "#elbo/models/methods/index.js";
import { spread } from "#elbo/train/compute.js";
import type { RunConfig, TrainingConfig } from "#elbo/train/config.js";
import { klCapacityAt, klWeightAt } from "#elbo/train/job.js";
import { parseMissing, parseSize, parseSplit } from "#elbo/train/option-values.js";
import { checkOptions, type TrainOptions } from "#elbo/train/options.js";
import { fieldsFor, resolveModel, resolveTraining } from "#elbo/train/settings.js";
import {
  binary,
  categorical,
  image as imageField,
  real,
  schemaOf,
  text,
  vector,
} from "../fields/schemas.ts";
import { elboError } from "../helpers/errors.ts";

const table = (columns: number): FieldSchema =>
  schemaOf(...Array.from({ length: columns }, (_, j) => real(`x${j}`)));

const image = (height: number, width: number, channels: number): FieldSchema =>
  schemaOf(imageField("image", [height, width, channels]));

describe("defaults of the model", () => {
  test("a table: a vae, a third of its columns, hidden layers by its width", () => {
    expect(resolveModel({}, table(9))).toEqual({
      method: "vae",
      latent: 3,
      options: {},
      network: { kind: "mlp", hidden: [64, 64] },
      activation: "relu",
      output: "linear",
      kl: { freeBits: 0, freeBitsOf: "latent", capacity: null },
    });
    const of = (columns: number) => {
      const { latent, network } = resolveModel({}, table(columns));
      return [latent, network.kind === "mlp" && network.hidden[0]];
    };
    expect([1, 4, 60, 1000].map(of)).toEqual([
      [2, 16],
      [2, 16],
      [20, 256],
      [32, 512],
    ]);
  });

  test("texts: convolutions, in turn, 32 latents, a few nats free", () => {
    const texts = schemaOf(text("t"));
    const free = { freeBits: 3, freeBitsOf: "total", capacity: null };
    expect(resolveModel({}, texts)).toMatchObject({
      latent: 32,
      network: { kind: "conv", channels: [64, 64, 64], dense: [256] },
      decoding: "autoregressive",
      kl: free,
    });
    expect(resolveModel({ freeBits: 0.5 }, texts).kl).toEqual({
      ...{ freeBits: 0.5, freeBitsOf: "latent", capacity: null },
    });
    expect(resolveModel({ capacity: 5 }, texts).kl).toMatchObject({ freeBits: 0, capacity: 5 });
    expect(resolveModel({ method: "ae" }, texts).kl.freeBits).toBe(0);
    expect(resolveModel({ method: "beta-tcvae" }, texts).kl.freeBits).toBe(0);
    expect(resolveModel({ decoding: "one-shot" }, texts).decoding).toBe("one-shot");
  });

  test("decoding is of texts, and is refused elsewhere", async () => {
    expect(resolveModel({}, table(3))).not.toHaveProperty("decoding");
    const error = await elboError(() => resolveModel({ decoding: "one-shot" }, table(3)));
    expect(error).toMatchObject({ code: "options-contradict", kind: "usage" });
    const wrong = await elboError(() => checkOptions({ decoding: "oneshot" } as never));
    expect(wrong.message).toContain("--decoding is one of autoregressive, one-shot");
  });

  test("images: 20 latents, convolutions where large or coloured", () => {
    const mnist = resolveModel({}, image(28, 28, 1));
    expect(mnist).toMatchObject({
      latent: 20,
      network: { kind: "mlp", hidden: [400] },
      output: "sigmoid",
    });
    const conv = { kind: "conv", channels: [32, 64], dense: [256] };
    expect(resolveModel({}, image(28, 28, 3)).network).toEqual(conv);
    // Larger ones are halved more often, to about 8 pixels.
    const larger = (channels: number[]) => ({ kind: "conv", channels, dense: [256] });
    expect(resolveModel({}, image(64, 64, 1)).network).toEqual(larger([16, 32, 64]));
    expect(resolveModel({}, image(105, 105, 1)).network).toEqual(larger([16, 16, 32, 64]));
    expect(resolveModel({}, image(40, 200, 3)).network).toEqual(conv);
    expect(resolveModel({}, image(3, 3, 1)).latent).toBe(9);
  });

  test("mixed rows: levels count as up to four numbers, vectors as their size, targets for nothing", () => {
    const levels = (n: number) => Array.from({ length: n }, (_, i) => `l${i}`);
    const of = (schema: FieldSchema) => {
      const { latent, network, output } = resolveModel({}, schema);
      return [latent, network.kind === "mlp" && network.hidden[0], output];
    };
    expect(of(schemaOf(vector("v", 90)))).toEqual([30, 512, "linear"]);
    // 4 · (2 + 4 + 1 + 1) = 32.
    const mixed = schemaOf(
      ...[categorical("a", levels(2)), categorical("b", levels(99)), binary("c"), real("d")],
    );
    expect(of(mixed)).toEqual([2, 32, "linear"]);
    const wide = categorical("y", levels(99), { role: "target" });
    expect(of(schemaOf(...mixed.fields, wide))).toEqual([2, 32, "linear"]);
    // A condition is seen, and not compressed.
    const given = categorical("y", levels(99), { role: "condition" });
    expect(of(schemaOf(...mixed.fields, given))).toEqual([2, 64, "linear"]);
    // An image that is predicted is none that is encoded.
    const drawn = imageField("i", [9, 9, 3], { role: "target" });
    expect(of(schemaOf(...mixed.fields, drawn))).toEqual([2, 32, "linear"]);
  });

  test("an ae has the squared error of numbers, and the cross-entropy of levels", () => {
    expect(resolveModel({ method: "ae" }, table(9))).toMatchObject({ output: "linear" });
    expect(resolveModel({ method: "ae", codeActivation: "relu" }, image(4, 4, 1))).toMatchObject({
      output: "sigmoid",
      codeActivation: "relu",
    });
    const fields = [
      ...[real("a"), binary("b"), categorical("c", ["x"]), imageField("d", [2, 2, 1])],
      { name: "e", kind: "real", role: "id" } as const,
    ];
    const likelihoods = fieldsFor("ae", fields).map((field) =>
      "likelihood" in field ? field.likelihood : null,
    );
    expect(likelihoods).toEqual([
      ...["squared-error", "bernoulli", "categorical", "squared-error", null],
    ]);
    expect(fieldsFor("vae", fields)).toEqual(fields);
    const photographs = imageField("f", [2, 2, 1], { likelihood: "discretized-logistic" });
    expect(fieldsFor("ae", [photographs])).toMatchObject([{ likelihood: "squared-error" }]);
  });

  test("what is given is kept", () => {
    const given = { latent: 5, network: "linear", activation: "tanh", output: "sigmoid" } as const;
    expect(resolveModel(given, table(3))).toEqual({
      ...given,
      method: "vae",
      options: {},
      network: { kind: "mlp", hidden: [] },
      kl: { freeBits: 0, freeBitsOf: "latent", capacity: null },
    });
  });
});

describe("defaults of training", () => {
  test("the KL's weight rises over a twentieth of the epochs, of tables and where it has one", () => {
    const warmup = (options: TrainOptions, schema = table(9)) =>
      resolveTraining(options, 1000, schema).warmup;
    expect(warmup({})).toBe(10);
    expect([5, 10, 30].map((epochs) => warmup({ epochs }))).toEqual([0, 1, 2]);
    expect(warmup({ warmup: 0 })).toBe(0);
    expect(warmup({ warmup: 3 })).toBe(3);
    expect([warmup({ cycles: 2 }), warmup({ capacity: 4 }), warmup({ method: "ae" })]).toEqual([
      0, 0, 0,
    ]);
    expect(warmup({}, image(28, 28, 1))).toBe(0);
  });

  test("it rises over a tenth where the method needs that, of images too", () => {
    for (const method of ["ladder-vae", "vamp-vae", "bit-swap"] as const) {
      const warmup = (options: TrainOptions) =>
        resolveTraining({ epochs: 30, method, ...options }, 1000, image(28, 28, 1)).warmup;
      expect([warmup({}), warmup({ warmup: 0 }), warmup({ cycles: 2 })], method).toEqual([3, 0, 0]);
    }
  });

  test("few rows", () => {
    expect(resolveTraining({}, 100)).toEqual({
      epochs: 200,
      batch: 32,
      accumulate: 1,
      optimizer: {
        name: "adam",
        learningRate: 1e-3,
        beta1: 0.9,
        beta2: 0.999,
        epsilon: 1e-8,
        weightDecay: 0,
      },
      learningRate: { schedule: { name: "constant" }, warmup: 0 },
      clipNorm: null,
      ema: null,
      beta: 1,
      warmup: 0,
      cycles: 0,
      schedule: "joint",
      validation: 0.1,
      split: { by: "random" },
      memory: 512 * 2 ** 20,
      patience: null,
      seed: 0,
    });
  });

  test("batches of 128 from 2,000 rows, 512 from 200,000; about 10,000 steps or 20 epochs, 50,000 steps at most", () => {
    const of = (rows: number) => {
      const { batch, epochs } = resolveTraining({}, rows);
      return [batch, epochs];
    };
    expect([1, 20, 1999, 2000, 12_800, 60_000, 199_999, 200_000, 10_000_000].map(of)).toEqual([
      [1, 200],
      [20, 200],
      [32, 159],
      [128, 200],
      [128, 100],
      [128, 21],
      [128, 20],
      [512, 26],
      [512, 3],
    ]);
  });

  test("each optimiser has its own decay, and 1e-3 as its rate", () => {
    const of = (optimizer: NonNullable<TrainOptions["optimizer"]>) =>
      resolveTraining({ optimizer }, 100).optimizer;
    expect(of("adamw")).toMatchObject({ name: "adamw", weightDecay: 0.01, learningRate: 1e-3 });
    expect(of("rmsprop")).toMatchObject({ name: "rmsprop", alpha: 0.99, learningRate: 1e-3 });
    expect(of("sgd")).toMatchObject({ name: "sgd", momentum: 0, learningRate: 1e-3 });
  });

  test("what is given is kept", () => {
    const options: TrainOptions = {
      epochs: 3,
      batch: 7,
      learningRate: 0.5,
      weightDecay: 0.1,
      clip: 2,
      beta: 4,
      warmup: 1.5,
      schedule: "two-phase",
      validation: 0.2,
      split: "time:when",
      memory: 1.5,
      patience: 6,
      seed: 9,
    };
    expect(resolveTraining(options, 100)).toMatchObject({
      ...{ epochs: 3, batch: 7, clipNorm: 2, beta: 4, warmup: 1.5, schedule: "two-phase" },
      ...{ validation: 0.2, patience: 6, seed: 9 },
      split: { by: "time", column: "when" },
      memory: 1.5 * 2 ** 20,
      optimizer: { learningRate: 0.5, weightDecay: 0.1 },
    });
  });
});

// What a caller without types, or the command line, may pass.
const refused: [object, string][] = [
  [{ method: "vea" }, "--method is one of vae, beta-tcvae, "],
  [{ activation: "rely" }, "--activation"],
  [{ codeActivation: "" }, "--code-activation"],
  [{ likelihood: "normal" }, "--likelihood"],
  [{ likelihood: { x: "normal" } }, "--likelihood"],
  [{ kind: { x: "float" } }, "--kind"],
  [
    { split: "times" },
    '--split is random, stratified:COLUMN, time:COLUMN or group:COLUMN, received "times"',
  ],
  [{ size: "28x" }, "--size is WIDTHxHEIGHT"],
  [{ size: "0x3" }, "--size"],
  [{ memory: -1 }, "--memory takes a number of at least 0, received -1"],
  [{ output: "tanh" }, "--output is one of linear, sigmoid"],
  [{ scale: "minmax" }, "--scale"],
  [{ binarize: "random" }, "--binarize"],
  [{ optimizer: "adm" }, "--optimizer"],
  [{ schedule: "alternating" }, "--schedule"],
  [{ device: "gpu" }, "--device"],
  [{ latent: 0 }, "--latent takes a whole number of at least 1, received 0"],
  [{ latent: 2.5 }, "--latent"],
  [{ epochs: 0 }, "--epochs"],
  [{ batch: -1 }, "--batch"],
  [{ learningRate: 0 }, "--lr takes a number above 0, received 0"],
  [{ learningRate: Number.NaN }, "--lr"],
  [{ learningRate: Number.POSITIVE_INFINITY }, "--lr"],
  [{ weightDecay: -1 }, "--weight-decay"],
  [{ clip: 0 }, "--clip"],
  [{ beta: -0.1 }, "--beta"],
  [{ warmup: -1 }, "--warmup"],
  [{ validation: 1 }, "--validation takes a number of at least 0 and at most 0.9, received 1"],
  [{ patience: 0 }, "--patience"],
  [{ maxTime: 0 }, "--max-time"],
  [{ seed: 1.5 }, "--seed"],
  [{ seed: -1 }, "--seed"],
  [{ threads: 0 }, "--threads"],
  [{ threads: 257 }, "--threads"],
];

test.each(refused)("%j is refused", async (options, message) => {
  const error = await elboError(() => checkOptions(options));
  expect(error).toMatchObject({ code: "option-value", kind: "usage" });
  expect(error.message).toContain(message);
});

test("a mistyped word gets its neighbour, and a network its form", async () => {
  const typo = { optimizer: "adm" } as unknown as TrainOptions;
  expect((await elboError(() => checkOptions(typo))).hint).toBe("Did you mean adam?");
  const network = await elboError(() => checkOptions({ network: "mlp" }));
  expect(network).toMatchObject({ code: "network-spec", kind: "usage" });
  checkOptions({});
});

const mistyped: [string, () => unknown, string][] = [
  ["a network", () => checkOptions({ network: "mpl:64,8" }), "mlp:64,8"],
  ["a split", () => checkOptions({ split: "randm" }), "random"],
  ["a split by a column", () => checkOptions({ split: "gruop:a:b" }), "group:a:b"],
  // Two letters in the wrong order are nearer than two other ones.
  ["letters in the wrong order", () => checkOptions({ device: "cdua" as "cuda" }), "cuda"],
  [
    "a choice of a method's",
    () => resolveModel({ method: "iwae", methodOption: { bound: "mwiae" } }, table(3)),
    "miwae",
  ],
];

test.each(mistyped)("%s that is mistyped gets its neighbour", async (_, act, neighbour) => {
  expect((await elboError(act)).hint).toBe(`Did you mean ${neighbour}?`);
});

const laplace: TrainOptions = { method: "ae", likelihood: "laplace" };
const contradictions: [string, () => unknown, string][] = [
  ["ae, laplace", () => resolveModel(laplace, table(3)), "--likelihood does not go with"],
  [
    "vae, squared error",
    () => fieldsFor("vae", [real("a"), real("b", { likelihood: "squared-error" })]),
    "--likelihood squared-error (column b): it needs a density",
  ],
  [
    "ae, a likelihood of a schema file",
    () => fieldsFor("ae", [real("a"), real("b", { likelihood: "student-t" })]),
    "--method ae does not go with the likelihood student-t (column b)",
  ],
  ["ae, beta", () => resolveModel({ method: "ae", beta: 2 }, table(3)), "--beta"],
  ["ae, warmup", () => resolveModel({ method: "ae", warmup: 2 }, table(3)), "--warmup"],
  [
    "free bits, capacity",
    () => resolveModel({ freeBits: 1, capacity: 3 }, table(3)),
    "both say how much KL is free",
  ],
  ["free bits of nothing", () => resolveModel({ freeBitsOf: "total" }, table(3)), "--free-bits-of"],
  ["cycles, warmup", () => resolveModel({ cycles: 2, warmup: 1 }, table(3)), "--warmup"],
  ["cycles, capacity", () => resolveModel({ cycles: 2, capacity: 1 }, table(3)), "--capacity"],
  ["ae, free bits", () => resolveModel({ method: "ae", freeBits: 1 }, table(3)), "no KL term"],
  [
    "β-TCVAE, free bits",
    () => resolveModel({ method: "beta-tcvae", freeBits: 1 }, table(3)),
    "--free-bits does not go with --method beta-tcvae: its loss takes the KL apart",
  ],
  [
    "m2, capacity",
    () => resolveModel({ method: "m2", capacity: 1 }, table(3)),
    "--capacity does not go with --method m2: its loss counts the KL of each class",
  ],
  ["vae, code", () => resolveModel({ codeActivation: "relu" }, table(3)), "--code-activation"],
  ["a batch beyond the data", () => resolveTraining({ batch: 11 }, 10), "which has 10 rows"],
  [
    "patience alone",
    () => resolveTraining({ patience: 2, validation: 0 }, 10),
    "no row is held out",
  ],
];

test.each(contradictions)("%s contradict each other", async (_, act, message) => {
  const error = await elboError(act);
  expect(error).toMatchObject({ code: "options-contradict", kind: "usage" });
  expect(error.message).toContain(message);
});

test("options of a method are its own", async () => {
  const act = () => resolveModel({ methodOption: { gamma: "1" } }, table(3));
  const error = await elboError(act);
  expect(error).toMatchObject({ code: "method-option", kind: "usage" });
  expect(error.message).toContain("vae has no options of its own");
});

test("an option of a method that another choice leaves without a part is refused", async () => {
  const of = (method: MethodName, methodOption: Record<string, number | string>) =>
    resolveModel({ method, methodOption }, table(3)).options;
  const error = await elboError(() => of("iwae", { groups: 5 }));
  expect(error).toMatchObject({
    code: "method-option",
    message: "groups of iwae belongs to bound miwae, and bound is iwae",
    hint: "Give --method-option bound=miwae, or leave groups out.",
  });
  expect(of("iwae", { bound: "miwae", groups: 5 })).toMatchObject({ groups: 5 });
  // A run's own options are given whole where another starts from it.
  expect(of("sparse", { penalty: "l1", rate: 0.05 })).toMatchObject({ rate: 0.05 });
});

test("the KL's weight rises over the warm-up, or in cycles; its capacity over the warm-up", () => {
  const run = (training: Partial<TrainingConfig>, capacity: number | null = null) =>
    ({
      training: { beta: 2, warmup: 0, cycles: 0, epochs: 8, ...training },
      model: { kl: { capacity } },
    }) as unknown as RunConfig;
  const weights = (config: RunConfig) =>
    [0, 1, 2, 3, 4, 5, 8, Infinity].map((t) => klWeightAt(config, t));
  expect(weights(run({}))).toEqual(new Array(8).fill(2));
  expect(weights(run({ warmup: 4 }))).toEqual([0, 0.5, 1, 1.5, 2, 2, 2, 2]);
  expect(weights(run({ cycles: 2 }))).toEqual([0, 1, 2, 2, 0, 1, 2, 2]);
  const capacities = [0, 1, 4, 9].map((t) => klCapacityAt(run({ warmup: 4 }, 10), t));
  expect(capacities).toEqual([0, 2.5, 10, 10]);
  expect(klCapacityAt(run({}, 10), 0)).toBe(10);
});

test("an ae may be told the squared error that it has", () => {
  const options: TrainOptions = { method: "ae", likelihood: "squared-error" };
  expect(resolveModel(options, table(3)).method).toBe("ae");
});

test("a split and a size read as they are written", () => {
  expect(parseSplit("random")).toEqual({ by: "random" });
  expect(parseSplit("group:a:b")).toEqual({ by: "group", column: "a:b" });
  expect(parseSize("28x32")).toEqual({ width: 28, height: 32 });
  expect(parseSize("64")).toEqual({ width: 64, height: 64 });
});

test("rows are split once each, by the seed, and one at least trains", async () => {
  const held = async (count: number, share: number, seed: number) => {
    const source = tableOf(new Float32Array(count), 1);
    const uses = await splitRows(source, { split: { by: "random" }, share, seed });
    expect(uses.length).toBe(count);
    expect(uses.every((use) => use === rowUse.train || use === rowUse.heldOut)).toBe(true);
    return [...uses.keys()].filter((row) => uses[row] === rowUse.heldOut);
  };
  const property = fc.asyncProperty(
    fc.integer({ min: 1, max: 300 }),
    fc.double({ min: 0, max: 0.9, noNaN: true }),
    fc.nat(),
    async (count, share, seed) => {
      const rows = await held(count, share, seed);
      expect(rows.length).toBe(Math.min(Math.round(count * share), count - 1));
      expect(await held(count, share, seed)).toEqual(rows);
    },
  );
  const examples: [number, number, number][] = [
    [1, 0.9, 0],
    [2, 0.9, 0],
  ];
  await fc.assert(property, { seed: 1, examples });
  expect(await held(100, 0.1, 1)).not.toEqual(await held(100, 0.1, 2));
});

test("convolutions are spread over workers, large products over threads, small ones over neither", () => {
  const mlp = resolveModel({}, image(28, 28, 1));
  const conv = resolveModel({ network: "conv:32,64" }, image(28, 28, 1));
  const of = (model: typeof mlp, parameters: number, batch: number, wanted?: number) => {
    return spreadOf(null, model, parameters, batch, wanted);
  };
  const spreadOf = (
    block: number | null,
    model: typeof mlp,
    ...counts: [number, number, number?]
  ) => {
    const [parameters, batch, wanted] = counts;
    const { workers, threads } = spread(
      ...(["cpu", block, model, image(28, 28, 1), parameters, batch, wanted] as const),
    );
    return [workers, threads];
  };
  expect(of(mlp, 650_000, 128, 2)).toEqual([1, 2]);
  expect(of(mlp, 500, 32)).toEqual([1, 1]);
  expect(of(conv, 650_000, 128, 4)).toEqual([4, 1]);
  // A share of eight rows at least.
  expect(of(conv, 650_000, 20, 4)).toEqual([2, 1]);
  expect(of(conv, 650_000, 3, 4)).toEqual([1, 1]);
  // In blocks they scale over threads; channels or batches of another size do not come in them.
  expect(spreadOf(16, conv, 650_000, 128, 4)).toEqual([1, 4]);
  expect(spreadOf(16, conv, 650_000, 100, 4)).toEqual([4, 1]);
  const odd = resolveModel({ network: "conv:24,64" }, image(28, 28, 1));
  expect(spreadOf(16, odd, 650_000, 128, 4)).toEqual([4, 1]);
  expect(spreadOf(8, odd, 650_000, 128, 4)).toEqual([1, 4]);
  expect(spread("webgpu", null, conv, image(28, 28, 1), 1, 128, 4)).toMatchObject({ workers: 1 });
});

test("words for missing cells are of all columns, or of one", () => {
  expect(parseMissing(["-999, unknown", "age=-1,?", "?", "age=n/a"])).toEqual({
    every: ["-999", "unknown", "?"],
    of: { age: ["-1", "?", "n/a"] },
  });
  for (const text of ["", "a,,b", "age="]) {
    expect(() => parseMissing([text])).toThrow(/^--missing is words/);
    expect(() => checkOptions({ missing: [text] })).toThrow(/^--missing is words/);
  }
  expect(() => checkOptions({ timeFormat: { when: "%d/%m" } })).toThrow(
    /^--time-format is "iso" or .* received "%d\/%m" with no %Y$/,
  );
});
