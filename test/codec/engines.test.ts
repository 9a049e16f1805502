// What archives are coded by is the same in every JavaScript engine: nothing in it is computed by the
// functions of Math whose last bits the language leaves open. Here they are off by a thousandth.
import { Worker } from "node:worker_threads";
import { afterAll, expect, test } from "vitest";
import type { CodedColumn } from "#elbo/codec/columns.js";
import { rowsBlock } from "#elbo/codec/contents/rows.js";
import type { CodedModel } from "#elbo/codec/model-part.js";
import { type CodecParameters, nothingFitted } from "#elbo/codec/rows.js";
import type { DataSource } from "#elbo/data/source.js";
import type { Field, FieldSchema, LikelihoodName } from "#elbo/fields/field.js";
import { parametersOf } from "#elbo/models/graphs.js";
import { resolveOptions } from "#elbo/models/method-options.js";
import { type MethodName, methodNames, methods } from "#elbo/models/methods/index.js";
import type { ModelConfig } from "#elbo/models/model.js";
import { Random } from "#elbo/runtime/random.js";
import * as fields from "../fields/schemas.ts";
import { modelConfig } from "../models/config.ts";
import { mixedColumns, mixedSource } from "../tasks/mixed-table.ts";
import { schemaOf } from "../tasks/schema-of.ts";

type Cells = ReturnType<typeof rowsBlock>["cells"];

interface Job {
  schema: FieldSchema;
  config: ModelConfig;
  /** Compared to the byte, where they are given. */
  coded?: {
    weights: CodedModel["weights"];
    columns: CodedColumn[];
    fitted: CodecParameters;
    cells: Cells;
    rows: number;
  };
}

interface Reply {
  description: string;
  bytes: Uint8Array | null;
}

const at = (path: string) => JSON.stringify(new URL(`../../build/${path}`, import.meta.url).href);
const inexact = [
  ...["exp", "log", "pow", "expm1", "log1p", "log2", "log10", "cbrt", "hypot"],
  ...["sin", "cos", "tan", "asin", "acos", "atan", "atan2"],
  ...["sinh", "cosh", "tanh", "asinh", "acosh", "atanh"],
];
const program = (off: boolean) => `
import { parentPort } from "node:worker_threads";
if (${off}) {
  for (const name of ${JSON.stringify(inexact)}) {
    const original = Math[name];
    Math[name] = (...values) => original(...values) * 1.001;
  }
}
const { describeCodec } = await import(${at("codec/arithmetic.js")});
const { RowCodec } = await import(${at("codec/rows.js")});
function reply({ schema, config, coded }) {
  const description = describeCodec(schema, config, false);
  if (!coded) return { description, bytes: null };
  const { weights, columns, fitted, cells, rows } = coded;
  const bytes = new RowCodec(schema, config, weights, columns, fitted).encode(cells, rows);
  return { description, bytes };
}
parentPort.on("message", (job) => {
  try {
    parentPort.postMessage(reply(job));
  } catch (error) {
    parentPort.postMessage({ failed: error.stack });
  }
});`;

class Engine {
  readonly #worker: Worker;

  constructor(off: boolean) {
    this.#worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(program(off))}`));
  }

  does(job: Job): Promise<Reply> {
    return new Promise((resolve, reject) => {
      this.#worker.removeAllListeners();
      this.#worker.once("error", reject);
      this.#worker.once("message", (reply: Reply | { failed: string }) => {
        if ("failed" in reply) reject(new Error(reply.failed));
        else resolve(reply);
      });
      this.#worker.postMessage(job);
    });
  }

  close() {
    return this.#worker.terminate();
  }
}

const [usual, other] = [new Engine(false), new Engine(true)];
afterAll(() => Promise.all([usual.close(), other.close()]));

async function sameInBoth(job: Job): Promise<void> {
  const [wanted, found] = [await usual.does(job), await other.does(job)];
  expect(wanted.description.length).toBeGreaterThan(100);
  expect(found.description).toBe(wanted.description);
  expect(found.bytes).toEqual(wanted.bytes);
}

async function tableJob(source: DataSource, config: ModelConfig): Promise<Job> {
  const schema = await schemaOf(source);
  const weights = parametersOf(schema, config).initialize(new Random(5));
  for await (const { rows, columns } of source.chunks()) {
    const { cells } = rowsBlock(source.columns, columns, rows);
    const coded = source.columns.map(({ name }, i) => ({ name, type: cells[i]!.type }));
    const fitted = nothingFitted;
    return { schema, config, coded: { weights, columns: coded, fitted, cells, rows } };
  }
  throw new Error("no rows");
}

test("a table's archive has the same bytes", async () => {
  await sameInBoth(await tableJob(mixedSource(mixedColumns(200)), modelConfig()));
});

