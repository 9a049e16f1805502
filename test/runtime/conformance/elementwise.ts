// Elementwise operators: arithmetic, functions, comparisons, selection.
import { BATCH, constant, input, type Tensor } from "#elbo/graph/index.js";
import { type Case, evaluate, expectClose, spread } from "./case.ts";
import { tolerance } from "./limits.ts";

const softplus = (x: number) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

/** erf by its Maclaurin series, for |x| <= 3. */
function erf(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > 1e-17; n++) {
    term *= (-x * x) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}

interface Unary {
  build: (x: Tensor) => Tensor;
  value: (x: number) => number;
  low?: number;
}

const unary: Record<string, Unary> = {
  neg: { build: (x) => x.neg(), value: (x) => -x },
  abs: { build: (x) => x.abs(), value: Math.abs },
  exp: { build: (x) => x.exp(), value: Math.exp },
  log: { build: (x) => x.log(), value: Math.log, low: 0.01 },
  sqrt: { build: (x) => x.sqrt(), value: Math.sqrt, low: 0.01 },
  reciprocal: { build: (x) => x.reciprocal(), value: (x) => 1 / x, low: 0.1 },
  square: { build: (x) => x.square(), value: (x) => x * x },
  sin: { build: (x) => x.sin(), value: Math.sin },
  cos: { build: (x) => x.cos(), value: Math.cos },
  tanh: { build: (x) => x.tanh(), value: Math.tanh },
  sigmoid: { build: (x) => x.sigmoid(), value: sigmoid },
  relu: { build: (x) => x.relu(), value: (x) => Math.max(x, 0) },
  erf: { build: (x) => x.erf(), value: erf },
  floor: { build: (x) => x.floor(), value: Math.floor },
  sign: { build: (x) => x.sign(), value: Math.sign },
  log1p: { build: (x) => x.log1p(), value: Math.log1p, low: -0.9 },
  expm1: { build: (x) => x.expm1(), value: Math.expm1 },
  softplus: { build: (x) => x.softplus(), value: softplus },
  logSigmoid: { build: (x) => x.logSigmoid(), value: (x) => -softplus(-x) },
  gelu: { build: (x) => x.gelu(), value: (x) => (x * (1 + erf(x / Math.SQRT2))) / 2 },
  silu: { build: (x) => x.silu(), value: (x) => x * sigmoid(x) },
  leakyRelu: { build: (x) => x.leakyRelu(), value: (x) => (x > 0 ? x : 0.01 * x) },
  elu: { build: (x) => x.elu(), value: (x) => (x > 0 ? x : Math.expm1(x)) },
  clip: { build: (x) => x.clip(-1, 0.5), value: (x) => Math.min(0.5, Math.max(-1, x)) },
};

interface Binary {
  build: (a: Tensor, b: Tensor) => Tensor;
  value: (a: number, b: number) => number;
}

const binary: Record<string, Binary> = {
  add: { build: (a, b) => a.add(b), value: (a, b) => a + b },
  sub: { build: (a, b) => a.sub(b), value: (a, b) => a - b },
  mul: { build: (a, b) => a.mul(b), value: (a, b) => a * b },
  div: { build: (a, b) => a.div(b), value: (a, b) => a / b },
  pow: { build: (a, b) => a.abs().pow(b), value: (a, b) => Math.abs(a) ** b },
  maximum: { build: (a, b) => a.maximum(b), value: Math.max },
  minimum: { build: (a, b) => a.minimum(b), value: Math.min },
  less: { build: (a, b) => a.less(b), value: (a, b) => Number(a < b) },
  lessOrEqual: { build: (a, b) => a.lessOrEqual(b), value: (a, b) => Number(a <= b) },
  greater: { build: (a, b) => a.greater(b), value: (a, b) => Number(a > b) },
  greaterOrEqual: { build: (a, b) => a.greaterOrEqual(b), value: (a, b) => Number(a >= b) },
  equal: { build: (a, b) => a.equal(b), value: (a, b) => Number(a === b) },
};

const x = input("x", [BATCH, 4]);
const y = input("y", [BATCH, 4]);

