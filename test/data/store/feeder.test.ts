// Packed rows as the inputs of a graph: masks, bits, noise and weights.
import { describe, expect, test } from "vitest";
import { type BatchDraw, Feeder } from "#elbo/data/store/feeder.js";
import type { ImageField } from "#elbo/fields/field.js";
import {
  bitsInput,
  layoutOf,
  MISSING,
  maskInput,
  noiseInput,
  rowsInput,
  WEIGHTS,
} from "#elbo/fields/layout.js";
import type { PackedRows, PackedValues } from "#elbo/fields/pack.js";
import { MemoryPlan } from "#elbo/runtime/memory.js";
import { Random, streams } from "#elbo/runtime/random.js";
import type { Slot } from "#elbo/runtime/slots.js";
import { categorical, image, real, schemaOf, vector } from "../../fields/schemas.ts";
import { drawOf, inputsOf } from "./mixed.ts";

const { NaN: gap } = Number;
const shape = [4, 5, 1] as const;
const pixels = 20;
const rows = 300;
const bytes = Uint8Array.from({ length: rows * pixels }, (_, i) => (i * 37) % 256);

function packed(name: string, values: PackedValues, count: number): PackedRows {
  return { rows: count, groups: new Map([[name, values]]), weights: null };
}

/** Bits and noise that a feeder draws for images. */
function imageInputs(field: ImageField, batch: number, withRows = false) {
  const plan = new MemoryPlan();
  const schema = schemaOf(field);
  const [layout] = layoutOf(schema);
  const feeder = new Feeder(plan, schema, batch);
  const inputs = new Map<string, Slot>([
    [bitsInput(layout!), plan.reserve("uint8", batch * pixels)],
    [noiseInput("normal"), plan.reserve("float32", batch * 3)],
  ]);
  if (withRows) inputs.set(rowsInput(layout!), plan.reserve(layout!.dtype, batch * pixels));
  const memory = plan.allocate();
  const view = (name: string) => [...memory.view(inputs.get(name)!)];
  return { layout: layout!, feeder, memory, inputs, view };
}

const dynamic = image("image", shape, { binarize: "dynamic" });