const levels = (count: number) => Array.from({ length: count }, (_, i) => `level ${i}`);
const uneven = (count: number) => {
  const parts = Array.from({ length: count }, (_, i) => 1 / (i + 1.5));
  const total = parts.reduce((a, b) => a + b, 0);
  return { shares: parts.map((part) => part / total) };
};
const columns = fields.schemaOf(
  fields.real("a", { mean: 1.3, deviation: 0.7, resolution: 0.1 }),
  fields.real("b", { scale: "quantile", quantiles: [0, 1, 3, 9], deviation: 2.1 }),
  fields.positive("c", { offset: 0.3, mean: 4.1, deviation: 0.6, resolution: 0.01 }),
  fields.count("d", { mean: 2.2, deviation: 0.9, logMean: 2.5, logInverseDispersion: 0.7 }),
  fields.binary("e", { mean: 0.23 }),
  fields.categorical("f", levels(9), uneven(9)),
  fields.categorical("g", levels(300), uneven(300)),
  fields.ordinal("h", levels(5), uneven(5)),
  fields.time("i", false, { mean: 19_000.5, deviation: 321.5, resolution: 1 / 86_400 }),
  fields.vector("j", 6, { mean: [1, 2, 3, 4, 5, 6.1], deviation: [0.3, 1, 1, 1, 1, 1.7] }),
);

test.each(methodNames)("%s computes the same", async (method: MethodName) => {
  const few = method === "vq-vae" ? { width: 2 } : {};
  const options = resolveOptions(method, methods[method].options, few);
  // M2 has classes to tell, whose logits are latents.
  const isM2 = method === "m2";
  const schema = isM2 ? { ...columns, fields: withTarget() } : columns;
  await sameInBoth({ schema, config: modelConfig({ method, options, latent: isM2 ? 13 : 4 }) });
});

const withTarget = () =>
  columns.fields.map((field) =>
    field.name === "f" ? ({ ...field, role: "target" } as Field) : field,
  );

const likelihoods: Record<string, LikelihoodName[]> = {
  real: ["gaussian", "student-t", "laplace", "gaussian-mixture"],
  positive: ["log-normal", "hurdle-log-normal", "gamma"],
  count: ["negative-binomial", "poisson", "zero-inflated-negative-binomial"],
  vector: ["gaussian", "negative-binomial"],
  image: [
    ...(["bernoulli", "continuous-bernoulli", "gaussian", "discretized-logistic"] as const),
    ...(["beta-binomial", "categorical"] as const),
  ],
};
const ofKind = {
  real: { deviation: 0.7, mean: 0.3, resolution: 0.1 },
  positive: { offset: 0.3, mean: 4.1, deviation: 0.6, resolution: 0.01 },
  count: { mean: 2.2, deviation: 0.9, logMean: 2.5, logInverseDispersion: 0.7 },
  vector: {
    ...{ deviation: [0.3, 0.7, 1.1], logShare: [-0.7, -1.1, -2], spread: [1, 2, 3], total: 17 },
    logInverseDispersion: [0.1, 0.2, 0.3],
  },
  image: {
    mean: btoa(String.fromCharCode(...Array.from({ length: 64 }, (_, i) => (i * 37) % 256))),
  },
};

test.each(
  Object.entries(likelihoods).flatMap(([kind, names]) =>
    names.map((name) => [kind, name] as const),
  ),
)("%s by %s computes the same", async (kind, likelihood) => {
  const counts = likelihood !== "gaussian";
  const made = {
    real: fields.real("x", ofKind.real),
    positive: fields.positive("x", ofKind.positive),
    count: fields.count("x", ofKind.count),
    image: fields.image("x", [8, 8, 1], ofKind.image),
    vector: fields.vector("x", 3, { ...ofKind.vector, counts }),
  }[kind];
  const schema = fields.schemaOf({ ...made, likelihood } as Field);
  for (const output of ["linear", "sigmoid"] as const) {
    await sameInBoth({ schema, config: modelConfig({ output }) });
  }
});

test.each([
  ["convolutions", { kind: "conv", channels: [4], dense: [8] }],
  ["residual convolutions", { kind: "conv", channels: [4, 5], dense: [8], blocks: 1 }],
  ["a perceptron", { kind: "mlp", hidden: [6] }],
] as [string, ModelConfig["network"]][])("images by %s compute the same", async (_, network) => {
  const schema = fields.schemaOf(fields.image("x", [8, 8, 1], ofKind.image));
  const config = modelConfig({ network });
  await sameInBoth({ schema, config });
});

test.each([
  ["convolutions", { kind: "conv", channels: [8], dense: [8] }],
  ["attention", { kind: "transformer", width: 64, layers: 1, dense: [8] }],
] as [string, ModelConfig["network"]][])(
  "texts by %s, which are coded beside, compute the same",
  async (_, network) => {
    const text = fields.text("t", { length: 8, vocabulary: ["a", "b", "c"], ...uneven(5) });
    const schema = fields.schemaOf(text, fields.real("x"));
    const config = modelConfig({ network });
    await sameInBoth({ schema, config });
  },
);
