// Networks: their specification as text, their shapes, and how their weights begin.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BATCH, gradients, input } from "#elbo/graph/index.js";
import { activations, linear } from "#elbo/nn/layers.js";
import {
  checkNetwork,
  decoderNetwork,
  encoderNetwork,
  formatNetwork,
  type ImageShape,
  type NetworkSpec,
  parseNetwork,
} from "#elbo/nn/network.js";
import { Parameters } from "#elbo/nn/parameters.js";
import { Random } from "#elbo/runtime/random.js";
import { elboError } from "../helpers/errors.ts";
import { evaluate } from "../oracle/index.ts";

const sizes = (min: number) =>
  fc.array(fc.integer({ min: 1, max: 9 }), { minLength: min, maxLength: 3 });
const specs: fc.Arbitrary<NetworkSpec> = fc.oneof(
  fc.record({ kind: fc.constant("mlp" as const), hidden: sizes(0) }),
  fc.record({ kind: fc.constant("conv" as const), channels: sizes(1), dense: sizes(1) }),
  fc.record({
    kind: fc.constant("conv" as const),
    ...{ channels: sizes(1), dense: sizes(1), blocks: fc.integer({ min: 1, max: 3 }) },
  }),
  fc.record({
    kind: fc.constant("transformer" as const),
    width: fc.constantFrom(8, 32, 64),
    layers: fc.integer({ min: 1, max: 4 }),
    dense: sizes(1),
  }),
);

test("a specification reads back from its text", () => {
  fc.assert(
    fc.property(specs, (spec) => {
      expect(parseNetwork(formatNetwork(spec))).toEqual(spec);
    }),
    { seed: 1 },
  );
  expect(parseNetwork("mlp:512,256")).toEqual({ kind: "mlp", hidden: [512, 256] });
  expect(parseNetwork("conv:32,64")).toEqual({ kind: "conv", channels: [32, 64], dense: [256] });
  expect(parseNetwork("transformer:64x2")).toEqual({
    ...{ kind: "transformer", width: 64, layers: 2, dense: [256] },
  });
  const residual = { kind: "conv", channels: [32, 64], dense: [256], blocks: 2 };
  expect(parseNetwork("resnet:32,64")).toEqual(residual);
  expect(parseNetwork("resnet:8x3/10")).toEqual({
    ...residual,
    channels: [8],
    dense: [10],
    blocks: 3,
  });
  expect(parseNetwork("linear")).toEqual({ kind: "mlp", hidden: [] });
});

test.each([
  "",
  "mlp",
  "mlp:",
  "mlp:0",
  "mlp:3,,4",
  "mlp:3/4",
  "conv:3/",
  "cnn:3",
  "mlp:3 ",
  "mlp:1.5",
  "mlp:3x2",
  "conv:3x2",
  "transformer:64",
  "transformer:64,2",
  "transformer:64x2x2",
  "transformer:48x2",
  "Linear",
])("%j is refused with an example", async (text) => {
  const error = await elboError(() => parseNetwork(text));
  expect(error).toMatchObject({ code: "network-spec", kind: "usage" });
  expect(error.message).toContain(`"${text}"`);
});

const inputOf = (name: string, size: number) => (size === 0 ? null : input(name, [BATCH, size]));
const rowOf = (flat: number, shape: ImageShape | null) => ({
  flat: inputOf("flat", flat),
  image: shape && { x: input("image", [BATCH, shape.reduce((a, b) => a * b, 1)]), shape },
});

test("encoder and decoder of any specification fit any row that is large enough", () => {
  const side = fc.integer({ min: 8, max: 13 });
  const property = fc.property(
    specs,
    fc.option(fc.tuple(fc.integer({ min: 1, max: 3 }), side, side)),
    fc.tuple(fc.nat(3), fc.nat(3)),
    fc.integer({ min: 1, max: 4 }),
    (spec, picture, [seen, given], latent) => {
      // A row has something to see and something to give; convolutions see an image.
      const shape: ImageShape | null = spec.kind === "conv" ? (picture ?? [1, 8, 8]) : picture;
      const [flatIn, flatOut] = shape ? [seen, given] : [seen + 1, given + 1];
      const parameters = new Parameters();
      const hidden = encoderNetwork(parameters, rowOf(flatIn, shape), spec, "relu");
      expect(hidden.shape[0]).toBe(BATCH);
      const z = linear(parameters, "encoder.code", hidden, latent);
      const wanted = { flat: flatOut, image: shape };
      const { flat, image } = decoderNetwork(parameters, z, spec, wanted, "relu");
      expect(flat?.shape ?? null).toEqual(flatOut > 0 ? [BATCH, flatOut] : null);
      const size = shape?.reduce((a, b) => a * b, 1);
      expect(image?.shape ?? null).toEqual(size === undefined ? null : [BATCH, size]);
      const names = parameters.specs.map(({ name }) => name);
      expect(names.every((name) => /^(encoder|decoder)\./.test(name))).toBe(true);
      expect(parameters.count).toBe(
        parameters.specs.reduce((sum, spec) => sum + spec.shape.reduce((a, b) => a * b, 1), 0),
      );
    },
  );
  fc.assert(property, { seed: 2, numRuns: 100 });
});