describe("bits and noise", () => {
  /**
   * What rows `from` to `to − 1` draw: bit i is 1 where word i of the stream lies below the pixel's
   * share of all words, noise i is normal i, both counted from the place of the batch's first row.
   */
  function drawn(from: number, to: number, { seed, step, noiseStream, firstRow }: BatchDraw) {
    const random = new Random(seed);
    const shares = bytes.subarray(from * pixels, to * pixels);
    const words = random.bits(streams.binarize, step, shares.length, firstRow * pixels);
    return {
      bits: [...shares].map((byte, i) => +(Math.min(words[i]!, 0xfffffffe) < byte * 0x01010101)),
      noise: [...random.normal(noiseStream, step, (to - from) * 3, firstRow * 3)],
    };
  }

  test.each([false, true])("are those of the rows' places (rows beside: %s)", (beside) => {
    for (const draw of [drawOf(), drawOf({ step: 9, firstRow: 40, noiseStream: 8, seed: 6 })]) {
      const { layout, feeder, memory, inputs, view } = imageInputs(dynamic, 128, beside);
      const source = packed(layout.name, { type: "dense", values: bytes }, rows);
      feeder.copy(memory, inputs, source, 70, 190, draw);
      const expected = drawn(70, 190, draw);
      const rest = <T>(values: T[], size: number) => [...values, ...new Array(8 * size).fill(0)];
      expect(view(bitsInput(layout))).toEqual(rest(expected.bits, pixels));
      expect(view(noiseInput("normal"))).toEqual(rest(expected.noise, 3));
      expect(expected.bits.reduce((sum, bit) => sum + bit, 0)).toBeGreaterThan(500);
      if (beside) {
        expect(view(rowsInput(layout)).slice(0, 120 * pixels)).toEqual([
          ...bytes.subarray(70 * pixels, 190 * pixels),
        ]);
      }
    }
  });

  test("are the same in whatever parts the batch is drawn", () => {
    const whole = imageInputs(dynamic, rows);
    const source = packed(whole.layout.name, { type: "dense", values: bytes }, rows);
    whole.feeder.copy(whole.memory, whole.inputs, source, 0, rows, drawOf());
    const part = imageInputs(dynamic, 100);
    part.feeder.copy(part.memory, part.inputs, source, 200, 300, drawOf({ firstRow: 200 }));
    const bits = bitsInput(whole.layout);
    expect(part.view(bits)).toEqual(whole.view(bits).slice(200 * pixels));
    expect(part.view(noiseInput("normal"))).toEqual(
      whole.view(noiseInput("normal")).slice(200 * 3),
    );
  });

  test("floats are brought to 0 … 1 first", () => {
    const field = image("image", shape, { ...dynamic, bytes: false, low: -1, high: 3 });
    for (const beside of [false, true]) {
      const { layout, feeder, memory, inputs, view } = imageInputs(field, 2, beside);
      const values = Float32Array.from({ length: 2 * pixels }, (_, i) => (i % 2 === 0 ? -1 : 3));
      feeder.copy(
        memory,
        inputs,
        packed(layout.name, { type: "dense", values }, 2),
        0,
        2,
        drawOf(),
      );
      expect(view(bitsInput(layout))).toEqual([...values].map((value) => (value === 3 ? 1 : 0)));
      if (beside) expect(view(rowsInput(layout))).toEqual([...values]);
    }
  });

  test("two images have bits of their own", () => {
    const schema = schemaOf(dynamic, { ...dynamic, name: "other" });
    const plan = new MemoryPlan();
    const feeder = new Feeder(plan, schema, 64);
    const inputs = new Map<string, Slot>();
    for (const layout of layoutOf(schema)) {
      inputs.set(bitsInput(layout), plan.reserve("uint8", 64 * pixels));
    }
    const memory = plan.allocate();
    const grey: PackedValues = { type: "dense", values: new Uint8Array(64 * pixels).fill(128) };
    const groups = new Map(layoutOf(schema).map(({ name }) => [name, grey]));
    feeder.copy(memory, inputs, { rows: 64, groups, weights: null }, 0, 64, drawOf());
    const [a, b] = [...inputs.values()].map((slot) => [...memory.view(slot)]);
    const equal = a!.filter((bit, i) => bit === b![i]).length / a!.length;
    // Five standard errors around a half.
    expect(Math.abs(equal - 0.5)).toBeLessThan(5 * Math.sqrt(0.25 / a!.length));
  });

  test("each sort of noise has streams of its own, and orders of columns are orders", () => {
    const plan = new MemoryPlan();
    const feeder = new Feeder(plan, schemaOf(real("x")), 40);
    const names = [
      ...[noiseInput("normal"), noiseInput("normal", 1)],
      ...[noiseInput("uniform"), noiseInput("uniform", 1)],
      noiseInput("permutation"),
    ];
    const inputs = new Map<string, Slot>(
      names.map((name, i) => [name, plan.reserve(i < 4 ? "float32" : "int32", 40 * 3)]),
    );
    const memory = plan.allocate();
    feeder.noise(memory, inputs, 37, drawOf());
    const drawn = names.map((name) => [...memory.view(inputs.get(name)!)]);
    expect(new Set(drawn.map(String)).size).toBe(5);
    expect(drawn[2]!.every((value) => value >= 0 && value < 1)).toBe(true);
    const places = drawn[4]!;
    const column = (j: number) => places.slice(0, 111).filter((_, i) => i % 3 === j);
    for (const j of [0, 1, 2]) {
      const sorted = column(j).toSorted((x, y) => x - y);
      expect(sorted).toEqual(Array.from({ length: 37 }, (_, i) => 3 * i + j));
    }
    expect(column(0).map((place) => place + 1)).not.toEqual(column(1));
    expect(places.slice(111)).toEqual(new Array(9).fill(0));
  });

  test("noise is drawn anew for rows in place", () => {
    const { layout, feeder, memory, inputs, view } = imageInputs(dynamic, 8);
    const source = packed(layout.name, { type: "dense", values: bytes }, rows);
    feeder.copy(memory, inputs, source, 0, 8, drawOf());
    const [bits, noise] = [view(bitsInput(layout)), view(noiseInput("normal"))];
    feeder.noise(memory, inputs, 8, drawOf({ step: 2 }));
    expect(view(bitsInput(layout))).toEqual(bits);
    expect(view(noiseInput("normal"))).not.toEqual(noise);
    feeder.noise(memory, inputs, 8, drawOf());
    expect(view(noiseInput("normal"))).toEqual(noise);
  });
});