const unaryCases = Object.entries(unary).map(
  ([name, { build, value, low }]): Case => ({
    name,
    async run(device) {
      const values = spread(8, low ?? -2);
      const { out } = await evaluate(device, { out: build(x) }, { x: values }, { batch: 2 });
      expectClose(out!, values.map(value), name, tolerance(device, name, 2e-6));
    },
  }),
);

const binaryCases = Object.entries(binary).map(
  ([name, { build, value }]): Case => ({
    name,
    async run(device) {
      const [p, q] = [spread(8), spread(9, 0.5, 2).slice(1)];
      // Some equal pairs, for the comparisons.
      q[2] = p[2]!;
      q[5] = p[5]!;
      const feeds = { x: p, y: q };
      const { out } = await evaluate(device, { out: build(x, y) }, feeds, { batch: 2 });
      expectClose(
        out!,
        p.map((a, i) => value(a, q[i]!)),
        name,
        2e-6,
      );
    },
  }),
);

export const elementwise: Case[] = [
  ...unaryCases,
  ...binaryCases,
  {
    name: "elementwise operators broadcast rows, columns and scalars",
    async run(device) {
      const column = input("column", [3, 1]);
      const row = constant([10, 20]);
      const { out } = await evaluate(
        device,
        { out: column.mul(row).add(1).sub(input("scalar", [])) },
        { column: [1, 2, 3], scalar: [0.5] },
      );
      expectClose(out!, [10.5, 20.5, 20.5, 40.5, 30.5, 60.5], "broadcast");
    },
  },
  {
    name: "int32 arithmetic and comparisons",
    async run(device) {
      const i = input("i", [BATCH, 3], "int32");
      const out = i.mul(3).sub(i).add(-1);
      const feeds = { i: [-4, 0, 7, 2, 100000, -1] };
      const result = await evaluate(device, { out, less: i.less(2) }, feeds, { batch: 2 });
      expectClose(result["out"]!, [-9, -1, 13, 3, 199999, -3], "int32");
      expectClose(result["less"]!, [1, 1, 0, 0, 0, 1], "int32 less");
    },
  },
  {
    name: "and, or, not, where",
    async run(device) {
      const [a, b] = [x.greater(0), x.less(1)];
      const outputs = {
        and: a.and(b),
        or: a.or(b.not()),
        chosen: a.where(x, y),
        constantBranch: b.where(5, x),
        integers: a.where(constant([1], [1], "int32"), 2),
        truths: a.where(b, a.not()),
      };
      const feeds = { x: [-1, 0.5, 2, 0], y: [10, 20, 30, 40] };
      const result = await evaluate(device, outputs, feeds);
      expectClose(result["and"]!, [0, 1, 0, 0], "and");
      expectClose(result["or"]!, [0, 1, 1, 0], "or");
      expectClose(result["chosen"]!, [10, 0.5, 2, 40], "where");
      expectClose(result["constantBranch"]!, [5, 5, 2, 5], "where constant");
      expectClose(result["truths"]!, [1, 1, 0, 1], "where bool");
      expectClose(result["integers"]!, [2, 1, 1, 2], "where int32");
    },
  },
  {
    name: "casts between float32, int32, uint8 and bool",
    async run(device) {
      const bytes = input("bytes", [BATCH, 4], "uint8");
      const outputs = {
        float: bytes.cast("float32").mul(1 / 255),
        integer: x.cast("int32"),
        back: x.cast("int32").cast("float32"),
        bool: x.greater(0).cast("int32"),
        flag: bytes.cast("bool").cast("float32"),
      };
      const feeds = { x: [-1.5, 0.5, 2.75, 1e6], bytes: [0, 1, 128, 255] };
      const result = await evaluate(device, outputs, feeds);
      expectClose(result["float"]!, [0, 1 / 255, 128 / 255, 1], "uint8 to float32");
      expectClose(result["integer"]!, [-1, 0, 2, 1e6], "float32 to int32");
      expectClose(result["back"]!, [-1, 0, 2, 1e6], "int32 to float32");
      expectClose(result["bool"]!, [0, 1, 1, 1], "bool to int32");
      expectClose(result["flag"]!, [0, 1, 1, 1], "uint8 to bool");
    },
  },
];