test.each<NetworkSpec>([
  { kind: "mlp", hidden: [5] },
  { kind: "conv", channels: [2], dense: [5] },
])("numbers and an image meet in one hidden vector, and come apart again: $kind", (spec) => {
  const parameters = new Parameters();
  const shape = [1, 4, 4] as const;
  const row = rowOf(3, shape);
  const hidden = encoderNetwork(parameters, row, spec, "tanh");
  const { flat, image } = decoderNetwork(
    parameters,
    hidden,
    spec,
    { flat: 2, image: shape },
    "tanh",
  );
  const weights = parameters.initialize(new Random(7));
  const feeds = {
    ...Object.fromEntries([...weights].map(([name, data]) => [name, { shape: [], data }])),
    flat: { shape: [1, 3], data: [0.5, -1, 2] },
    image: { shape: [1, 16], data: Array.from({ length: 16 }, (_, i) => i / 16) },
  };
  for (const output of [flat!, image!]) {
    const slopes = evaluate(gradients(output.square().sum(), [row.flat!, row.image!.x]), feeds);
    for (const { data } of slopes) expect(data.every((slope) => slope !== 0)).toBe(true);
  }
});

describe("a convolution that does not fit is refused in words", () => {
  const build = (spec: NetworkSpec, flat: number, shape: ImageShape | null) =>
    encoderNetwork(new Parameters(), rowOf(flat, shape), spec, "relu");
  const conv = (depth: number): NetworkSpec => ({
    kind: "conv",
    channels: new Array(depth).fill(2),
    dense: [4],
  });
  test("rows of a table", async () => {
    const error = await elboError(() => checkNetwork(conv(1), { images: false, texts: false }));
    expect(error).toMatchObject({ code: "network-spec", kind: "usage" });
    expect(error.message).toContain("a conv network needs images or texts, received numbers alone");
    checkNetwork(conv(1), { images: false, texts: true });
  });
  test("residual blocks of texts", async () => {
    const spec = parseNetwork("resnet:8");
    const error = await elboError(() => checkNetwork(spec, { images: false, texts: true }));
    expect(error.message).toBe("a resnet network needs images, received numbers alone");
  });
  test("a transformer of images", async () => {
    const spec = parseNetwork("transformer:64x2");
    const error = await elboError(() => checkNetwork(spec, { images: true, texts: false }));
    expect(error).toMatchObject({ code: "network-spec", kind: "usage" });
    expect(error.message).toContain("a transformer network needs texts, received images alone");
  });
  test("more halvings than the side allows", async () => {
    build(conv(3), 0, [1, 8, 8]);
    const error = await elboError(() => build(conv(4), 0, [1, 8, 11]));
    expect(error).toMatchObject({ code: "network-spec", kind: "usage" });
    expect(error.message).toContain(
      "4 halving convolutions need a side of at least 16 pixels, received 8",
    );
  });
});

test("weights begin evenly within ±1/√fan-in, the same for the same seed", () => {
  const parameters = new Parameters();
  linear(parameters, "a", input("x", [BATCH, 400]), 100);
  linear(parameters, "b", input("y", [BATCH, 400]), 100);
  const weights = parameters.initialize(new Random(3));
  const [a, b] = [weights.get("a.weight")!, weights.get("b.weight")!];
  const bound = 1 / Math.sqrt(400);
  expect(a.every((w) => w >= -bound && w <= bound)).toBe(true);
  const n = a.length;
  const mean = a.reduce((sum, w) => sum + w, 0) / n;
  const square = a.reduce((sum, w) => sum + w * w, 0) / n;
  // Five standard errors of a uniform's mean and of its square.
  expect(Math.abs(mean)).toBeLessThan((5 * bound) / Math.sqrt(3 * n));
  expect(Math.abs(square - bound ** 2 / 3)).toBeLessThan(5 * bound ** 2 * Math.sqrt(4 / 45 / n));
  expect(b).not.toEqual(a);
  expect(parameters.initialize(new Random(3))).toEqual(weights);
  expect(parameters.initialize(new Random(4)).get("a.weight")).not.toEqual(a);
});

test("weights of another model are refused by name", async () => {
  const parameters = new Parameters();
  linear(parameters, "a", input("x", [BATCH, 3]), 2);
  const weights = new Map([
    ["a.weight", new Float32Array(6)],
    ["a.bias", new Float32Array(2)],
  ]);
  parameters.check(weights);
  const short = await elboError(() =>
    parameters.check(new Map([...weights, ["a.bias", new Float32Array(3)]])),
  );
  expect(short).toMatchObject({ code: "weights-mismatch" });
  expect(short.message).toContain("a.bias has 2 values, the weight file 3");
  weights.delete("a.bias");
  expect((await elboError(() => parameters.check(weights))).message).toContain("does not hold it");
});

test("every activation that a configuration may name is an operator", () => {
  const x = input("x", [3]);
  const feeds = { x: { shape: [3], data: [-1, 0, 2] } };
  for (const name of activations) {
    const [value] = evaluate([x[name]()], feeds);
    expect(value!.data.every(Number.isFinite), name).toBe(true);
    expect(value!.data[2], name).toBeGreaterThan(value!.data[0]!);
  }
});