describe("gaps", () => {
  test.each([4, 40])("are 0 in %s floats a row, with and without a mask", (size) => {
    const schema = schemaOf(vector("v", size));
    const [layout] = layoutOf(schema);
    const values = Float32Array.from({ length: 6 * size }, (_, i) => (i % 11 === 5 ? gap : i));
    const source = packed(layout!.name, { type: "dense", values }, 6);
    for (const masks of [true, false]) {
      const { feeder, memory, inputs, rows: filled } = inputsOf(schema, 4, masks);
      feeder.copy(memory, inputs, source, 0, 4, drawOf());
      feeder.copy(memory, inputs, source, 2, 5, drawOf());
      const there = (value: number) => (Number.isNaN(value) ? 0 : 1);
      const zero = (value: number) => (Number.isNaN(value) ? 0 : value);
      for (const [i, row] of filled(3).entries()) {
        const own = [...values.subarray((2 + i) * size, (3 + i) * size)];
        expect(row).toEqual([...own.map(zero), ...(masks ? own.map(there) : []), 1]);
      }
    }
  });

  test("a mask of an earlier batch does not stay", () => {
    const schema = schemaOf(vector("v", 40), categorical("c", ["a"]));
    const [wide, levels] = layoutOf(schema);
    const groups = (value: number, code: number) => ({
      rows: 1,
      groups: new Map<string, PackedValues>([
        [wide!.name, { type: "dense", values: new Float32Array(40).fill(value) }],
        [levels!.name, { type: "dense", values: Int32Array.of(code) }],
      ]),
      weights: null,
    });
    const { feeder, memory, inputs } = inputsOf(schema, 1);
    const mask = () =>
      [wide!, levels!].map((group) => memory.view(inputs.get(maskInput(group))!)[0]);
    feeder.copy(memory, inputs, groups(gap, MISSING), 0, 1, drawOf());
    expect(mask()).toEqual([0, 0]);
    feeder.copy(memory, inputs, groups(2, 0), 0, 1, drawOf());
    expect(mask()).toEqual([1, 1]);
  });
});

test("inputs that a graph lacks are left alone, and weights are ones without any", () => {
  const schema = schemaOf(real("x"));
  const [layout] = layoutOf(schema);
  const plan = new MemoryPlan();
  const feeder = new Feeder(plan, schema, 3);
  const inputs = new Map<string, Slot>([[WEIGHTS, plan.reserve("float32", 3)]]);
  const memory = plan.allocate();
  const source = packed(layout!.name, { type: "dense", values: Float32Array.of(1, 2, 3) }, 3);
  feeder.copy(memory, inputs, source, 0, 3, drawOf());
  expect([...memory.view(inputs.get(WEIGHTS)!)]).toEqual([1, 1, 1]);
  feeder.copy(memory, inputs, { ...source, weights: Float32Array.of(5, 6, 7) }, 1, 3, drawOf());
  expect([...memory.view(inputs.get(WEIGHTS)!)]).toEqual([6, 7, 1]);
});
