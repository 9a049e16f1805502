// Rows into a graph's inputs: gathered in any order, and bits drawn with the pixels' brightness.
import { describe, expect, test } from "vitest";
import { type BatchDraw, Feeder } from "#elbo/data/feeder.js";
import { BITS, NOISE, ROWS } from "#elbo/fields/encoding.js";
import type { Schema } from "#elbo/fields/schema.js";
import { MemoryPlan } from "#elbo/runtime/memory.js";
import { streams } from "#elbo/runtime/random.js";
import type { Slot } from "#elbo/runtime/slots.js";

const pixels = [0, 1, 64, 128, 200, 255];
const schema: Schema = {
  kind: "image",
  fields: [
    {
      ...{ name: "image", kind: "image", role: "data", binarize: "dynamic" },
      ...{ height: 1, width: pixels.length, channels: 1 },
    },
  ],
};
const draw: BatchDraw = { seed: 5, step: 1, noiseStream: streams.posterior, firstRow: 0 };

/** Inputs of `batch` rows, and the feeder that fills them from `rows` equal images. */
function bitsOf(rows: number, batch: number) {
  const plan = new MemoryPlan();
  const values = Uint8Array.from({ length: rows * pixels.length }, (_, i) => pixels[i % 6]!);
  const feeder = new Feeder(plan, schema, { values, rows }, batch, { resident: true });
  const inputs = new Map<string, Slot>([
    [BITS, plan.reserve("uint8", batch * pixels.length)],
    [NOISE, plan.reserve("float32", batch * 2)],
  ]);
  const memory = plan.allocate();
  feeder.load(memory);
  const view = (name: string) => memory.view(inputs.get(name)!);
  return { feeder, memory, inputs, view };
}

describe("dynamic binarisation", () => {
  const rows = 20_000;

  test("each pixel is 1 as often as it is bright", () => {
    const { feeder, memory, inputs, view } = bitsOf(rows, rows);
    feeder.copy(memory, inputs, 0, rows, draw);
    const bits = view(BITS);
    for (const [j, pixel] of pixels.entries()) {
      let ones = 0;
      for (let i = 0; i < rows; i++) ones += bits[i * pixels.length + j]!;
      const p = pixel / 255;
      // Five standard errors; none at all for pixels that are certain.
      expect(Math.abs(ones / rows - p), `${pixel}`).toBeLessThanOrEqual(
        5 * Math.sqrt((p * (1 - p)) / rows),
      );
    }
  });

  test("another step draws other bits, the same step the same, in whatever parts", () => {
    const whole = bitsOf(100, 100);
    whole.feeder.copy(whole.memory, whole.inputs, 0, 100, draw);
    const [bits, noise] = [whole.view(BITS).slice(), whole.view(NOISE).slice()];
    const part = bitsOf(100, 40);
    part.feeder.copy(part.memory, part.inputs, 60, 40, { ...draw, firstRow: 60 });
    expect(part.view(BITS)).toEqual(bits.subarray(60 * pixels.length));
    expect(part.view(NOISE)).toEqual(noise.subarray(120));
    whole.feeder.copy(whole.memory, whole.inputs, 0, 100, { ...draw, step: 2 });
    expect(whole.view(BITS)).not.toEqual(bits);
    expect(whole.view(NOISE)).not.toEqual(noise);
  });
});

test("rows are gathered in the order of their indices", () => {
  const plan = new MemoryPlan();
  const table: Schema = {
    kind: "table",
    fields: ["a", "b"].map((name) => ({
      ...{ name, kind: "real", role: "data", mean: 0, standardDeviation: 1 },
    })),
  };
  const values = Float32Array.of(0, 1, 10, 11, 20, 21, 30, 31);
  const feeder = new Feeder(plan, table, { values, rows: 4 }, 3, { resident: true });
  const inputs = new Map([[ROWS, plan.reserve("float32", 6)]]);
  const memory = plan.allocate();
  feeder.load(memory);
  feeder.gather(memory, inputs, Uint32Array.of(3, 1, 0, 2), [1, 4], draw);
  expect([...memory.view(inputs.get(ROWS)!)]).toEqual([10, 11, 0, 1, 20, 21]);
});
